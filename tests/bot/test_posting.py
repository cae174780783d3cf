import http.client
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest

from bot.posting import HttpAddress, Target, post, resolved

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def answering(*parts, drips=False):
    """A program that takes one request and says these parts, the last one over and over."""
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            link, _ = server.accept()
            with link:
                link.recv(65_536)
                try:
                    for part in parts:
                        link.sendall(part)
                    while drips and not closing.wait(0.01):
                        link.sendall(parts[-1])
                except OSError:
                    pass  # it was cut off, as it should be

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        closing.set()
        thread.join()


def asked(port, *, tls=None, targets=None, seconds=5.0):
    to = HttpAddress("127.0.0.1", port, "/hook", tls is not None)
    where = targets or resolved("127.0.0.1", port)
    return post(to, where, b"{}", {}, tls=tls, seconds=seconds, most_bytes=100)


def test_the_answer_is_given_with_its_status():
    with answering(OK) as port:
        assert asked(port) == (200, b"ok")


def test_of_a_long_answer_only_the_beginning_is_read():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with answering(head, b"x" * 1000) as port:
        assert asked(port) == (200, b"x" * 100)


@pytest.mark.parametrize("said", [b"hello\r\n\r\n", b"\x00\xff" * 20 + b"\r\n", b""])
def test_whoever_speaks_another_protocol_gives_no_answer(said):
    with answering(said) as port, pytest.raises((OSError, http.client.HTTPException)):
        asked(port)


@pytest.mark.parametrize("begun", [b"H", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_whoever_drips_is_cut_off(begun):
    with (
        answering(begun, b"x", drips=True) as port,
        pytest.raises((OSError, http.client.HTTPException)),
    ):
        asked(port, seconds=0.2)


def test_whoever_drips_while_the_key_is_agreed_on_is_cut_off():
    long_record = b"\x16\x03\x03\x40\x00"
    with answering(long_record, b"\x02", drips=True) as port, pytest.raises(OSError):
        asked(port, tls=ssl.create_default_context(), seconds=0.2)


def test_the_next_address_of_a_name_is_tried_where_nobody_listens_at_the_first():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()
    with answering(OK) as port:
        targets = [Target(socket.AF_INET, closed), Target(socket.AF_INET, ("127.0.0.1", port))]
        assert asked(port, targets=targets) == (200, b"ok")
    with pytest.raises(OSError):
        asked(1, targets=targets[:1])


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://a.example", HttpAddress("a.example", 80, "/", False)),
        ("https://a.example/x?y=1#z", HttpAddress("a.example", 443, "/x?y=1", True)),
        ("http://[::1]:8080/x", HttpAddress("::1", 8080, "/x", False)),
    ],
)
def test_an_address_is_taken_apart(url, address):
    assert HttpAddress.of(url) == address


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a", "https://me:secret@a", "https:///x", "http://a:x", ""]
)
def test_what_is_no_http_address_is_refused(url):
    with pytest.raises(ValueError):
        HttpAddress.of(url)
