"""Runs rasa-sdk actions, in this process or on an action server, and reads what they did.

A shop's existing `rasa_sdk.Action` classes run unchanged: name their module in `action_modules`,
or the address of the action server that serves them in `action_server_url`.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor

# An action that has not answered by then is treated as failed and the turn goes to a person.
ACTION_TIMEOUT_SECONDS = 5.0
# An action server's answer is a few lines of text; anything larger is a fault.
ACTION_ANSWER_BYTES = 1 << 20


class ActionFailed(Exception):
    """An action raised, timed out, is unknown, or answered nothing; the text says which."""


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One call of an action.

    Attributes:
        slots: tracker slots before the call.
        entities: found in the text, {"entity", "value"}.
    """

    action: str
    conversation: str
    text: str
    intent: str
    intent_confidence: float
    slots: Mapping[str, Any] = field(default_factory=dict)
    entities: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class ActionReply:
    """What an action said and left behind.

    Attributes:
        text: everything it uttered, one message a line; not empty.
        slots: tracker slots after the call.
        requested_slot: the slot it waits for, None when it is done.
        buttons: (title, payload) of each button.
        handoff: it asked for a person.
    """

    text: str
    slots: Mapping[str, Any]
    requested_slot: str | None
    buttons: tuple[tuple[str, str], ...]
    handoff: bool


class ActionRunner(Protocol):
    """Runs one action; raises ActionFailed."""

    def run(self, call: ActionCall) -> ActionReply:
        """Run it to its end, at most ACTION_TIMEOUT_SECONDS."""
        ...


class InProcessActions:
    """Runs actions by rasa's own executor in the calling thread."""

    def __init__(self, actions: Iterable[Action], modules: Iterable[str] = ()) -> None:
        self._executor = ActionExecutor()
        for action in (*actions, *_actions_of(modules)):
            self._executor.register_action(action)

    @property
    def names(self) -> frozenset[str]:
        """What intents.toml can lead to."""
        return frozenset(self._executor.actions)

    def run(self, call: ActionCall) -> ActionReply:
        """See ActionRunner."""
        if call.action not in self._executor.actions:
            raise ActionFailed(f"there is no action {call.action}; check intents.toml")
        try:
            result = asyncio.run(self._run_in_time(call))
        except TimeoutError as error:
            raise ActionFailed(f"{call.action} took over {ACTION_TIMEOUT_SECONDS} s") from error
        except Exception as error:  # a shop's own action may raise anything
            raise ActionFailed(f"{call.action} raised {error!r}") from error
        return read_reply(call, result.events, result.responses)

    async def _run_in_time(self, call: ActionCall) -> Any:
        return await asyncio.wait_for(
            self._executor.run(_payload(call)), timeout=ACTION_TIMEOUT_SECONDS
        )


class RemoteActions:
    """Runs actions on an action server (`POST /webhook`)."""

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"action_server_url must be an http(s) address, not {url!r}")
        self._url = url.rstrip("/") + ("" if url.rstrip("/").endswith("/webhook") else "/webhook")

    def run(self, call: ActionCall) -> ActionReply:
        """See ActionRunner."""
        request = urllib.request.Request(  # scheme checked in the constructor
            self._url,
            data=json.dumps(_payload(call)).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=ACTION_TIMEOUT_SECONDS) as response:
                answer = json.loads(response.read(ACTION_ANSWER_BYTES))
            return read_reply(call, answer.get("events", []), answer.get("responses", []))
        except (OSError, ValueError, AttributeError, urllib.error.URLError) as error:
            raise ActionFailed(f"{call.action} on {self._url}: {error}") from error


def read_reply(
    call: ActionCall, events: Sequence[Mapping[str, Any]], responses: Sequence[Mapping[str, Any]]
) -> ActionReply:
    """Read an executor's result: slots applied, texts joined; ActionFailed when it said nothing."""
    slots = dict(call.slots)
    for event in events:
        if event.get("event") == "slot":
            slots[str(event["name"])] = event.get("value")
        elif event.get("event") == "reset_slots":
            slots.clear()
    text = "\n".join(str(response["text"]) for response in responses if response.get("text"))
    if not text:
        raise ActionFailed(f"{call.action} said nothing; it must utter a text")
    buttons = tuple(
        (str(button.get("title", "")), str(button.get("payload", "")))
        for response in responses
        for button in response.get("buttons") or ()
    )
    handoff = any((response.get("custom") or {}).get("handoff") is True for response in responses)
    requested = slots.get("requested_slot")
    return ActionReply(text, slots, str(requested) if requested else None, buttons, handoff)


def _payload(call: ActionCall) -> dict[str, Any]:
    message = {
        "text": call.text,
        "intent": {"name": call.intent, "confidence": call.intent_confidence},
        "entities": [dict(entity) for entity in call.entities],
    }
    return {
        "next_action": call.action,
        "sender_id": call.conversation,
        "tracker": {
            "sender_id": call.conversation,
            "slots": dict(call.slots),
            "latest_message": message,
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": None,
        },
        "domain": {},
    }


def _actions_of(modules: Iterable[str]) -> list[Action]:
    found = []
    for name in modules:
        module = importlib.import_module(name)
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if issubclass(cls, Action) and cls.__module__ == module.__name__:
                found.append(cls())
    return found
