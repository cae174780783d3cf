"""People of the desk's tests: shoppers in the widget, staff in the inbox, what they do there."""

import re
from dataclasses import replace

from playwright.sync_api import BrowserContext, Locator, Page, expect

from bot.answering.answer import Answer, Decision, Question, Source, Trace
from bot.conversation.events import HandoffReason
from tests.bot.server.floor import PASSWORD, Floor, ScriptedAnswerer
from tests.end_to_end.light_floor import chat_in

KEPT_REPLIES = {
    "hello": {"zh": "您好，我是{staff_name}。", "en": "Hello, this is {staff_name} at {shop}."},
    "refund": {"zh": "订单 {order} 的退款已提交。", "en": "The refund for {order} is on its way."},
}
HANDING_OVER = {"zh": "马上为您转接同事。", "en": "I am passing you to a colleague."}
ALWAYS_OPEN = {
    "zone": "Asia/Shanghai",
    "weekly": {str(day): [["00:00", "23:59"]] for day in range(7)},
    "special": {},
}


class HandsOver(ScriptedAnswerer):
    """Hands every shopper over to people, in the language they write."""

    def _answer(self, question: Question) -> Answer:
        language = "en" if question.text.isascii() else "zh"
        trace = Trace(language, intent="talk_to_person", intent_confidence=0.9, rule="wish")
        return Answer(
            Decision.ESCALATE, HANDING_OVER[language], 0.9, language, trace,
            replace(question.memory, language=language),
            source=Source.SAID, handoff=HandoffReason.WISH,
        )  # fmt: skip


class Admin:
    """An admin who sets the desk up over the REST interface."""

    def __init__(self, context: BrowserContext, floor: Floor) -> None:
        self._request = context.request
        self._address = floor.origin
        self._csrf = ""
        self._csrf = self.post("/api/sign-in", login="boss", password=PASSWORD)["csrf"]

    def post(self, path: str, **body: object) -> dict:
        headers = {"X-CSRF-Token": self._csrf, "Origin": self._address}
        answer = self._request.post(self._address + path, data=body, headers=headers)
        assert answer.ok, answer.text()
        return answer.json()

    def open_the_desk(self) -> None:
        """The shop is open, and two replies are kept."""
        self.post("/api/hours", **ALWAYS_OPEN)
        for shortcut, texts in KEPT_REPLIES.items():
            self.post("/api/canned", shortcut=shortcut, texts=texts)


class Shopper:
    """Somebody with the chat open."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.chat = chat_in(page)
        page.goto(address + "/")
        if not self.chat.locator("textarea").is_visible():
            page.locator("shopkeeper-chat .launcher").click()

    def write(self, text: str) -> None:
        self.chat.locator("textarea").fill(text)
        self.chat.locator("textarea").press("Enter")

    def reads(self, text: str | re.Pattern[str]) -> None:
        expect(self.chat.get_by_role("log")).to_contain_text(text)

    def rates(self, score: int) -> None:
        # The radio lies under its star, where a finger or a mouse presses.
        self.chat.get_by_role("radio").nth(score - 1).check(force=True)
        self.chat.locator("form button[type=submit], .rating button.send").first.click()


class Colleague:
    """Somebody of the staff with the inbox open; works by keyboard where there is a key."""

    def __init__(self, page: Page, address: str, login: str = "", password: str = "") -> None:
        self.page = page
        self.log = page.get_by_role("log")
        self.head = page.locator("conversation-head")
        self.composer = page.locator("staff-composer")
        self.side = page.get_by_role("complementary")
        page.goto(address + "/inbox")
        if login:
            page.locator("input[autocomplete=username]").fill(login)
            page.locator("input[type=password]").fill(password)
            page.keyboard.press("Enter")
        expect(page.get_by_role("banner")).to_be_visible()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def line(self, text: str) -> Locator:
        """The line of the list that shows a text."""
        return self.page.locator("conversation-list .line").filter(has_text=text)

    def opens(self, text: str) -> None:
        self.line(text).first.click()
        expect(self.head).to_be_visible()

    def leaves_the_box(self) -> None:
        """Away from whatever is written in, so that keys are commands again."""
        self.composer.locator("textarea").press("Escape")

    def claims(self) -> None:
        self.press("c")
        expect(self.composer.get_by_role("textbox")).to_be_focused()

    def says(self, text: str) -> None:
        self.composer.get_by_role("textbox").fill(text)
        self.press("Enter")
        expect(self.log).to_contain_text(text)
