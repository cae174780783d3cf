"""The only asynchronous code: sockets, pages, REST, and the worker that hands turns over."""
