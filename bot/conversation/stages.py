"""What may happen next, as a table: stage x command -> next stage and the events it makes.

Everything that is not in the table is refused with one named error. `docs/stages.md` is made from
this table by `python -m bot.conversation.stages > docs/stages.md` (a test compares them).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.commands import CommandKind
from bot.conversation.errors import RefusalCode, Refused
from bot.conversation.events import EventKind, Stage


@dataclass(frozen=True, slots=True)
class Move:
    """What one command does in one stage: the stage after it, and the events, in order."""

    to: Stage
    events: tuple[EventKind, ...] = ()


_BOT, _QUEUE = Stage.WITH_BOT, Stage.WAITING_FOR_STAFF
_STAFF, _CLOSED = Stage.WITH_STAFF, Stage.CLOSED


def _drafts(stage: Stage) -> dict[CommandKind, Move]:
    """Keep bot words for staff in a stage where the bot has no voice."""
    draft = Move(stage, (EventKind.BOT_DRAFTED,))
    words = (CommandKind.BOT_ANSWERS, CommandKind.BOT_ASKS, CommandKind.BOT_GIVES_UP)
    return {**dict.fromkeys(words, draft), CommandKind.LATE_WORDS: draft}


def _always(stage: Stage) -> dict[CommandKind, Move]:
    """What is possible in every stage and changes none."""
    return {
        # A message that was left waits for a person's word in any stage.
        CommandKind.REPLY_IS_LATE: Move(stage, (EventKind.REPLY_LATE,)),
        CommandKind.STAFF_TAGS: Move(stage, (EventKind.TAGGED,)),
        CommandKind.SHOPPER_RATES: Move(stage, (EventKind.RATED,)),
    }


TABLE: Mapping[Stage, Mapping[CommandKind, Move]] = {
    _BOT: {
        CommandKind.SHOPPER_SAYS: Move(_BOT, (EventKind.SHOPPER_SAID,)),
        CommandKind.ASKS_FOR_PERSON: Move(_QUEUE, (EventKind.HANDOFF_REQUESTED,)),
        CommandKind.TAKE_TURN: Move(_BOT),
        CommandKind.BOT_ANSWERS: Move(_BOT, (EventKind.BOT_ANSWERED,)),
        CommandKind.BOT_ASKS: Move(_BOT, (EventKind.BOT_ASKED,)),
        CommandKind.BOT_GIVES_UP: Move(
            _QUEUE, (EventKind.BOT_GAVE_UP, EventKind.HANDOFF_REQUESTED)
        ),
        CommandKind.TURN_FAILS: Move(_BOT, (EventKind.BOT_NOTICE,)),
        CommandKind.LATE_WORDS: Move(_BOT, (EventKind.BOT_DRAFTED,)),
        CommandKind.BOT_NOTICES: Move(_BOT, (EventKind.BOT_NOTICE,)),
        CommandKind.STAFF_CLAIMS: Move(_STAFF, (EventKind.STAFF_CLAIMED,)),
        CommandKind.STAFF_NOTES: Move(_BOT, (EventKind.STAFF_NOTED,)),
        CommandKind.STAFF_CLOSES: Move(_CLOSED, (EventKind.CLOSED,)),
        CommandKind.SHOPPER_CLOSES: Move(_CLOSED, (EventKind.CLOSED,)),
        CommandKind.LEAVES_MESSAGE: Move(
            _QUEUE, (EventKind.MESSAGE_LEFT, EventKind.HANDOFF_REQUESTED)
        ),
        **_always(_BOT),
    },
    _QUEUE: {
        CommandKind.SHOPPER_SAYS: Move(_QUEUE, (EventKind.SHOPPER_SAID,)),
        CommandKind.ASKS_FOR_PERSON: Move(_QUEUE),
        **_drafts(_QUEUE),
        CommandKind.BOT_NOTICES: Move(_QUEUE, (EventKind.BOT_NOTICE,)),
        CommandKind.STAFF_CLAIMS: Move(_STAFF, (EventKind.STAFF_CLAIMED,)),
        CommandKind.STAFF_NOTES: Move(_QUEUE, (EventKind.STAFF_NOTED,)),
        CommandKind.STAFF_CLOSES: Move(_CLOSED, (EventKind.CLOSED,)),
        CommandKind.SHOPPER_CLOSES: Move(_CLOSED, (EventKind.CLOSED,)),
        CommandKind.GOES_ON_WITH_BOT: Move(_BOT, (EventKind.WENT_ON_WITH_BOT,)),
        CommandKind.LEAVES_MESSAGE: Move(_QUEUE, (EventKind.MESSAGE_LEFT,)),
        **_always(_QUEUE),
    },
    _STAFF: {
        CommandKind.SHOPPER_SAYS: Move(_STAFF, (EventKind.SHOPPER_SAID,)),
        CommandKind.ASKS_FOR_PERSON: Move(_STAFF),
        **_drafts(_STAFF),
        CommandKind.STAFF_CLAIMS: Move(_STAFF),  # again by the holder; others are refused
        CommandKind.STAFF_SAYS: Move(_STAFF, (EventKind.STAFF_SAID,)),
        CommandKind.STAFF_NOTES: Move(_STAFF, (EventKind.STAFF_NOTED,)),
        CommandKind.STAFF_RELEASES: Move(_QUEUE, (EventKind.STAFF_RELEASED,)),
        CommandKind.CLAIMER_GOES_AWAY: Move(_QUEUE, (EventKind.STAFF_RELEASED,)),
        CommandKind.HANDS_BACK: Move(_BOT, (EventKind.HANDED_BACK,)),
        CommandKind.STAFF_TRANSFERS: Move(_STAFF, (EventKind.STAFF_TRANSFERRED,)),
        CommandKind.STAFF_TAKES_OVER: Move(_STAFF, (EventKind.STAFF_TOOK_OVER,)),
        CommandKind.STAFF_CLOSES: Move(_CLOSED, (EventKind.CLOSED,)),
        CommandKind.SHOPPER_CLOSES: Move(_CLOSED, (EventKind.CLOSED,)),
        **_always(_STAFF),
    },
    _CLOSED: {
        CommandKind.SHOPPER_SAYS: Move(_BOT, (EventKind.REOPENED, EventKind.SHOPPER_SAID)),
        **_drafts(_CLOSED),
        CommandKind.STAFF_NOTES: Move(_CLOSED, (EventKind.STAFF_NOTED,)),
        CommandKind.STAFF_CLOSES: Move(_CLOSED),
        CommandKind.SHOPPER_CLOSES: Move(_CLOSED),
        CommandKind.STAFF_REOPENS: Move(_STAFF, (EventKind.REOPENED, EventKind.STAFF_CLAIMED)),
        **_always(_CLOSED),
    },
}

_NEEDS_A_HOLDER = frozenset(
    {
        CommandKind.STAFF_SAYS,
        CommandKind.STAFF_RELEASES,
        CommandKind.HANDS_BACK,
        CommandKind.CLAIMER_GOES_AWAY,
        CommandKind.STAFF_TRANSFERS,
        CommandKind.STAFF_TAKES_OVER,
    }
)


_WHY: Mapping[tuple[RefusalCode, Stage], str] = {
    ("wrong_stage", _BOT): "The assistant is answering in this conversation.",
    ("wrong_stage", _QUEUE): "This conversation is waiting for a person.",
    ("wrong_stage", _STAFF): "A person is answering in this conversation.",
    ("wrong_stage", _CLOSED): "This conversation has ended.",
    ("not_claimed", _BOT): "The assistant is answering in this conversation; claim it first.",
    ("not_claimed", _QUEUE): "Nobody has this conversation yet; claim it first.",
    ("not_claimed", _CLOSED): "This conversation has ended; reopen it first.",
}
"""What whoever came too late reads: the conversation went elsewhere before they saw it."""


def next_move(stage: Stage, command: CommandKind) -> Move:
    """Look up what a command does in a stage.

    Raises:
        Refused: the table does not allow it (`wrong_stage`, or `not_claimed` where the command
            is a holder's and nobody holds the conversation).
    """
    move = TABLE[stage].get(command)
    if move is not None:
        return move
    code: RefusalCode = "not_claimed" if command in _NEEDS_A_HOLDER else "wrong_stage"
    raise Refused(code, _WHY[code, stage], stage=stage)


def draw_stages() -> str:
    """Draw the table as a mermaid state diagram: one arrow per pair of stages, commands on it."""
    arrows: dict[tuple[Stage, Stage], list[str]] = {}
    for stage, row in TABLE.items():
        for kind, move in row.items():
            if move.to is not stage:
                arrows.setdefault((stage, move.to), []).append(kind.value)
    lines = ["stateDiagram-v2", f"    [*] --> {_BOT.value}: begin"]
    for (start, end), kinds in arrows.items():
        lines.append(f"    {start.value} --> {end.value}: {', '.join(kinds)}")
    return "\n".join(lines) + "\n"


def list_stages() -> str:
    """Write the whole table as Markdown rows: stage, command, next stage, events."""
    lines = ["| stage | command | next stage | events |", "|---|---|---|---|"]
    for stage, row in TABLE.items():
        for kind, move in row.items():
            made = ", ".join(f"`{event.value}`" for event in move.events) or "–"
            lines.append(f"| `{stage.value}` | `{kind.value}` | `{move.to.value}` | {made} |")
    return "\n".join(lines) + "\n"


def write_page() -> str:
    """Write docs/stages.md."""
    return f"""# Who may say what next

A conversation is always in one of four stages. This page is written from the table in
`bot/conversation/stages.py`; a test compares the two. After a change of the table run
`python -m bot.conversation.stages > docs/stages.md`.

```mermaid
{draw_stages()}```

## The whole table

What is not in it is refused (`wrong_stage`, or `not_claimed` for what only a holder may do) and
changes nothing.

{list_stages()}"""


if __name__ == "__main__":
    sys.stdout.write(write_page())
