"""Reads conversations as they stand, many at once: for those who look, and for the one who writes.

The statements are built once, because building them costs as much as running them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from bot.conversation.conversation import ConversationState, Turn
from bot.conversation.events import ConversationId
from bot.transcripts import tables
from bot.transcripts.rows import read_state, read_turn

_STATES = select(tables.conversations).where(
    tables.conversations.c.id.in_(bindparam("held", expanding=True))
)
_LOCKED = _STATES.order_by(tables.conversations.c.id).with_for_update(key_share=True)
_OPEN_TURNS = (
    select(tables.turns)
    .where(
        tables.turns.c.conversation.in_(bindparam("held", expanding=True)),
        tables.turns.c.ended_at.is_(None),
    )
    .order_by(tables.turns.c.number)
)


def read_states(
    connection: Connection, conversations: Sequence[str], *, lock: bool = False
) -> dict[ConversationId, ConversationState]:
    """Read those of the conversations that exist, with their open turns.

    Args:
        lock: keep other nodes away from them until the commit, in the order of their ids, so that
            two nodes never wait for each other in a circle.
    """
    wanted = {"held": list(conversations)}
    rows = connection.execute(_LOCKED if lock else _STATES, wanted).all() if conversations else []
    turns: dict[str, list[Turn]] = {}
    for row in connection.execute(_OPEN_TURNS, wanted) if rows else ():
        turns.setdefault(row.conversation, []).append(read_turn(row))
    states = (read_state(row, tuple(turns.get(row.id, ()))) for row in rows)
    return {state.id: state for state in states}
