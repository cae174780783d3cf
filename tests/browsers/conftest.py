"""A served demo shop, a cable to it, and browsers of both engines for whoever comes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browsers.cable import Cable, laid_cable
from tests.browsers.engines import DESKTOP, ENGINES, PHONE, Engine, Guest, version
from tests.browsers.window import Window
from tests.end_to_end.conftest import ServedShop, served
from tests.end_to_end.shop_site import ShopSite, shop_site

PICTURES = "SHOPKEEPER_TEST_PICTURES"
"""A folder for pictures of every window as a walk leaves it; for whoever wants to look."""


@pytest.fixture(scope="session", params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    """One of the browsers; its walks are skipped where it is not."""
    engine: Engine = request.param()
    if why := engine.missing():
        pytest.skip(why)
    return engine


@pytest.fixture(scope="session", autouse=True)
def told_version(engine: Engine, record_testsuite_property: Callable[[str, object], None]) -> None:
    record_testsuite_property(engine.name, version(engine))


SHOP_PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Kettles</title><body><main><h1>{heading}</h1><a href="/next">More kettles</a></main>
<script src="{chat}/widget.js" data-shop-en="Little Harbour" data-shop-zh="小港生活"></script>
</body></html>"""


@pytest.fixture(scope="session")
def laid() -> Iterator[Cable]:
    with laid_cable() as cable:
        yield cable


@pytest.fixture(scope="session")
def site(laid: Cable) -> Iterator[ShopSite]:
    """The web server of a shop of another site, whose pages hold the chat."""
    with shop_site() as site:
        for path, heading in (("/", "Kettles"), ("/next", "Kettles two")):
            site.pages[path] = SHOP_PAGE.format(chat=laid.address, heading=heading)
        yield site


@pytest.fixture(scope="session")
def shop(
    prepared_state: Path, laid: Cable, site: ShopSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedShop]:
    """The demo shop, under the address of the cable to it: pages of other origins are refused."""
    folder = tmp_path_factory.mktemp("served")
    # All of the staff come from one address here, and each walk signs them in anew.
    tries = {f"SHOPKEEPER_SIGN_IN_TRIES{of}": "1000" for of in ("", "_PER_ADDRESS")}
    known = {"SHOPKEEPER_PUBLIC_URL": laid.address, "SHOPKEEPER_ALLOWED_ORIGINS": site.shop}
    with served(prepared_state, folder, **known, **tries) as shop:
        started = re.search(r'"port": (\d+)', (folder / "printed.log").read_text(encoding="utf-8"))
        assert started, "the server did not log its port"
        laid.lead_to(int(started[1]))
        yield shop


@pytest.fixture
def cable(laid: Cable, shop: ServedShop) -> Iterator[Cable]:
    """The only way to the shop that browsers know; whole before and after each walk."""
    yield laid
    laid.mend()


@pytest.fixture(params=["zh-CN desktop", "en-GB phone"])
def guest(request: pytest.FixtureRequest) -> Guest:
    """Both languages and both widths, each once."""
    locale, width = request.param.split()
    return Guest(locale, PHONE if width == "phone" else DESKTOP)


@pytest.fixture
def come(
    engine: Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Window]]:
    """Opens a browser for somebody new."""
    windows: list[Window] = []
    with ExitStack() as until:

        def open_one(guest: Guest) -> Window:
            folder = tmp_path / f"guest-{len(windows)}"
            folder.mkdir()
            windows.append(engine.open(guest, folder, until))
            return windows[-1]

        yield open_one
        if kept := os.environ.get(PICTURES):
            _keep_pictures(windows, Path(kept), request.node.name)


def _keep_pictures(windows: list[Window], folder: Path, walk: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(letter if letter.isalnum() else "_" for letter in walk)
    for number, window in enumerate(windows):
        for place, tab in enumerate(window.wire.send("tabs")):
            Window(window.wire, tab).picture(folder / f"{name}_{number}{'b' * place}.png")
