"""What deploy/Dockerfile and compose.yaml run, run here without a container engine.

The program is built as the image builds it and lives in a folder of its own; it starts with the
image's command and environment, in another folder, and is asked by the very health checks.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.deploy.deployment import START_SECONDS, exchanged, free_ports, until
from tests.deploy.test_files import instructions

pytestmark = pytest.mark.timeout(600)

PACKAGES = ("bot", "knowledge_base", "training")
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The installed program, without the tree that it was built from."""
    folder = tmp_path_factory.mktemp("image")
    source = folder / "source"
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    build = "from setuptools import setup; setup()"
    subprocess.run(
        [sys.executable, "-c", build, "--quiet", "build", "--build-lib", str(folder / "built")],
        cwd=source, check=True, capture_output=True,
    )  # fmt: skip
    shutil.rmtree(source)
    return folder / "built"


@pytest.fixture
def container(program, tmp_path):
    """Environment of the image, with its folders and port exchanged for this test's."""
    text = dict(instructions())["ENV"]
    state, weights = tmp_path / "state", tmp_path / "weights"
    for folder in (state, weights, tmp_path / "app"):
        folder.mkdir()
    port = free_ports(1)[0]
    text = exchanged(
        text,
        ("PATH=/opt/shopkeeper/bin:$PATH", "PATH=/usr/bin:/bin"),
        ("HOME=/tmp", f"HOME={tmp_path}"),
        ("0.0.0.0", "127.0.0.1"),
        ("=8080", f"={port}"),
        ("=/app/demo_shop", f"={ROOT / 'demo_shop'}"),
        ("=/app/pages", f"={ROOT / 'web_widget/dist'}"),
        ("=/state", f"={state}"),
        ("=/weights", f"={weights}"),
    )
    environment = dict(pair.split("=", 1) for pair in shlex.split(text))
    # Neither weights nor what is trained is part of the image.
    environment |= {"SHOPKEEPER_ENCODER": "hashed", "SHOPKEEPER_GENERATOR": "off"}
    return {**environment, "PYTHONPATH": str(program)}, port


def command(*words):
    """The image's entrypoint; its script is this line."""
    return [sys.executable, "-P", "-c", "from bot.cli import main; main()", *words]


def health_checks():
    """The Dockerfile's and those of the nodes of compose, as lists of words after CMD."""
    of_image = re.search(r"CMD (\[.*\])", dict(instructions())["HEALTHCHECK"])[1]
    return [
        yaml.safe_load(of_image),
        *(COMPOSE["services"][name]["healthcheck"]["test"][1:] for name in ("node", "node-a")),
    ]


def test_the_program_of_the_image_serves_is_healthy_and_ends_in_order(container, tmp_path):
    environment, port = container
    began = {"env": environment, "cwd": tmp_path / "app"}
    where = subprocess.run(
        [sys.executable, "-P", "-c", "import bot; print(bot.__file__)"],
        capture_output=True, text=True, check=True, **began,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(environment["PYTHONPATH"])
    faq = tmp_path / "faq.csv"
    faq.write_text("question,answer\nDo you ship?,Yes.\n", "utf-8")
    subprocess.run(
        command("knowledge", "import", str(faq), "--publish"), check=True, capture_output=True,
        **began,
    )  # fmt: skip
    checks = [
        [sys.executable, *(word.replace(":8080/", f":{port}/") for word in check[1:])]
        for check in health_checks()
    ]

    def healthy(check):
        return subprocess.run(check, capture_output=True, env=environment).returncode == 0

    assert not any(map(healthy, checks)), "healthy before it runs"
    with (tmp_path / "log").open("w") as log:
        node = subprocess.Popen(command("serve"), stdout=log, stderr=log, **began)
    try:
        for check in checks:
            until(lambda check=check: healthy(check), f"health: {check[-1]}", START_SECONDS // 20)
        node.send_signal(signal.SIGTERM)
        assert node.wait(40) == 0
    finally:
        if node.poll() is None:
            node.kill()
            node.wait()
    assert not any(map(healthy, checks)), "healthy after its end"
    written = {path.name for path in (tmp_path / "app").iterdir()}
    assert written == set(), "something was written outside the volumes"
    assert not os.listdir(environment["SHOPKEEPER_WEIGHTS_CACHE"])
