"""A browser's window as a person uses it: looks, presses, types. Knows no page."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browsers.wire import ELEMENT, Refused, Wire

PATIENCE_SECONDS = 30.0  # a busy machine is slow, not wrong
LOOK_AGAIN_SECONDS = 0.05

_SIGHT = (Path(__file__).parent / "sight.js").read_text(encoding="utf-8")
ENTER, ESCAPE, TAB, BACKSPACE = "\ue007", "\ue00c", "\ue004", "\ue003"
CONTROL, SHIFT = "\ue009", "\ue008"


class View:
    """What is in a window, or in one frame of it."""

    def __init__(self, window: Window, frame: str = "") -> None:
        self.window = window
        self._frame = frame

    def ask(self, script: str, *arguments: Any) -> Any:
        """What a script answers that runs in the page; `sight` is what sight.js offers."""
        self._enter()
        body = f"const sight = {_SIGHT};\n{script}"
        return self.window.wire.send("script", script=body, args=list(arguments))

    def ask_as_browser(self, script: str, *arguments: Any) -> Any:
        """The same with the rights of the browser itself, which only Firefox lends."""
        self._enter()
        body = f"const sight = {_SIGHT};\n{script}"
        return self.window.wire.send("script", script=body, args=list(arguments), sandbox="system")

    def find(self, css: str, text: str = "", nth: int = 0) -> Any:
        """An element on the screen whose words hold `text`; waits until there is one."""
        script = "return sight.find(arguments[0], arguments[1]).at(arguments[2]) ?? null"
        return self._until(lambda: self.ask(script, css, text, nth), f"no {css} with {text!r}")

    def press(self, css: str, text: str = "", nth: int = 0) -> None:
        """Presses what is found, where a mouse would."""
        element = self.find(css, text, nth)
        # Nothing still moves when it is pressed: the place is taken before the press.
        self.ask("arguments[0].scrollIntoView({block: 'nearest'})", element)
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": element}
        steps = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._act("pointer", steps, parameters={"pointerType": "mouse"})

    def fill(self, css: str, text: str) -> None:
        """Presses a box and types into it."""
        self.press(css)
        self.type(text)

    def type(self, text: str) -> None:
        """Types into whatever has the focus; the keys of WebDriver's private use area too."""
        self._enter()
        steps = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._act("key", steps)

    def chord(self, *keys: str) -> None:
        """Holds all keys but the last, and presses the last."""
        self._enter()
        downs = [{"type": "keyDown", "value": key} for key in keys]
        ups = [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self._act("key", downs + ups)

    def give(self, css: str, file: Path) -> None:
        """Chooses a file in a file box; such a box may be hidden behind a button."""
        element = self._until(
            lambda: self.ask("return sight.any(arguments[0])[0] ?? null", css), f"no {css}"
        )
        self.window.wire.send("choose files", id=element[ELEMENT], text=str(file))

    def reads(self, text: str, css: str = "body") -> None:
        """Waits until the words are on the screen."""
        self._until(lambda: text in self.words(css), lambda: f"no {text!r} in: {self.words(css)}")

    def reads_not(self, text: str, css: str = "body") -> None:
        """Waits until the words are gone."""
        self._until(
            lambda: text not in self.words(css), lambda: f"still {text!r} in: {self.words(css)}"
        )

    def words(self, css: str = "body") -> str:
        """What is to be read in all elements of a kind."""
        # A page that is just being replaced answers nothing at all.
        return "\n".join(self.ask("return sight.read(arguments[0])", css) or [])

    def value(self, css: str) -> str:
        """What stands in a box."""
        return self.ask("return arguments[0].value", self.find(css))

    def holds(self, css: str, text: str) -> None:
        """Waits until a box has a text in it."""
        self._until(lambda: self.value(css) == text, lambda: f"{css} has {self.value(css)!r}")

    def focuses(self, css: str) -> None:
        """Waits until an element of a kind has the focus."""
        script = "return sight.focused()?.matches(arguments[0]) ?? false"
        name = "return sight.focused()?.outerHTML.slice(0, 200) ?? ''"
        self._until(lambda: self.ask(script, css), lambda: f"the focus is on {self.ask(name)}")

    def lacks(self, css: str, text: str = "") -> None:
        """Waits until no such element is on the screen."""
        script = "return sight.find(arguments[0], arguments[1]).length === 0"
        self._until(lambda: self.ask(script, css, text), f"there still is a {css}")

    def sees(self, css: str, text: str = "") -> bool:
        """Whether such an element is on the screen now."""
        return self.ask("return sight.find(arguments[0], arguments[1]).length > 0", css, text)

    def _enter(self) -> None:
        self.window.show()
        self.window.enter_frame(None)
        if self._frame:
            script = f"const sight = {_SIGHT}; return sight.any(arguments[0])[0] ?? null"
            find: Callable[[], Any] = lambda: self.window.wire.send(  # noqa: E731
                "script", script=script, args=[self._frame]
            )
            self.window.enter_frame(self._until(find, f"no {self._frame}"))

    def _act(self, kind: str, steps: list[dict[str, Any]], **more: Any) -> None:
        source = {"type": kind, "id": kind, "actions": steps, **more}
        self.window.wire.send("act", actions=[source])

    def _until(self, look: Callable[[], Any], otherwise: str | Callable[[], str]) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if found := look():
                    return found
                trouble = ""
            except Refused as refused:  # the page is just being replaced
                trouble = f" ({refused})"
            if time.monotonic() > until:
                told = otherwise if isinstance(otherwise, str) else otherwise()
                raise AssertionError(told + trouble)
            time.sleep(LOOK_AGAIN_SECONDS)


class Window(View):
    """One tab of a browser."""

    def __init__(self, wire: Wire, tab: str) -> None:
        super().__init__(self)
        self.wire = wire
        self.tab = tab

    def go(self, address: str) -> None:
        """Opens a page."""
        self.show()
        self.wire.send("go", url=address)

    def reload(self) -> None:
        """Loads the page anew."""
        self.show()
        self.wire.send("reload")

    def frame(self, css: str) -> View:
        """What is in a frame, whenever it comes."""
        return View(self, css)

    def show(self) -> None:
        """Makes this tab the one that commands are for."""
        self.wire.send("tab", handle=self.tab)

    def enter_frame(self, frame: Any) -> None:
        """Takes the next commands to a frame; None is the page."""
        self.wire.send("frame", id=frame)

    def another(self) -> Window:
        """One more tab of the same person."""
        made = self.wire.send("new tab", type="tab")
        return Window(self.wire, made["handle"])

    def close(self) -> None:
        """Closes this tab."""
        self.show()
        self.wire.send("close tab")

    def picture(self, file: Path) -> None:
        """Keeps what is on the screen as a PNG."""
        self.show()
        self.wire.send("frame", id=None)
        file.write_bytes(base64.b64decode(self.wire.send("picture")))
