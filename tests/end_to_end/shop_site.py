"""A shop's own web server, of another origin than the chat's: two names of it are two origins."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ShopSite:
    """Serves pages that a test writes.

    Attributes:
        pages: path -> HTML.
    """

    def __init__(self, port: int, pages: dict[str, str]) -> None:
        self.port = port
        self.pages = pages

    @property
    def shop(self) -> str:
        """The origin that the chat's settings list."""
        return f"http://localhost:{self.port}"

    @property
    def stranger(self) -> str:
        """The same pages under an origin that nobody has listed."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def shop_site() -> Iterator[ShopSite]:
    """Serve until the block ends."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            body = (page or "").encode()
            self.send_response(404 if page is None else 200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads what it would write."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield ShopSite(server.server_port, pages)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
