"""Who of the staff has which conversation open, and who writes in it: two notice each other.

Freshness only. The right to speak is the stage table's; this keeps people from running into it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.conversation.events import ConversationId, StaffId
from bot.server.attendance import Attendance


class Watchers:
    """The watchers of every conversation, on all nodes.

    Args:
        attendance: keys are "<conversation>/<staff>"; active means writing.
        name_of: gives a colleague's name.
        changed: called when the watchers of a conversation may have changed.
    """

    def __init__(
        self,
        attendance: Attendance,
        name_of: Callable[[StaffId], str],
        changed: Callable[[ConversationId], None],
    ) -> None:
        self._attendance = attendance
        self._name_of = name_of
        self._changed = changed

    def looks(
        self, conversation: ConversationId, staff: StaffId, connection: object, composing: bool
    ) -> None:
        """Note that somebody has it open here, writing or not."""
        self._attendance.came(f"{conversation}/{staff}", connection, composing)
        self._changed(conversation)

    def leaves(self, conversation: ConversationId, staff: StaffId, connection: object) -> None:
        """Note that one of somebody's pages has it open no longer."""
        self._attendance.went(f"{conversation}/{staff}", connection)
        self._changed(conversation)

    def heard(self, line: str) -> None:
        """Take a line of another node."""
        key = self._attendance.heard(line)
        if key is not None:
            self._changed(ConversationId(key.partition("/")[0]))

    def repeat(self) -> None:
        """Tell the other nodes again, and forget those that fell silent."""
        self._attendance.repeat()

    def of(self, conversation: ConversationId, but: StaffId) -> list[dict[str, Any]]:
        """List who has it open, one person left out."""
        listed = []
        for key, composing in self._attendance.everybody():
            held, _, staff = key.partition("/")
            if held == conversation and staff and staff != but:
                name = self._name_of(StaffId(staff))
                listed.append({"id": staff, "name": name, "composing": composing})
        return listed
