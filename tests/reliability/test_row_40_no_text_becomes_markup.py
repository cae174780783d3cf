"""Row 40: of 400 hostile texts in every field none runs, loads or leads anywhere, in any view.

They come as shoppers' words, names and pages, as the bot's words and quick replies, as staff's
names, words, notes and kept replies, as a shop's name and as a knowledge file. A real Chromium
shows them in the chat, the inbox and the console. Where a text became markup, the policies of the
pages would still stop it, so what they stop is counted as well.
"""

import asyncio
import csv
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.answering.answer import Answer, Choice, Decision, Question, Source, Trace
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from tests.bot.server.floor import ScriptedAnswerer
from tests.chromium import visit
from tests.end_to_end.desk_people import Admin
from tests.end_to_end.light_floor import PATIENCE_MS, chat_in, pages_on_a_floor, sign_in
from tests.end_to_end.shop_site import shop_site
from tests.reliability.hostile_texts import hostile_texts, packed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TEXTS = hostile_texts()
NAME = "<img src=https://evil.example/n.png onerror=alert(40)>"
SHOP_PAGE = """<!doctype html><title>Shop</title><body><script src="{chat}/widget.js"
data-shop-en="<img src=x onerror=alert(40)>" data-accent="red;background:url(https://evil.example/c)"
data-starters-en="<img src=x onerror=alert(40)>|<svg onload=alert(40)>"></script></body>"""


class RepeatsEverything(ScriptedAnswerer):
    """A generator in wrong hands: says back what was said, also as quick replies."""

    def _answer(self, question: Question) -> Answer:
        trace = Trace("en", intent="echo", intent_confidence=0.9, rule=NAME)
        lines = [line[:100] for line in question.text.splitlines()][:10]
        choices = tuple(Choice(line, f"entry:{number}") for number, line in enumerate(lines))
        return Answer(
            Decision.CLARIFY, question.text, 0.5, "en", trace,
            replace(question.memory, language="en", offered=choices),
            source=Source.SAID, choices=choices,
        )  # fmt: skip


@dataclass
class Watched:
    """A browser in which everything that must not happen is written down."""

    context: BrowserContext
    own: tuple[str, ...]
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        context = self.context
        context.set_default_timeout(PATIENCE_MS)
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        # Seen, and gone no further: no test waits for a name that nobody has.
        context.route("**://evil.example/**", lambda route: route.abort())
        context.expose_binding("stopped", lambda _, what: self.happened.append(what))
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => "
            "stopped(`${location.pathname}: ${event.effectiveDirective} ${event.blockedURI}`))"
        )

    def _dialog(self, dialog) -> None:
        self.happened.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _request(self, request) -> None:
        if not request.url.startswith((*self.own, "data:", "blob:")):
            self.happened.append(f"request {request.url}")


@pytest.fixture(scope="module")
def site():
    with shop_site() as site:
        yield site


@pytest.fixture(scope="module")
def floor(tmp_path_factory, site):
    folder = tmp_path_factory.mktemp("markup")
    base = KnowledgeBase(folder / "knowledge", HashedEncoder())
    base.load()
    entries = [
        Entry(EntryId(f"e{number}"), (pack,), pack, "en")
        for number, pack in enumerate(packed(TEXTS, 900))
    ]
    base.publish(entries, note=NAME, by=NAME, now=datetime.now(UTC))
    settings = {"knowledge": base, "answerer": RepeatsEverything(), "allowed_origins": (site.shop,)}
    with pages_on_a_floor(folder, **settings) as floor:
        site.pages["/"] = SHOP_PAGE.format(chat=floor.origin)
        yield floor


@pytest.fixture
def watched(browser: Browser, floor, site):
    context = visit(browser, locale="en-GB", viewport={"width": 1440, "height": 900})
    watched = Watched(context, (floor.origin, site.shop))
    yield watched
    context.close()


@pytest.fixture(scope="module")
def desk(browser: Browser, floor) -> dict[str, str]:
    """Hostile names and kept replies: login -> password."""
    context = visit(browser)
    admin = Admin(context, floor)
    admin.open_the_desk()
    made = admin.post("/api/staff", login="lin", name=NAME[:60], roles=["staff"])
    for number, pack in enumerate(packed(TEXTS, 1_500)):
        kept = pack.replace("{", "(").replace("}", ")")
        admin.post("/api/canned", shortcut=f"r{number}", texts={"en": kept, "zh": kept})
    context.close()
    return {"lin": made["password"]}


def log_of(page: Page):
    return chat_in(page).get_by_role("log")


def test_row_40_nothing_runs_in_the_chat(watched, floor, site, record_property) -> None:
    page = watched.context.new_page()
    page.goto(site.shop)
    page.locator("shopkeeper-chat .launcher").click()
    box = chat_in(page).locator(".composer textarea")
    packs = packed(TEXTS, 3_900)
    for number, pack in enumerate(packs, 1):
        box.fill(pack)
        box.press("Enter")
        expect(chat_in(page).locator(".log .message.bot:not(.greeting)")).to_have_count(number)
    expect(chat_in(page).locator(".choice")).to_have_count(10)
    page.reload()
    page.locator("shopkeeper-chat .launcher").click()
    for author in ("shopper", "bot:not(.greeting)"):
        shown = chat_in(page).locator(f".log .message.{author} .text")
        expect(shown).to_have_count(len(packs))
        assert [text.splitlines() for text in shown.all_text_contents()] == [
            pack.splitlines() for pack in packs
        ]
    made = chat_in(page).locator(".log").locator("script, img, iframe, object, form, style, svg *")
    assert {tag.evaluate("node => node.localName") for tag in made.all()} <= {"path"}
    links = chat_in(page).locator(".log a").evaluate_all("all => all.map(({href}) => href)")
    assert {link.split(":")[0] for link in links} <= {"https", "mailto"}
    record_property("texts", len(TEXTS))
    record_property("dialogs, policy reports, foreign requests", len(watched.happened))
    assert watched.happened == []


async def _come(floor) -> list[str]:
    """Ten shoppers with hostile pages and words, whom a person with a hostile name answers."""
    came = []
    for number, pack in enumerate(packed(TEXTS, 3_900)):
        page = {"title": TEXTS[number] + NAME, "url": NAME + TEXTS[-number]}
        async with floor.shopper(page=page) as shopper:
            await shopper.ask(pack)
            await shopper.send(
                type="leave_message", id=str(uuid.uuid4()), text=pack[:3_900],
                contact={"name": NAME, "other": TEXTS[number][:200]},
            )  # fmt: skip
            await shopper.until("accepted")
            came.append(shopper.conversation)
    async with floor.staff() as mei:
        first = came[0]
        for what in ("open", "claim"):
            await mei.send(type=what, conversation=first)
        for type in ("say", "note"):
            for pack in packed(TEXTS, 3_900):
                id = str(uuid.uuid4())
                await mei.send(type=type, id=id, conversation=first, text=pack)
                await mei.until("accepted", id=id)
        await mei.send(type="tag", conversation=first, add=[NAME[:30]])
        await mei.until_event("tagged")
    return came


def test_row_40_nothing_runs_in_the_inbox(watched, floor, desk, record_property) -> None:
    with ThreadPoolExecutor(1) as elsewhere:  # this thread has Chromium's event loop
        came = elsewhere.submit(asyncio.run, _come(floor)).result(60)
    page = watched.context.new_page()
    sign_in(page, floor, "inbox", "lin", desk["lin"])
    lines = page.locator("conversation-list .line")
    page.get_by_role("tab", name="All").click()
    expect(lines.nth(len(came) - 1)).to_be_visible()
    for number in range(len(came)):
        lines.nth(number).click()
        expect(page.get_by_role("log")).to_contain_text("alert(40)")
        expect(page.get_by_role("complementary")).to_contain_text("evil.example")
    page.keyboard.press("c")
    box = page.locator("staff-composer").get_by_role("textbox")
    box.fill("/r")
    expect(page.get_by_role("option").first).to_contain_text("alert(40)")
    page.reload()  # stored, and shown to whoever looks later
    expect(lines).not_to_have_count(0)
    lines.first.click()
    expect(page.get_by_role("log")).to_contain_text("alert(40)")
    with page.expect_response("**/api/conversations/search?*"):
        page.get_by_role("searchbox").fill("onerror")
        page.keyboard.press("Enter")
    expect(lines.first).to_contain_text("onerror")
    record_property("texts", len(TEXTS))
    record_property("dialogs, policy reports, foreign requests", len(watched.happened))
    assert watched.happened == []


def test_row_40_nothing_runs_in_the_console(
    watched, floor, desk, tmp_path, record_property
) -> None:
    file = tmp_path / "<img src=x onerror=alert(40)>.csv"
    with file.open("w", encoding="utf-8", newline="") as sink:
        rows = csv.writer(sink)
        rows.writerow(["question", "answer"])
        rows.writerows([text, text] for text in TEXTS)
        rows.writerow([NAME, ""])
    page = watched.context.new_page()
    sign_in(page, floor, "console", "boss")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator("file-import")).to_contain_text("alert(40)")
    page.get_by_role("button", name="See what would change").click()
    expect(page.locator("change-report")).to_contain_text("onerror")
    for section in ("knowledge", "desk", "figures", "people", "audit", "status"):
        page.locator(f"header nav a[href='#{section}']").click()
        expect(page.locator("main section.card h2").first).to_be_visible()
        if section in ("knowledge", "desk", "people", "audit"):
            expect(page.get_by_role("main")).to_contain_text("onerror=alert(40)")
    record_property("texts", len(TEXTS))
    record_property("dialogs, policy reports, foreign requests", len(watched.happened))
    assert watched.happened == []


def test_row_40_the_check_notices_markup(watched, floor, site) -> None:
    """Put into a page as markup the same texts do run, load, and are stopped and counted."""
    assert len(set(TEXTS)) == 400
    page = watched.context.new_page()
    site.pages["/unsafe"] = "<!doctype html><title>Unsafe</title><body></body>"
    page.goto(f"{site.shop}/unsafe")
    runs, loads = (f"<img src={where} onerror=alert(40)>" for where in ("x", "//evil.example/x"))
    assert {runs, "<img src=https://evil.example/a.png>"} <= set(TEXTS)
    with page.expect_event("dialog"):
        page.evaluate("texts => { document.body.innerHTML = texts.join(' ') }", [runs, loads])
    assert {happened.split()[0] for happened in watched.happened} == {"dialog", "request"}
    page.close()
    page = watched.context.new_page()
    page.goto(f"{site.shop}/")
    page.locator("shopkeeper-chat .launcher").click()
    expect(chat_in(page).locator(".composer textarea")).to_be_visible()
    refused = page.frames[1].evaluate(
        """text => new Promise((then) => {
            let error = null;
            addEventListener("securitypolicyviolation", (event) =>
                then([error, event.effectiveDirective]));
            try { document.body.innerHTML = text; } catch (thrown) { error = thrown.name; }
        })""",
        TEXTS[0],
    )
    assert refused == ["TypeError", "require-trusted-types-for"]
