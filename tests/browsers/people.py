"""A shopper, a member of staff and an admin, and what they do on our pages in any browser."""

from __future__ import annotations

from pathlib import Path

from tests.browsers.window import CONTROL, ENTER, ESCAPE, View, Window

CHAT = "iframe"
BOX = ".composer textarea"
LOG = "[role=log]"
TALK = ".scroller"  # what is not sent yet stands beside the log


class Shopper:
    """Somebody on the shop's page, with the chat open."""

    def __init__(self, window: Window, address: str) -> None:
        self.window = window
        self.address = address
        self.chat: View = window.frame(CHAT)
        window.go(f"{address}/")
        self.opens()

    def opens(self) -> None:
        """Opens the chat, unless the page kept it open."""
        self.window.find("button.launcher")
        if not self.window.sees(".place"):
            self.window.press("button.launcher")
        self.window.find(".place")
        self.chat.find(BOX)

    def writes(self, text: str) -> None:
        """Types into the box and sends by Enter."""
        self.begins(text)
        self.chat.type(ENTER)
        self.chat.holds(BOX, "")

    def begins(self, text: str) -> None:
        """Types and does not send."""
        self.chat.press(BOX)
        self.chat.type(text)
        self.chat.holds(BOX, text)

    def reads(self, text: str) -> None:
        self.chat.reads(text, LOG)

    def times(self, text: str) -> int:
        """How often a text stands in the talk."""
        return self.chat.words(TALK).count(text)

    def asks_for_a_person(self) -> None:
        """Presses the button for it."""
        self.chat.press("button.person")

    def comes_back(self) -> Shopper:
        """The tab is closed, and the shop opened again in another."""
        other = self.window.another()
        self.window.close()
        return Shopper(other, self.address)

    def reloads(self) -> None:
        self.window.reload()
        self.opens()


class Desk:
    """Somebody signed in to a page of staff."""

    def __init__(self, window: Window, address: str, page: str, login: str, password: str) -> None:
        self.window = window
        window.go(f"{address}/{page}")
        window.focuses("input[autocomplete=username]")
        window.type(login)
        window.fill("input[autocomplete=current-password]", password)
        window.type(ENTER)
        window.lacks("input[type=password]")

    def signs_out(self) -> None:
        """Leaves; the page asks for the name again."""
        self.window.press("button[aria-label='Sign out'], button[aria-label='退出登录']")
        self.window.find("input[autocomplete=username]")


class Colleague(Desk):
    """Somebody of the staff at the inbox."""

    BOX = "form.say textarea"

    def __init__(self, window: Window, address: str, password: str) -> None:
        super().__init__(window, address, "inbox", "staff", password)

    def opens(self, text: str) -> None:
        """Opens the conversation whose line in the list shows a text."""
        self.window.press(".line", text)
        self.window.find(".log, [role=log]")

    def claims(self) -> None:
        """Takes the conversation by its key; the box is ready then."""
        self.window.type("c")
        self.window.focuses(self.BOX)

    def says(self, text: str) -> None:
        """Sends a reply by Enter."""
        self.begins(text)
        self.window.type(ENTER)
        self.reads(text)

    def begins(self, text: str) -> None:
        """Types a reply and does not send it."""
        self.window.press(self.BOX)
        self.window.type(text)
        self.window.holds(self.BOX, text)

    def reads(self, text: str) -> None:
        self.window.reads(text, LOG)

    def commands(self, *keys: str) -> None:
        """Keys outside the box."""
        self.window.type(ESCAPE)
        for key in keys:
            self.window.type(key)


class Admin(Desk):
    """Somebody at the console."""

    def __init__(self, window: Window, address: str, password: str) -> None:
        super().__init__(window, address, "console", "admin", password)

    def brings(self, file: Path) -> None:
        """Chooses a file to import."""
        self.window.give("input[type=file]", file)

    def drops(self, name: str, content: str, on: str) -> None:
        """Lets a file fall on a place; the drag itself is between the system and the browser."""
        script = """
            const [place, name, content] = arguments;
            const carried = new DataTransfer();
            carried.items.add(new File([content], name, {type: "text/csv"}));
            for (const kind of ["dragenter", "dragover", "drop"]) {
                const event = new DragEvent(
                    kind, {dataTransfer: carried, bubbles: true, cancelable: true, composed: true});
                const taken = !place.dispatchEvent(event);
                if (!taken && kind !== "dragenter") return kind + " was let through";
            }
            return "";
        """
        refused = self.window.ask(script, self.window.find(on), name, content)
        assert refused == "", refused

    def writes_over(self, css: str, text: str) -> None:
        """Writes in the place of what stands in a box."""
        self.window.press(css)
        self.window.chord(CONTROL, "a")
        self.window.type(text)
