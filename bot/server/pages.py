"""Serves the built pages and the widget's script, from memory and with a strict policy.

Only what lies in the folder at the start is served, under exactly its own name; nothing that a
request says becomes a path.
"""

from __future__ import annotations

import base64
import hashlib
import html
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from bot.errors import NotFound
from bot.server.access import Right, declare

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types lit-html",
    )
)

_MAY_HOLD_OUR_FRAMES = POLICY + "; frame-src 'self'"
"""The demo shop has the chat in a frame, as any shop has."""

PAGES = {
    "/": ("index.html", _MAY_HOLD_OUR_FRAMES),
    "/inbox": ("inbox.html", POLICY),
    "/console": ("console.html", POLICY),
}
WIDGET = "widget.js"

CHAT_FRAME = "/chat-frame"
CHAT_FRAME_FILE = "chat-frame.html"
_NO_SHOPS = b'<meta name="shops" content="" />'
"""What stands in the built page where the shops belong that may hold it."""

NOT_BUILT = "The pages are not built. Run `make pages` where the program is, then start again.\n"

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


PROGRAM = Path(__file__).parents[2]


def built_pages(folder: Path, program: Path = PROGRAM) -> Path:
    """Where the built pages lie: in the folder that is named, as seen from here or the program.

    A shop's own folder is no place to build pages in, and `serve` may be called there.
    """
    beside = program / folder
    return beside if beside.is_dir() and not folder.is_dir() else folder


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the pages, as it is sent."""

    content: bytes
    media_type: str
    digest: str


class Pages:
    """The files of the pages folder, read once.

    Attributes:
        files: path below the folder, with slashes -> file.
        earlier: finds the widget's script of an earlier release by its version.
    """

    def __init__(self, folder: Path) -> None:
        self.files = dict(_read(folder)) if folder.is_dir() else {}
        self.earlier: Callable[[str], Awaitable[PageFile | None]] = _none_earlier

    @property
    def widget(self) -> PageFile | None:
        """The widget's script, None when it is not built."""
        return self.files.get(WIDGET)

    @property
    def widget_version(self) -> str:
        """Names this very script: the beginning of its SHA-256."""
        return self.widget.digest[:16] if self.widget else ""

    @property
    def integrity(self) -> str:
        """What a script tag's `integrity` must say for the pinned script."""
        content = self.widget.content if self.widget else b""
        digest = hashlib.sha384(content).digest()
        return "sha384-" + base64.b64encode(digest).decode("ascii")


def _read(folder: Path) -> list[tuple[str, PageFile]]:
    files = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(folder).as_posix()
            files.append((name, page_file(name, path.read_bytes())))
    return files


def page_file(name: str, content: bytes) -> PageFile:
    """Make the file that is sent under a name."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return PageFile(content, kind, hashlib.sha256(content).hexdigest())


async def _none_earlier(_version: str) -> PageFile | None:
    """Find nothing: nobody keeps earlier scripts."""
    return None


def chat_policy(shops: Sequence[str]) -> str:
    """Give the policy of the chat in its frame: only these shops, and we ourselves, may hold it.

    Args:
        shops: origins, as the setting `allowed_origins` has them.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            " ".join(("frame-ancestors 'self'", *shops)),
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _naming(file: PageFile, shops: Sequence[str]) -> PageFile:
    """Write the shops into the page, which hears no other page."""
    named = f'<meta name="shops" content="{html.escape(" ".join(shops))}" />'
    content = file.content.replace(_NO_SHOPS, named.encode())
    return replace(file, content=content, digest=hashlib.sha256(content).hexdigest())


def page_routes(pages: Pages, shops: Sequence[str] = ()) -> APIRouter:
    """Make the routes of the pages.

    Args:
        pages: the built files.
        shops: origins whose pages may hold the chat in a frame, beside our own.
    """
    router = APIRouter()

    def page(name: str) -> None:
        file, policy = PAGES[name]

        @declare(router, "GET", name, Right.ANYONE, include_in_schema=False)
        async def show(request: Request) -> Response:
            found = pages.files.get(file)
            if found is None:
                return PlainTextResponse(NOT_BUILT, status_code=503)
            headers = {"content-security-policy": policy, "x-frame-options": "DENY"}
            return _sent(request, found, _ASK_AGAIN, headers)

    for name in PAGES:
        page(name)

    _add_chat(router, pages, shops)

    @declare(router, "GET", "/assets/{name}", Right.ANYONE, include_in_schema=False)
    async def asset(request: Request, name: str) -> Response:
        return _sent(request, _found(pages, f"assets/{name}"), _FOR_EVER)

    @declare(router, "GET", "/{name}.svg", Right.ANYONE, include_in_schema=False)
    async def picture(request: Request, name: str) -> Response:
        return _sent(request, _found(pages, f"{name}.svg"), _ASK_AGAIN)

    @declare(router, "GET", "/widget.js", Right.ANYONE, include_in_schema=False)
    async def widget(request: Request) -> Response:
        return _sent(request, _found(pages, WIDGET), _ASK_AGAIN, _ANY_SITE)

    @declare(router, "GET", "/widget.{version}.js", Right.ANYONE, include_in_schema=False)
    async def pinned_widget(request: Request, version: str) -> Response:
        file = pages.widget if version == pages.widget_version else await pages.earlier(version)
        if file is None:
            raise _no_such_page()
        return _sent(request, file, _FOR_EVER, _ANY_SITE)

    @declare(router, "GET", "/api/widget", Right.ANYONE)
    async def how_to_embed() -> dict[str, str]:
        """Give the pinned address of the widget and its integrity hash."""
        version = pages.widget_version
        return {
            "src": f"/widget.{version}.js",
            "integrity": pages.integrity,
            "version": version,
        }

    return router


def _add_chat(router: APIRouter, pages: Pages, shops: Sequence[str]) -> None:
    chat = pages.files.get(CHAT_FRAME_FILE)
    named = None if chat is None else _naming(chat, shops)

    @declare(router, "GET", CHAT_FRAME, Right.ANYONE, include_in_schema=False)
    async def show_chat(request: Request) -> Response:
        if named is None:
            return PlainTextResponse(NOT_BUILT, status_code=503)
        # No x-frame-options: it knows no list, and would shut the chat out of every shop.
        headers = {"content-security-policy": chat_policy(shops), **_IN_AN_ISOLATED_PAGE}
        return _sent(request, named, _ASK_AGAIN, headers)


_IN_AN_ISOLATED_PAGE = {
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "cross-origin",
}
"""A shop that isolates its pages holds only frames that say the same of themselves."""

_ANY_SITE = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}


def _found(pages: Pages, name: str) -> PageFile:
    file = pages.files.get(name)
    if file is None:
        raise _no_such_page()
    return file


def _no_such_page() -> NotFound:
    return NotFound("There is no such page.", "没有这个页面。")


def _sent(
    request: Request, file: PageFile, cache: str, headers: dict[str, str] | None = None
) -> Response:
    tag = f'"{file.digest[:32]}"'
    all_headers = {
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": cache,
        "etag": tag,
        **(headers or {}),
    }
    # A proxy that compresses makes the tag weak.
    if request.headers.get("if-none-match", "").removeprefix("W/") == tag:
        return Response(status_code=304, headers=all_headers)
    return Response(file.content, media_type=file.media_type, headers=all_headers)
