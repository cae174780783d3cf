"""A deployment as deploy/ describes it, on this machine: nginx, two nodes, PostgreSQL and Valkey.

The files of deploy/ are used as they are; only ports and paths in them are exchanged.
"""

import json
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import time
import urllib.request
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import websockets

from tests.conftest import COMMAND, ROOT
from tests.free_ports import free_port

DEPLOY = ROOT / "deploy"
SITE = "chat.example.com"
ORIGIN = f"https://{SITE}"
NEW_ASSET = "assets/of-the-next-release.js"
START_SECONDS = 90


def exchanged(text, *pairs):
    """A file of deploy/ with ports and paths of this run; everything named must be there."""
    for old, new in pairs:
        assert old in text, f"deploy/ no longer says {old!r}"
        text = text.replace(old, new)
    return text


def until(look, what, seconds=30):
    """Ask again until there is an answer that is not empty.

    Tries are counted, not seconds: a machine that stood still for a while uses up none.
    """
    for _ in range(seconds * 20):
        with suppress(OSError, httpx.TransportError):
            if found := look():
                return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def free_ports(count):
    """Ports that nobody listens on, all different."""
    ports = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)


@dataclass
class Node:
    """One `shopkeeper serve`, started as the unit file starts it.

    Attributes:
        command: of shopkeeper@.service, for this node's port.
    """

    port: int
    command: list
    environment: dict
    log: Path
    process: subprocess.Popen | None = None

    def launch(self):
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=ROOT, stdout=sink, stderr=sink
            )

    def wait_until_ready(self):
        def is_ready():
            assert self.process.poll() is None, self.log.read_text("utf-8")
            return self.standing()["ready"]

        until(is_ready, f"node {self.port} to be ready", START_SECONDS)

    def standing(self):
        return self.ask("/readyz")

    def ask(self, path, cookie=""):
        """Ask this node itself, without the proxy."""
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, headers={"Cookie": cookie})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def ask_to_end(self):
        self.process.send_signal(signal.SIGTERM)

    def wait_until_ended(self):
        return self.process.wait(timeout=40)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def node_command(port):
    """The command of the unit for several nodes, run by this environment's program."""
    unit = (DEPLOY / "systemd/shopkeeper@.service").read_text("utf-8")
    line = re.search(r"^ExecStart=(.+)$", unit, re.MULTILINE)[1]
    command = exchanged(line, ("/opt/shopkeeper/.venv/bin/shopkeeper", COMMAND), ("%i", str(port)))
    return shlex.split(command)


def settings_file(folder, state, database_url, redis_url):
    """deploy/systemd/shopkeeper.toml with this run's folders and services."""
    text = exchanged(
        (DEPLOY / "systemd/shopkeeper.toml").read_text("utf-8"),
        ("/srv/shopkeeper/shop", str(ROOT / "demo_shop")),
        ("/opt/shopkeeper/web_widget/dist", str(ROOT / "web_widget/dist")),
        ("/var/lib/shopkeeper", str(state)),
        ("/var/cache/shopkeeper", str(folder / "weights")),
        ("postgresql+psycopg://shopkeeper:PASSWORD@127.0.0.1/shopkeeper", database_url),
        ("redis://127.0.0.1:6379/0", redis_url),
        ("# database_url", "database_url"),
        ("# redis_url", "redis_url"),
    )
    file = folder / "shopkeeper.toml"
    file.write_text(text, encoding="utf-8")
    return file


def pages_of_the_next_release(folder):
    """The built pages, and one file that this release does not have."""
    pages = folder / "pages-of-the-next-release"
    shutil.copytree(ROOT / "web_widget/dist", pages)
    (pages / NEW_ASSET).write_text("export {};", encoding="utf-8")
    return pages


def certificate(folder):
    """A certificate for the site that nobody but this test believes."""
    files = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", f"/CN={SITE}", "-addext", f"subjectAltName=DNS:{SITE}",
         "-out", str(files[0]), "-keyout", str(files[1])],
        check=True, capture_output=True,
    )  # fmt: skip
    return files


def proxy_files(folder, port, plain_port, nodes, files):
    """deploy/nginx/shopkeeper.conf, included as Debian's nginx.conf includes it."""
    text = exchanged(
        (DEPLOY / "nginx/shopkeeper.conf").read_text("utf-8"),
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl;\n", ""),
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("127.0.0.1:8081", f"127.0.0.1:{nodes[0].port}"),
        ("127.0.0.1:8082", f"127.0.0.1:{nodes[1].port}"),
        ("/etc/letsencrypt/live/chat.example.com/fullchain.pem", str(files[0])),
        ("/etc/letsencrypt/live/chat.example.com/privkey.pem", str(files[1])),
    )
    (folder / "shopkeeper.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"  {kind}_temp_path {folder}/{kind};" for kind in kinds)
    main = folder / "nginx.conf"
    main.write_text(
        f"""{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  add_header X-Node $upstream_addr always;
{places}
  include {folder}/shopkeeper.conf;
}}
""",
        encoding="utf-8",
    )
    return main


@dataclass
class Deployment:
    """What runs, and the ways to come to it.

    Attributes:
        port, plain_port: of the proxy, https and http.
        passwords: login -> password, as a first start printed them.
    """

    folder: Path
    nodes: list
    port: int
    plain_port: int
    trust: ssl.SSLContext
    database_url: str
    passwords: dict = field(default_factory=dict)

    def socket(self, path, address, **options):
        """A websocket through the proxy, from one of the many addresses of this machine."""
        options = {"origin": ORIGIN, "compression": None, **options}
        return websockets.connect(
            f"wss://{SITE}{path}", host="127.0.0.1", port=self.port, ssl=self.trust,
            local_addr=(address, 0), **options,
        )  # fmt: skip

    def web(self, address, **options):
        """A browser's other requests, through the proxy."""
        transport = httpx.AsyncHTTPTransport(verify=self.trust, local_address=address)
        return httpx.AsyncClient(
            transport=_AsSite(transport), base_url=f"https://127.0.0.1:{self.port}",
            headers={"Host": SITE}, timeout=30, **options,
        )  # fmt: skip

    async def socket_off(self, node, path, address, **options):
        """A websocket that the proxy led to another node than the one named; None is no node.

        The proxy chooses as it likes, so sockets are opened until it chooses so; the others close.
        """
        async with AsyncExitStack() as others:
            for _ in range(20):
                socket = await self.socket(path, address, **options)
                if node_of(socket) != node:
                    return socket
                others.push_async_callback(socket.close)
        raise AssertionError("the proxy never took another node")


def node_of(socket):
    """Which node a websocket leads to, as the proxy of this test tells."""
    return socket.response.headers["X-Node"].split(", ")[-1]  # those before it were down


class _AsSite(httpx.AsyncBaseTransport):
    """Asks for the site's certificate, though the address is a number."""

    def __init__(self, transport):
        self._transport = transport

    async def handle_async_request(self, request):
        request.extensions = {**request.extensions, "sni_hostname": SITE}
        return await self._transport.handle_async_request(request)

    async def aclose(self):
        await self._transport.aclose()
