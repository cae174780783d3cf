"""What we use of rasa-sdk, without the web server of rasa's own action server.

`rasa_sdk` loads all of sanic (117 modules, 6 MB of every process that answers) only to name a class
in the types of a hook that an action server calls. Here it finds a name instead; whoever imports
sanic afterwards, such as an action of the shop, gets the real one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def _only_a_name() -> Iterator[None]:
    """Let `sanic` be nothing but a name while this lasts, where nobody has loaded it before."""
    if "sanic" in sys.modules:
        yield
        return
    named = ModuleType("sanic")
    named.__dict__["Sanic"] = object
    sys.modules["sanic"] = named
    try:
        yield
    finally:
        del sys.modules["sanic"]


with _only_a_name():
    from rasa_sdk import Action, Tracker
    from rasa_sdk.events import SlotSet
    from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

__all__ = ["Action", "ActionExecutor", "CollectingDispatcher", "SlotSet", "Tracker"]
