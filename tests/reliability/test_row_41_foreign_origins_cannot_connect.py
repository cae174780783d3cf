"""Row 41: of sixty spellings and more of an origin only our own open a socket or sign in.

The chat lives in a frame of our own origin, so that not even a shop on the list opens a socket: the
list says whose pages may hold that frame, and the browser hears it with the page.

Raw handshakes, because a client library refuses to send most of these.
"""

import socket

import pytest

from tests.bot.server.floor import PASSWORD, open_floor

LISTED = ("https://shop.example", "https://shop.example:8443")
SOCKETS = ("/ws/shopper", "/ws/staff")


def foreign_origins(port: int) -> list[bytes]:
    """Everything that is nearly, or not at all, one of the listed origins or the server's own."""
    near_listed = [
        "https://shop.example/", "https://shop.example\\", "https://Shop.example",
        "HTTPS://shop.example", "https://SHOP.EXAMPLE", "http://shop.example",
        "https://shop.example:443", "https://shop.example:80", "https://shop.example:8444",
        "https://shop.example:08443", "https://shop.example:8443/", "https://shop.example:",
        "https://shop.example.evil.example", "https://evilshop.example", "https://a.shop.example",
        "https://www.shop.example", "https://example", "https://shop", "https://shop.exampl",
        "https://shop.example.", "https://shop..example", "https://.shop.example",
        "https://user@shop.example", "https://shop.example@evil.example",
        "https://user:pw@shop.example", "https://shop.example#x", "https://shop.example?x",
        "https://shop.example%00.evil.example", "https://shop.example%2eevil.example",
        "https://shop.example;evil.example", "https://shop.example,https://evil.example",
        "https://shop.example https://evil.example", "https:/shop.example",
        "https:///shop.example", "https:shop.example", "//shop.example", "shop.example",
        "wss://shop.example", "https://xn--shp-tmc.example", "*", "https://*", "https://*.example",
    ]  # fmt: skip
    elsewhere = [
        "null", "undefined", "None", "file://", "data:text/html,x", "about:blank", "blob:null",
        "chrome-extension://shop.example", "moz-extension://shop.example", "https://evil.example",
        f"http://evil.example:{port}",
    ]  # fmt: skip
    near_own = [
        "http://localhost", "http://127.0.0.1", "http://[::1]", f"https://localhost:{port}",
        f"http://localhost:{port + 1}", f"http://127.0.0.2:{port}", f"http://127.1:{port}",
        f"http://0.0.0.0:{port}", f"http://2130706433:{port}", f"http://localhost:{port}/",
        f"http://LOCALHOST:{port}", f"http://localhost.:{port}", f"ws://localhost:{port}",
        f"http://[0:0:0:0:0:0:0:1]:{port}",
    ]  # fmt: skip
    odd = ["https://sh\u043ep.example".encode(), b"https://shop.example\xff", b""]
    return [origin.encode() for origin in (*near_listed, *elsewhere, *near_own)] + odd


def handshake(port: int, path: str, *origins: bytes) -> int:
    """Ask for a websocket; gives the HTTP status of the answer."""
    head = [
        f"GET {path} HTTP/1.1".encode(),
        f"Host: 127.0.0.1:{port}".encode(),
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"Sec-WebSocket-Version: 13",
        *(b"Origin: " + origin for origin in origins),
    ]
    return status_of(port, b"\r\n".join([*head, b"", b""]))


def sign_in(port: int, *origins: bytes) -> int:
    """Sign in with the right password from a page of this origin; gives the HTTP status."""
    body = b'{"login":"mei","password":"' + PASSWORD.encode() + b'"}'
    head = [
        b"POST /api/sign-in HTTP/1.1",
        f"Host: 127.0.0.1:{port}".encode(),
        b"Content-Type: application/json",
        b"Content-Length: " + str(len(body)).encode(),
        *(b"Origin: " + origin for origin in origins),
    ]
    return status_of(port, b"\r\n".join([*head, b"", body]))


def status_of(port: int, request: bytes) -> int:
    with socket.create_connection(("127.0.0.1", port), 20) as link:
        link.sendall(request)
        answer = b""
        while b"\r\n" not in answer:
            more = link.recv(4096)
            if not more:
                return 0
            answer += more
    return int(answer.split(b" ", 2)[1])


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("origins")
    with open_floor(folder, allowed_origins=LISTED, sign_in_tries=10_000) as floor:
        yield floor.node.port


def test_row_41_foreign_origins_open_no_socket(port, record_property) -> None:
    foreign = [*foreign_origins(port), *(listed.encode() for listed in LISTED)]
    opened = [
        (path, origin)
        for origin in foreign
        for path in SOCKETS
        if handshake(port, path, origin) in (0, 101)
    ]
    assert len(set(foreign)) >= 60
    assert opened == []
    for path in SOCKETS:
        assert handshake(port, path) == 403, "without an origin"
        own, foreign_one = f"http://127.0.0.1:{port}".encode(), b"https://evil.example"
        assert handshake(port, path, own, foreign_one) in (400, 403)
        assert handshake(port, path, foreign_one, own) in (400, 403)
    record_property("origins", len(foreign) + 3)
    record_property("sockets opened by a foreign page", 0)


def test_row_41_our_own_origins_open_their_sockets(port) -> None:
    own = [f"http://{host}:{port}".encode() for host in ("127.0.0.1", "localhost", "[::1]")]
    for path in SOCKETS:
        for origin in own:
            assert handshake(port, path, origin) == 101, (path, origin)


def test_row_41_no_page_but_our_own_signs_in(port) -> None:
    strangers = [*foreign_origins(port), *(listed.encode() for listed in LISTED)]
    let_in = [origin for origin in strangers if sign_in(port, origin) == 200]
    assert let_in == []
    assert sign_in(port, f"http://127.0.0.1:{port}".encode()) == 200
