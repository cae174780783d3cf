"""Runs rasa-sdk actions, in this process or on an action server, and reads what they did.

A shop's existing `rasa_sdk.Action` classes run unchanged: name their module in `action_modules`,
or the address of the action server that serves them in `action_server_url`.
"""

from __future__ import annotations

import asyncio
import http.client
import importlib
import inspect
import json
import ssl
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from bot.actions.rasa import Action, ActionExecutor
from bot.posting import HttpAddress, post, resolved

# An action that has not answered by then is treated as failed and the turn goes to a person.
ACTION_TIMEOUT_SECONDS = 5.0
# An action server's answer is a few lines of text; anything larger is a fault.
ACTION_ANSWER_BYTES = 1 << 20


class ActionFailed(Exception):
    """An action raised, timed out, is unknown, or answered nothing; the text says which."""


class ActionModuleRefused(Exception):
    """A module with a shop's own actions is not there, or fails while it is imported."""


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
            # Not its own words, which may be the shopper's: this text is logged.
            raised = f"{type(error).__name__} in {_place(error)}"
            raise ActionFailed(f"{call.action} raised {raised}") from error
        return read_reply(call, result.events, result.responses)

    async def _run_in_time(self, call: ActionCall) -> Any:
        return await asyncio.wait_for(
            self._executor.run(_payload(call)), timeout=ACTION_TIMEOUT_SECONDS
        )


class RemoteActions:
    """Runs actions on an action server (`POST /webhook`); redirects are not followed.

    Raises:
        ValueError: the address is no http(s) address, or holds a password.
    """

    def __init__(self, url: str, timeout_seconds: float = ACTION_TIMEOUT_SECONDS) -> None:
        whole = url.rstrip("/")
        self._to = HttpAddress.of(whole + ("" if whole.endswith("/webhook") else "/webhook"))
        self._tls = ssl.create_default_context() if self._to.secure else None
        self._timeout_seconds = timeout_seconds

    def run(self, call: ActionCall) -> ActionReply:
        """See ActionRunner."""
        try:
            status, written = post(
                self._to,
                resolved(self._to.host, self._to.port),
                json.dumps(_payload(call)).encode(),
                {"Content-Type": "application/json"},
                tls=self._tls,
                seconds=self._timeout_seconds,
                most_bytes=ACTION_ANSWER_BYTES,
            )
            if status != 200:
                raise ActionFailed(f"{call.action} on {self._to.host}: it answered {status}")
            answer = json.loads(written)
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            why = type(error).__name__
            raise ActionFailed(f"{call.action} on {self._to.host}: {why}") from error
        if not isinstance(answer, dict):
            raise ActionFailed(f"{call.action} on {self._to.host}: its answer is no object")
        return read_reply(call, answer.get("events", []), answer.get("responses", []))


def read_reply(call: ActionCall, events: object, responses: object) -> ActionReply:
    """Read an executor's result: slots applied, texts joined.

    Args:
        events, responses: lists of objects, as rasa's executor makes them; a server may send
            anything.

    Raises:
        ActionFailed: it said nothing, or something of another shape.
    """
    slots = dict(call.slots)
    for event in _objects(call, "events", events):
        if event.get("event") == "slot":
            slots[str(event.get("name"))] = event.get("value")
        elif event.get("event") == "reset_slots":
            slots.clear()
    said = _objects(call, "responses", responses)
    text = "\n".join(str(response["text"]) for response in said if response.get("text"))
    if not text:
        raise ActionFailed(f"{call.action} said nothing; it must utter a text")
    buttons = tuple(
        (str(button.get("title", "")), str(button.get("payload", "")))
        for response in said
        for button in _objects(call, "buttons", response.get("buttons") or [])
    )
    customs = [response.get("custom") for response in said]
    handoff = any(isinstance(one, Mapping) and one.get("handoff") is True for one in customs)
    requested = slots.get("requested_slot")
    return ActionReply(text, slots, str(requested) if requested else None, buttons, handoff)


def _objects(call: ActionCall, name: str, found: object) -> list[Mapping[str, Any]]:
    """Take a list of objects. Raises ActionFailed for anything else."""
    if isinstance(found, list) and all(isinstance(one, Mapping) for one in found):
        return found
    raise ActionFailed(f"the {name} of {call.action} are no list of objects")


def _place(error: Exception) -> str:
    """Name the line that raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"


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
        try:
            found += _actions_in(importlib.import_module(name))
        except Exception as error:  # the edge to a shop's own code
            why = f"{type(error).__name__}: {error}"
            raise ActionModuleRefused(f"{name} cannot be imported ({why})") from error
    return found


def _actions_in(module: ModuleType) -> list[Action]:
    return [
        cls()
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Action) and cls.__module__ == module.__name__
    ]
