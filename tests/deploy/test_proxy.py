"""What comes through nginx, and what must not: addresses, origins, sizes, headers."""

import asyncio
import json

import httpx
import pytest
import websockets

from bot.server.web_rules import FORM_BYTES
from bot.settings import Settings
from tests.deploy.deployment import NEW_ASSET, ORIGIN, SITE
from tests.deploy.page import inbox

pytestmark = pytest.mark.services

TOO_MANY = 4100
SHOP = "https://www.example.com"  # allowed_origins of deploy/systemd/shopkeeper.toml


async def knock(opened):
    """Open one socket and say hello: the code it is closed with, or 0 when it is welcome."""
    async with await opened as socket:
        try:
            await socket.send(json.dumps({"type": "hello", "protocol": 1}))
            json.loads(await socket.recv())
        except websockets.ConnectionClosed:
            return socket.close_code
        return 0


async def knock_often(count, open_one):
    return await asyncio.gather(*(knock(open_one()) for _ in range(count)))


def test_one_address_cannot_open_sockets_without_end_and_another_is_not_held_for_it(deployment):
    async def work():
        flood = await knock_often(90, lambda: deployment.socket("/ws/shopper", "127.0.7.1"))
        return flood, await knock(deployment.socket("/ws/shopper", "127.0.7.2"))

    flood, other = asyncio.run(work())

    assert set(flood) == {0, TOO_MANY}
    assert other == 0


def test_an_address_that_a_stranger_claims_for_itself_is_not_believed(deployment):
    """Straight to a node, past the proxy, each time under another name."""
    port = deployment.nodes[0].port
    number = iter(range(1000))

    def open_one():
        claimed = {"X-Forwarded-For": f"203.0.113.{next(number)}"}
        return websockets.connect(
            f"ws://127.0.0.1:{port}/ws/shopper", origin=ORIGIN, compression=None,
            local_addr=("127.0.7.3", 0), additional_headers=claimed,
        )  # fmt: skip

    assert set(asyncio.run(knock_often(60, open_one))) == {0, TOO_MANY}


def test_an_address_that_a_client_claims_through_the_proxy_is_thrown_away(deployment):
    number = iter(range(1000))

    def open_one():
        claimed = {"X-Forwarded-For": f"203.0.113.{next(number)}", "Forwarded": "for=203.0.113.9"}
        return deployment.socket("/ws/shopper", "127.0.7.4", additional_headers=claimed)

    assert set(asyncio.run(knock_often(90, open_one))) == {0, TOO_MANY}


@pytest.mark.parametrize("path", ["/ws/shopper", "/ws/staff"])
@pytest.mark.parametrize("origin", ["https://evil.example", SHOP, f"http://{SITE}", None])
def test_pages_of_other_sites_open_no_socket(deployment, path, origin):
    async def work():
        async with deployment.socket(path, "127.0.7.5", origin=origin):
            return 101

    with pytest.raises(websockets.InvalidStatus) as refused:
        asyncio.run(work())
    assert refused.value.response.status_code == 403


def test_the_chats_own_page_opens_sockets(deployment):
    assert asyncio.run(knock(deployment.socket("/ws/shopper", "127.0.7.6", origin=ORIGIN))) == 0


def test_the_shop_may_hold_the_chat_in_a_frame_through_the_proxy_and_nobody_else(deployment):
    async def work():
        async with deployment.web("127.0.7.13") as web:
            return await web.get("/chat-frame"), await web.get("/inbox")

    chat, inbox_page = asyncio.run(work())

    assert f"frame-ancestors 'self' {SHOP};" in chat.headers["content-security-policy"]
    assert "x-frame-options" not in chat.headers
    assert inbox_page.headers["x-frame-options"] == "DENY"


def test_a_request_that_changes_something_from_another_sites_page_is_refused(deployment):
    async def work():
        async with deployment.web("127.0.7.7") as web:
            return await web.post(
                "/api/sign-in", json={"login": "staff", "password": "x" * 12},
                headers={"Origin": "https://evil.example"},
            )  # fmt: skip

    assert asyncio.run(work()).status_code == 403


def test_cookies_are_for_https_and_this_host_alone(deployment):
    async def work():
        async with inbox(deployment, "staff", "127.0.7.8") as mei:
            return mei.cookie

    assert asyncio.run(work()).startswith("__Host-shopkeeper=")


def test_plain_http_leads_to_https(deployment):
    answer = httpx.get(
        f"http://127.0.0.1:{deployment.plain_port}/inbox?a=b", headers={"Host": SITE}
    )

    assert answer.status_code == 301
    assert answer.headers["location"] == f"{ORIGIN}/inbox?a=b"


@pytest.mark.parametrize("path", ["/inbox", "/widget.js", "/chat-frame", "/api/status", "/healthz"])
def test_every_security_header_comes_once(deployment, path):
    async def work():
        async with deployment.web("127.0.7.9") as web:
            return await web.get(path)

    answer = asyncio.run(work())

    assert answer.status_code == 200
    for name in (
        "content-security-policy", "x-content-type-options", "referrer-policy",
        "strict-transport-security", "cross-origin-opener-policy", "permissions-policy",
    ):  # fmt: skip
        assert len(answer.headers.get_list(name)) == 1, name
    assert "/" not in answer.headers.get("server", "")


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/metrics?a=b", "/%6Detrics"])
def test_what_is_for_monitoring_is_not_for_everybody(deployment, path):
    async def work():
        async with deployment.web("127.0.7.10") as web:
            return await web.get(path)

    assert asyncio.run(work()).status_code == 404


def test_a_page_of_one_release_gets_its_files_though_the_other_node_has_them_not(deployment):
    async def work():
        async with deployment.web("127.0.7.13") as web:
            found = [await web.get(f"/{NEW_ASSET}") for _ in range(6)]
            return found, await web.get("/assets/of-no-release.js")

    found, nowhere = asyncio.run(work())

    assert [answer.status_code for answer in found] == [200] * 6
    assert nowhere.status_code == 404


def test_the_widget_is_compressed_and_asked_for_again_costs_nothing(deployment):
    async def work():
        async with deployment.web("127.0.7.11") as web:
            packed = await web.get("/widget.js", headers={"Accept-Encoding": "gzip"})
            plain = await web.get("/widget.js", headers={"Accept-Encoding": "identity"})
            again = await web.get(
                "/widget.js",
                headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]},
            )
            told = await web.get("/api/status", headers={"Accept-Encoding": "gzip"})
            return packed, plain, again, told

    packed, plain, again, told = asyncio.run(work())

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert again.status_code == 304
    assert "content-encoding" not in told.headers


def test_a_body_over_the_nodes_limit_is_refused_in_words_and_one_far_over_it_by_the_proxy(
    deployment,
):
    limit = Settings().body_bytes

    async def work():
        async with deployment.web("127.0.7.12") as web:
            ours = await web.post("/api/sign-in", content=b"x" * (limit + 1))
            proxys = await web.post("/api/sign-in", content=b"x" * (2 << 20))
            return ours, proxys

    ours, proxys = asyncio.run(work())

    assert ours.status_code == proxys.status_code == 413
    assert ours.json()["error"]["code"] == "body_too_large"
    assert "text/html" in proxys.headers["content-type"]


def test_the_largest_file_that_a_node_takes_comes_through(deployment):
    limit = Settings().upload_bytes

    async def work():
        async with inbox(deployment, "admin", "127.0.7.13") as boss:
            headers = {"X-CSRF-Token": boss.csrf}
            content = b"\0" * limit
            return [
                await boss.web.post(
                    "/api/knowledge/uploads", headers=headers,
                    files={"file": ("large.csv", content + more)},
                )
                for more in (b"", b"\0" * (FORM_BYTES + 1))
            ]  # fmt: skip

    taken, over = asyncio.run(work())

    assert taken.status_code == 400, taken.text  # taken whole; it only is no file of questions
    assert over.status_code == 413
    assert over.json()["error"]["code"] == "body_too_large"
