"""What hostile windows say and try around a chat in its frame."""

import json
from typing import Any

SETUP: dict[str, Any] = {
    "shopkeeper": 1, "type": "setup", "language": "en", "theme": "", "accent": "",
    "shop": {"zh": "", "en": ""}, "starters": {"zh": "", "en": ""}, "full": False,
    "page": {"title": "Kettles", "url": "http://localhost/"},
}  # fmt: skip
OPEN = {"shopkeeper": 1, "type": "open", "draft": "please send this"}
CLOSE = {"shopkeeper": 1, "type": "close"}
STATE = {"shopkeeper": 1, "type": "state", "unread": 99, "kept": True, "language": "zh"}
SHAPES = [
    SETUP, OPEN, CLOSE, STATE, {**SETUP, "language": "zh"},
    {**STATE, "unread": "<img src=x onerror=alert(1)>"}, {**STATE, "unread": -1},
    {"shopkeeper": 1, "type": "read_the_talk"}, {"shopkeeper": 1}, {"shopkeeper": 2, **OPEN},
    {"type": "open", "draft": "x"}, {"shopkeeper": "1", "type": "close"},
    {"shopkeeper": 1, "type": 3}, {"shopkeeper": 1, "type": "open", "draft": {"toString": "x"}},
    {"shopkeeper": 1, "type": "open", "draft": "x" * 100_000},
    {"shopkeeper": 1, "type": ["open"]}, {"shopkeeper": 1, "type": "__proto__"},
    {"__proto__": SETUP}, {**SETUP, "page": None}, {**SETUP, "accent": "url(//evil.example/x)"},
    {**SETUP, "theme": "x" * 200}, {**SETUP, "full": "yes"}, {**SETUP, "starters": []},
    {"type": "hello", "protocol": 1}, {"type": "say", "id": "x", "text": "x"},
    json.dumps(SETUP), json.dumps(OPEN), "open", "", 0, -1, True, None, [], [OPEN], {},
]  # fmt: skip
"""Ours, nearly ours, and nobody's."""

HOLDER = """<!doctype html><title>Win a kettle</title><script>
const heard = [];
addEventListener("message", (event) => heard.push(event.data));
</script><body><iframe src="{chat}/chat-frame" width="400" height="600"></iframe></body>"""
"""A page with the chat in a frame of its own making."""

LISTENS = """() => {
    window.seen = [];
    for (const kind of ["keydown", "keyup", "input", "paste", "copy"])
        addEventListener(kind, (event) => seen.push([kind, event.key ?? ""]), true);
    addEventListener("message", (event) => seen.push(["message", JSON.stringify(event.data)]));
}"""
"""A script in the shop's page that hears whatever can be heard there."""

READS = """() => {
    const frame = document.querySelector("shopkeeper-chat").shadowRoot.querySelector("iframe");
    const read = (what) => { try { return String(what()); } catch (error) { return error.name; } };
    return {
        document: String(frame.contentDocument),
        body: read(() => frame.contentWindow.document.body.textContent),
        storage: read(() => frame.contentWindow.localStorage.length),
        address: read(() => frame.contentWindow.location.href),
        kept: Object.entries({...localStorage}),
        inPage: document.documentElement.outerHTML,
        seen,
    };
}"""
"""The same script, reaching for the talk."""

LEAVES_ITS_FRAME = """(shapes) => {
    const tell = (what) => { try { what(); return "done"; } catch (error) { return error.name; } };
    for (const shape of shapes) parent.postMessage(shape, "*");
    return {
        top: tell(() => { top.location = "about:blank#taken"; }),
        read: tell(() => parent.document.title),
        dialog: window.confirm("Your password, please"),
    };
}"""
"""What a chat in wrong hands would try on the shop's page."""
