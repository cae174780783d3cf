"""The pages of docs/ say what the program does; each is compared with the program."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from bot.conversation.errors import RefusalCode
from bot.conversation.events import EventKind
from bot.errors import NotNow
from bot.server import (
    api_admin,
    api_desk,
    api_figures,
    api_knowledge,
    api_public,
    api_records,
    api_staff,
    api_training,
    audience,
    frames,
    wire,
)
from bot.server.access import routes_of
from bot.server.pages import Pages, page_routes
from bot.shell import lazy_group

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
WIRE = (DOCS / "wire.md").read_text(encoding="utf-8")
API = (DOCS / "api.md").read_text(encoding="utf-8")
SHELL = (DOCS / "shell.md").read_text(encoding="utf-8")


def section(page, title):
    """The text between a heading and the next of the same or a higher level."""
    start = page.index(title)
    level = len(title) - len(title.lstrip("#"))
    following = re.compile(rf"\n#{{1,{level}}} ").search(page, start + 1)
    return page[start : following.start() if following else len(page)]


def rows(page, title):
    """The rows of the table under a heading: first cell without ticks -> whole row."""
    found = {}
    for line in section(page, title).splitlines():
        if line.startswith("| ") and not line.startswith("|---"):
            cells = line.strip("|").split("|")
            for name in re.findall(r"`(\w+)`", cells[0]) or [cells[0].strip()]:
                found[name] = line
    return found


@pytest.mark.parametrize(
    ("title", "known"),
    [("### From the widget", frames.SHOPPER_FRAMES), ("### From the inbox", frames.STAFF_FRAMES)],
)
def test_every_frame_that_may_come_in_is_documented_with_its_fields(title, known):
    documented = rows(WIRE, title)

    assert set(known) == set(documented) - {"type"}
    for name, model in known.items():
        for field in set(model.model_fields) - {"type"}:
            assert f"`{field}`" in documented[name], f"{name}.{field}"


def test_every_frame_that_goes_out_is_documented():
    sources = Path(wire.__file__).parent.glob("*.py")
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    sent = set(re.findall(r'\bself\.send\(\s*"(\w+)"', code))
    sent |= set(re.findall(r'\.send\("(\w+)"', code)) | set(re.findall(r'"type": "(\w+)"', code))
    documented = rows(WIRE, "### From the server") | {}
    staff = WIRE[WIRE.index("## Staff socket") :]
    documented |= rows(staff, "### From the server")

    assert sent - {"http", "websocket"} <= set(documented), sent - set(documented)


def test_every_close_code_is_documented():
    codes = {
        value
        for name, value in vars(wire).items()
        if name.isupper() and isinstance(value, int) and value > 1000 and value < 5000
    }

    documented = {int(name) for name in rows(WIRE, "## Close codes") if name.isdigit()}
    assert codes | {1009, 1011, 1013} == documented


def test_every_code_of_a_refusal_is_documented():
    documented = set(rows(WIRE, "## Errors (`refused.code`)")) - {"code"}
    core = set(RefusalCode.__args__)
    of_routes = {"wrong_sign_in", "not_wiped", "clock_ahead"}
    assert all(f"`{code}`" in API for code in of_routes)
    sockets = Path(wire.__file__).parent
    files = ("wire", "connection", "shopper_connection", "staff_connection", "refusals", "sign_in")
    code = "\n".join((sockets / f"{name}.py").read_text(encoding="utf-8") for name in files)
    ours = set(re.findall(r'code="(\w+)"', code)) - of_routes | {NotNow.code}

    assert core | ours | {"forbidden", "rate_limited"} <= documented
    assert documented - core - ours == {"forbidden", "rate_limited"}


def test_every_kind_of_event_is_documented():
    for kind in (*EventKind, audience.PRIVATE):
        assert f"`{kind}`" in WIRE


def test_every_route_is_documented_and_every_documented_route_exists(tmp_path):
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for router in (
        api_public.router, api_records.router, api_desk.router, api_staff.router,
        api_admin.router, api_figures.router, api_knowledge.router, api_training.router,
        page_routes(Pages(tmp_path)),
    ):  # fmt: skip
        app.include_router(router)
    routes = {
        f"{next(iter(route.methods))} {route.path}"
        for route in routes_of(app)
        if not isinstance(route, WebSocketRoute)
    }
    pages = {route for route in routes if "/api/" not in route and route.split()[1] not in
             ("/healthz", "/readyz", "/metrics")}  # fmt: skip
    documented = set()
    for line in API.splitlines():
        cell = line.strip("|").split("|")[0] if line.startswith("| `") else ""
        for method, path in re.findall(r"`(GET|POST|DELETE) ([^?`]+)", cell):
            documented.add(f"{method} {path}")
            documented.update(f"{method} {path.rsplit('/', 1)[0]}{other}"
                              for other in re.findall(r", `(/\w+)`", cell))  # fmt: skip

    assert routes - pages == documented


def test_every_command_is_documented():
    for name in (*lazy_group.OURS, *lazy_group.THEIRS):
        assert f"`shopkeeper {name}" in SHELL, name


PAGES = (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")


def headings_of(page: Path) -> set[str]:
    """What a link may name after `#`, as the hosts of repositories make it from a heading."""
    text = re.sub(
        r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_the_pages_lead_to_a_page_and_a_heading_that_are_there(page):
    for path, heading in LINK.findall(page.read_text(encoding="utf-8")):
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name}: {path}"
        assert not heading or heading in headings_of(target), f"{page.name}: {path}#{heading}"


def test_the_index_of_the_docs_leads_to_every_page():
    index = DOCS / "README.md"
    listed = {(DOCS / path).resolve() for path, _ in LINK.findall(index.read_text("utf-8")) if path}
    assert set(DOCS.rglob("*.md")) - {index} <= listed


def test_the_readme_of_both_languages_has_the_same_sections_commands_and_links():
    english, chinese = (ROOT / name for name in ("README.md", "README.zh.md"))
    read = [page.read_text(encoding="utf-8") for page in (english, chinese)]
    counts = [
        [line.split(" ")[0] for line in text.splitlines() if line.startswith("#")] for text in read
    ]
    assert counts[0] == counts[1]
    commands = [re.findall(r"^(?:make|shopkeeper) [\w-]+", text, re.MULTILINE) for text in read]
    assert commands[0] == commands[1]
    pages = [{path for path, _ in LINK.findall(text)} for text in read]
    assert pages[0] - {"README.zh.md", ""} == pages[1] - {"README.md", ""}
