"""The same nodes behind a real Caddy with deploy/caddy/Caddyfile."""

import asyncio
import dataclasses
import os
import shutil
import subprocess

import pytest
import websockets

from tests.deploy.deployment import DEPLOY, NEW_ASSET, SITE, exchanged, free_ports, until
from tests.deploy.test_proxy import TOO_MANY, knock, knock_often

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def behind_caddy(deployment, tmp_path_factory):
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("no caddy found: install it with your package manager")
    folder = tmp_path_factory.mktemp("caddy")
    (port,) = free_ports(1)
    site = "{$SHOPKEEPER_SITE:chat.example.com} {\n"
    certificate = f"{deployment.folder}/certificate.pem {deployment.folder}/key.pem"
    text = exchanged(
        (DEPLOY / "caddy/Caddyfile").read_text("utf-8"),
        (site, f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}\ttls {certificate}\n"),
    )
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    environment = {
        **os.environ,
        "SHOPKEEPER_SITE": f"https://{SITE}:{port}",
        "SHOPKEEPER_NODES": " ".join(f"127.0.0.1:{node.port}" for node in deployment.nodes),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    with (folder / "printed.log").open("wb") as sink:
        process = subprocess.Popen(
            [caddy, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")],
            env=environment, stderr=sink,
        )  # fmt: skip
    try:
        served = dataclasses.replace(deployment, port=port)
        until(lambda: healthy(served), "Caddy to pass something on")
        yield served
    finally:
        process.terminate()
        process.wait(timeout=20)


def asked(served, path, **headers):
    async def ask():
        async with served.web("127.0.8.9") as web:
            return await web.get(path, headers=headers)

    return asyncio.run(ask())


def healthy(served):
    return asked(served, "/healthz").status_code == 200


def test_behind_caddy_each_address_has_limits_of_its_own_whatever_it_claims(behind_caddy):
    number = iter(range(1000))

    def claiming():
        claimed = {"X-Forwarded-For": f"203.0.113.{next(number)}"}
        return behind_caddy.socket("/ws/shopper", "127.0.8.1", additional_headers=claimed)

    async def work():
        flood = await knock_often(90, claiming)
        return flood, await knock(behind_caddy.socket("/ws/shopper", "127.0.8.2"))

    flood, other = asyncio.run(work())

    assert set(flood) == {0, TOO_MANY}
    assert other == 0


@pytest.mark.parametrize("path", ["/ws/shopper", "/ws/staff"])
def test_behind_caddy_pages_of_other_sites_open_no_socket(behind_caddy, path):
    async def work():
        async with behind_caddy.socket(path, "127.0.8.3", origin="https://evil.example"):
            return 101

    with pytest.raises(websockets.InvalidStatus) as refused:
        asyncio.run(work())
    assert refused.value.response.status_code == 403


def test_behind_caddy_headers_come_once_static_files_are_packed_and_metrics_stay_inside(
    behind_caddy,
):
    widget = asked(behind_caddy, "/widget.js", **{"Accept-Encoding": "gzip"})
    status = asked(behind_caddy, "/api/status", **{"Accept-Encoding": "gzip"})
    inside = [asked(behind_caddy, path) for path in ("/metrics", "/readyz")]

    assert widget.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in status.headers
    for answer in (widget, status):
        for name in ("content-security-policy", "strict-transport-security"):
            assert len(answer.headers.get_list(name)) == 1, name
    assert [answer.status_code for answer in inside] == [404, 404]


def test_behind_caddy_whoever_opens_a_page_of_one_release_gets_its_files_from_the_same_node(
    behind_caddy,
):
    async def work(address):
        async with behind_caddy.web(address) as web:
            return [(await web.get(f"/{NEW_ASSET}")).status_code for _ in range(5)]

    told = [asyncio.run(work(f"127.0.8.{number}")) for number in range(20, 40)]

    assert all(len(set(one)) == 1 for one in told)
    assert {one[0] for one in told} == {200, 404}  # both nodes are asked, each by its own people


def test_behind_caddy_bodies_far_over_the_limit_are_refused_in_words_every_time(behind_caddy):
    async def post(address):
        async with behind_caddy.web(address) as web:
            return await web.post("/api/sign-in", content=b"x" * (2 << 20))

    async def work():
        return [
            answer
            for turn in range(8)
            for answer in await asyncio.gather(
                *(post(f"127.0.8.{40 + 8 * turn + place}") for place in range(8))
            )
        ]

    answers = asyncio.run(work())

    assert {answer.status_code for answer in answers} == {413}
    assert {answer.json()["error"]["code"] for answer in answers} == {"body_too_large"}
