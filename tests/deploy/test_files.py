"""Everything that the files of deploy/ name exists: settings, commands, paths, ports."""

import re
import shlex
import shutil
import sqlite3
import subprocess
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from bot.server.pages import CHAT_FRAME, PAGES
from bot.server.web_rules import FORM_BYTES, UPLOADS
from bot.settings import PREFIX, Settings, load_settings, unknown_variables
from bot.shell import lazy_group
from bot.transcripts.tables import installation
from tests.conftest import COMMAND, ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
NGINX = (DEPLOY / "nginx/shopkeeper.conf").read_text("utf-8")
CADDY = (DEPLOY / "caddy/Caddyfile").read_text("utf-8")
GUIDE = (ROOT / "docs/deploy.md").read_text("utf-8")
UNITS = sorted((DEPLOY / "systemd").glob("*.service")) + sorted(
    (DEPLOY / "systemd").glob("*.timer")
)
NODES = ("shopkeeper.service", "shopkeeper@.service")
PROGRAM = "/opt/shopkeeper/.venv/bin/shopkeeper"
SETTINGS = set(Settings.model_fields)
COMMANDS = set(lazy_group.OURS) | set(lazy_group.THEIRS)


def files():
    return [path for path in DEPLOY.rglob("*") if path.is_file()]


def unit(name):
    return (DEPLOY / "systemd" / name).read_text("utf-8")


def values(text, key):
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def instructions():
    """The Dockerfile as (word, rest), continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def seconds(text):
    """A duration as compose and nginx write it."""
    amount, unit = re.fullmatch(r"(\d+)(s|m)", text).groups()
    return int(amount) * {"s": 1, "m": 60}[unit]


# -- settings and commands ---------------------------------------------------------------------


@pytest.mark.parametrize("path", [*files(), ROOT / "docs/deploy.md"], ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path):
    named = set(re.findall(rf"\b{PREFIX}([A-Z_]+)\b", path.read_text("utf-8")))

    # Read by the Caddyfile and by nothing of ours.
    named -= {"CONFIG", "SITE", "NODES"}
    assert {name for name in named if name.lower() not in SETTINGS} == set()


@pytest.mark.parametrize("path", [*files(), ROOT / "docs/deploy.md"], ids=lambda path: path.name)
def test_every_command_that_is_named_exists(path):
    text = path.read_text("utf-8")
    named = re.findall(
        r"(?:bin/|[`\"&] ?|run --rm (?:--no-deps )?\w+ |exec )shopkeeper ([a-z]+)", text
    )

    assert set(named) <= COMMANDS


def test_the_settings_of_the_units_are_settings_and_hold_no_secret():
    path = DEPLOY / "systemd/shopkeeper.toml"
    text = path.read_text("utf-8")
    settings = load_settings(path, {})
    several = tomllib.loads(
        text.replace("# database_url", "database_url").replace("# redis", "redis")
    )

    assert settings.state_folder == Path("/var/lib/shopkeeper")
    assert settings.secure_cookies
    assert set(several) <= SETTINGS
    assert several["database_url"].startswith("postgresql+psycopg://shopkeeper:PASSWORD@")


def test_the_example_environment_is_understood_and_holds_no_secret(tmp_path):
    lines = (DEPLOY / "shopkeeper.env.example").read_text("utf-8").splitlines()
    pairs = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings = load_settings(None, {k: v for k, v in pairs.items() if k.startswith(PREFIX)})

    assert unknown_variables(pairs) == []
    assert settings.public_url == "https://" + pairs["CHAT_SITE"]
    assert settings.allowed_origins == ("https://www.example.com",)
    assert pairs["POSTGRES_PASSWORD"] == pairs["SHOPKEEPER_WEBHOOK_SECRET"] == ""


# -- systemd -----------------------------------------------------------------------------------


def test_the_units_are_sound_and_keep_the_program_small(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze found: install systemd with your package manager")
    names = []
    for path in UNITS:
        name = path.name.replace("@", "@8082")
        (tmp_path / name).write_text(path.read_text("utf-8").replace(PROGRAM, COMMAND), "utf-8")
        names.append(str(tmp_path / name))

    verified = subprocess.run(
        [analyze, "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )
    ours = [line for line in verified.stderr.splitlines() if "shopkeeper" in line]
    assert (verified.returncode, ours) == (0, []), verified.stderr
    for name in names:
        if name.endswith(".service"):
            rated = subprocess.run(
                [analyze, "security", "--offline=yes", "--threshold=20", name],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert rated.returncode == 0, rated.stdout[-200:]


@pytest.mark.parametrize("name", NODES)
def test_a_node_has_time_to_end_in_order(name):
    text = unit(name)

    assert values(text, "KillSignal") == ["SIGTERM"]
    assert int(values(text, "TimeoutStopSec")[0].rstrip("s")) > Settings().exit_seconds
    assert int(values(text, "LimitNOFILE")[0]) >= 65536
    assert values(text, "NoNewPrivileges") == ["yes"]
    assert values(text, "ProtectSystem") == ["strict"]


def test_both_units_differ_in_their_port_and_words_alone():
    one, many = (unit(name).splitlines() for name in NODES)
    changed = [(a, b) for a, b in zip(one[2:], many[4:], strict=True) if a != b]

    assert [b.split("=")[0] for _, b in changed] == ["Description", "ExecStart"]
    assert changed[1][1] == f"ExecStart={PROGRAM} serve --port %i"


def test_what_the_units_write_is_where_the_settings_say():
    text = unit("shopkeeper.service")
    settings = load_settings(DEPLOY / "systemd/shopkeeper.toml", {})

    assert Path("/var/lib", values(text, "StateDirectory")[0]) == settings.state_folder
    assert Path("/var/cache", values(text, "CacheDirectory")[0]) == settings.weights_cache
    assert f"{PREFIX}CONFIG=/etc/shopkeeper/shopkeeper.toml" in text


def test_the_backup_unit_makes_a_backup_that_restores(tmp_path):
    state, kept = tmp_path / "shopkeeper", tmp_path / "shopkeeper-backups"
    kept.mkdir()
    old = kept / "shopkeeper-20200101-000000.sqlite3"
    old.touch()
    subprocess.run(["touch", "-d", "15 days ago", str(old)], check=True)
    config = tmp_path / "shopkeeper.toml"
    config.write_text(f'state_folder = "{state}"\nencoder = "hashed"\n', "utf-8")
    environment = {"PATH": "/usr/bin:/bin", f"{PREFIX}CONFIG": str(config)}
    brought = tmp_path / "faq.csv"
    brought.write_text("question,answer\nDo you ship?,Yes.\n", "utf-8")

    def run(*command):
        done = subprocess.run(
            command, cwd=kept, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run(COMMAND, "knowledge", "import", str(brought), "--publish")
    run(COMMAND, "staff", "add", "mei")
    for line in values(unit("shopkeeper-backup.service"), "ExecStart"):
        line = line.replace(PROGRAM, COMMAND).replace("%%", "%")
        line = line.replace("/var/lib/shopkeeper", str(tmp_path / "shopkeeper"))
        run(*shlex.split(line))

    (copy,) = kept.glob("*.sqlite3")
    (knowledge,) = kept.glob("*.tar.gz")
    assert not old.exists()
    shutil.rmtree(state)
    state.mkdir()
    run(COMMAND, "restore", str(copy))
    run("tar", "--extract", "--file", str(knowledge), "--directory", str(state))
    with closing(sqlite3.connect(state / "shopkeeper.sqlite3")) as restored:
        assert restored.execute("SELECT login FROM staff").fetchall() == [("mei",)]
    version = (state / "knowledge/current").read_text("utf-8").strip()
    assert (state / "knowledge/versions" / version / "entries.jsonl").is_file()


# -- the proxies -------------------------------------------------------------------------------


def test_the_proxies_are_more_patient_than_the_nodes():
    settings = Settings()
    patience = {
        seconds(value) for value in re.findall(r"proxy_(?:read|send)_timeout (\w+);", NGINX)
    }

    assert min(patience) >= 3 * settings.tick_seconds
    assert "proxy_buffering off;" in NGINX
    assert "proxy_request_buffering off;" in NGINX


def test_the_proxies_let_through_what_the_nodes_take():
    settings = Settings()
    ordinary, upload = re.findall(r"client_max_body_size (\d+)m;", NGINX)

    assert settings.body_bytes < int(ordinary) << 20 < 4 << 20
    # Room for a file just over the limit, so that the node can say so.
    assert settings.upload_bytes + 2 * FORM_BYTES < int(upload) << 20 < settings.upload_bytes * 2
    (large,) = re.findall(r"location ~ (\S+) \{\s*client_max_body_size", NGINX)
    assert all(re.search(large, path) for path in UPLOADS)
    assert not re.search(large, "/api/knowledge/uploads/x/publish")
    assert not re.search(r"^\s*request_body", CADDY, re.MULTILINE)


@pytest.mark.parametrize("text", [NGINX, CADDY], ids=["nginx", "caddy"])
def test_the_proxies_add_no_header_of_the_nodes_and_stick_to_no_node(text):
    assert not re.search(r"^\s*(add_header|header) ", text, re.MULTILINE)
    talks = re.sub(r"reverse_proxy @pages .*?\n\t\}\n", "", text, flags=re.DOTALL)
    assert not re.search(
        r"^\s*(ip_hash|hash |sticky|lb_policy (ip_hash|cookie))", talks, re.MULTILINE
    )
    assert "least_conn" in text
    assert "/metrics" in text or "metrics|readyz" in text


def test_caddy_asks_one_node_for_a_page_and_the_files_that_it_names():
    (paths,) = re.findall(r"@pages path (.+)", CADDY)

    assert {*PAGES, CHAT_FRAME, "/assets/*", "/widget.*", "*.svg"} == set(paths.split())


def test_caddy_takes_its_file():
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("no caddy found: install it with your package manager")
    told = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", "deploy/caddy/Caddyfile"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stderr


# -- containers --------------------------------------------------------------------------------


def test_everything_that_the_image_copies_exists_and_is_not_ignored():
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = [rest.split() for word, rest in instructions() if word == "COPY"]
    sources = [
        source for words in copied if not words[0].startswith("--from") for source in words[:-1]
    ]

    assert len(sources) >= 10
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source.rstrip("/").split("/")[0] in allowed, source
    for name in allowed:
        assert (ROOT / name).exists(), name


def test_stages_that_are_copied_from_exist():
    stages = {rest.split(" AS ")[1] for word, rest in instructions() if " AS " in rest}
    froms = {word for rest in DOCKERFILE.splitlines() for word in re.findall(r"--from=(\w+)", rest)}

    assert froms == stages == {"pages", "program"}


def test_the_image_runs_a_command_of_ours_as_nobody_in_particular():
    by_word = dict(instructions())
    environment = dict(shlex.split(by_word["ENV"])[i].split("=", 1) for i in range(13))
    settings = load_settings(None, {k: v for k, v in environment.items() if k.startswith(PREFIX)})

    assert by_word["ENTRYPOINT"] == '["shopkeeper"]'
    assert by_word["CMD"] == '["serve"]'
    assert by_word["USER"] == "10001:10001"
    assert int(by_word["EXPOSE"]) == settings.port
    assert str(settings.state_folder) in by_word["VOLUME"]
    assert str(settings.weights_cache) in by_word["VOLUME"]
    assert "/healthz" in by_word["HEALTHCHECK"]
    python = re.search(r"FROM python:(3\.\d+)", DOCKERFILE)[1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"].startswith(f">={python},")


def test_the_installed_program_has_every_file_that_it_reads(tmp_path):
    """The image installs a wheel: what is not in it is missing there, though never here."""
    copy = tmp_path / "source"
    for name in ("bot", "knowledge_base", "training"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, copy)
    build = "from setuptools import setup; setup()"
    subprocess.run(
        [Path(COMMAND).parent / "python", "-c", build, "--quiet", "build", "--build-lib", "built"],
        cwd=copy, check=True, capture_output=True,
    )  # fmt: skip

    def contents(folder):
        return {
            path.relative_to(folder).as_posix()
            for name in ("bot", "knowledge_base", "training")
            for path in (folder / name).rglob("*")
            if path.is_file() and path.suffix not in (".md", ".png", ".pyc")
        }

    assert contents(copy) - contents(copy / "built") - reports(copy) == set()


def reports(folder):
    """What training wrote for people; no program reads it."""
    return {
        path.relative_to(folder).as_posix() for path in (folder / "training/reports").rglob("*")
    }


def test_every_service_is_held_tightly_and_its_names_lead_somewhere():
    services = COMPOSE["services"]
    nodes = {
        name: services[name] for name in ("setup", "setup-several", "node", "node-a", "node-b")
    }

    for name, service in services.items():
        assert set(service["profiles"]) <= {"one", "several"}, name
        for other in service.get("depends_on", {}):
            assert set(service["profiles"]) <= set(services[other]["profiles"]), (name, other)
        for volume in service["volumes"] if "volumes" in service else ():
            source = volume.split(":")[0]
            named = source in COMPOSE["volumes"]
            assert named or source.startswith("${") or (DEPLOY / source).exists(), volume
    for name, node in nodes.items():
        assert node["read_only"] is True, name
        assert node["cap_drop"] == ["ALL"]
        assert (DEPLOY / node["build"]["context"] / node["build"]["dockerfile"]).is_file()
        assert seconds(node["stop_grace_period"]) > Settings().exit_seconds
        assert "ports" not in node
    assert not [name for name in services if "ports" in services[name] and "proxy" not in name]


def test_compose_gives_nodes_settings_that_are_understood():
    services = COMPOSE["services"]
    address = COMPOSE["services"]["proxy"]["networks"]["inside"]["ipv4_address"]
    for name in ("node", "node-a", "node-b"):
        settings = load_settings(None, services[name]["environment"])
        assert settings.trusted_proxies == (address,)
        mounted = [re.search(r":(/\w+)", volume)[1] for volume in services[name]["volumes"]]
        assert mounted == [str(settings.shop_folder), "/state", "/weights"]
    assert services["setup"]["environment"] == services["node"]["environment"]
    for name in ("setup-several", "node-a", "node-b"):
        assert "redis://valkey:6379" in services[name]["environment"]["SHOPKEEPER_REDIS_URL"]
        assert "@postgres/shopkeeper" in services[name]["environment"]["SHOPKEEPER_DATABASE_URL"]


def test_the_proxy_of_compose_asks_the_nodes_there_are_on_their_port():
    services = COMPOSE["services"]
    for proxy, nodes in (("proxy-one", ["node"]), ("proxy", ["node-a", "node-b"])):
        named = services[proxy]["environment"]["SHOPKEEPER_NODES"].split()
        assert named == [f"{node}:8080" for node in nodes]
        assert set(services[proxy]["depends_on"]) == set(nodes)
        read = set(re.findall(r"\{\$(\w+)", CADDY))
        assert read == set(services[proxy]["environment"])


def test_compose_starts_with_commands_that_exist():
    for setup in ("setup", "setup-several"):
        entrypoint = COMPOSE["services"][setup]["entrypoint"][-1]

        assert re.findall(r"shopkeeper (\w+)", entrypoint) == ["models", "prepare"]
        assert set(re.findall(r"shopkeeper (\w+)", entrypoint)) <= COMMANDS


def test_what_is_set_up_reaches_the_nodes_that_wait_for_it():
    services = COMPOSE["services"]
    for node in ("node", "node-a", "node-b"):
        (setup,) = [name for name in services[node]["depends_on"] if name.startswith("setup")]

        assert services[setup]["environment"] == services[node]["environment"]
        assert services[setup]["volumes"] == services[node]["volumes"]


# -- the guide ---------------------------------------------------------------------------------


def test_the_guide_names_files_that_exist():
    named = set(re.findall(r"\bdeploy/[\w./@*-]*\w", GUIDE))

    assert len(named) >= 6
    for name in named:
        assert list(ROOT.glob(name)), name


def test_the_guide_watches_metrics_that_are_measured():
    source = (ROOT / "bot/server/metrics.py").read_text("utf-8")
    measured = set(re.findall(r'"(shopkeeper_\w+)"', source))
    named = set(re.findall(r"`(shopkeeper_[a-z_]+)", GUIDE))

    assert named
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in named} <= measured


def test_the_guide_renames_a_restored_history_where_it_is_kept():
    assert "UPDATE installation SET epoch" in GUIDE
    assert "epoch" in installation.c
