"""Everything that the conversation core refuses, as one tree.

ConversationError
└── Refused            a command that the stage table, or a rule beside it, does not allow
"""

from __future__ import annotations

from typing import Literal

from bot.conversation.events import Stage

RefusalCode = Literal[
    "wrong_stage",
    "already_claimed",
    "not_claimed",
    "not_holder",
    "not_yours",
    "bad_frame",
    "bad_id",
    "text_empty",
]


class ConversationError(Exception):
    """The base of all errors of this package; its text says what to do."""


class Refused(ConversationError):
    """A command that may not happen now. Nothing was changed.

    Attributes:
        code: the code of docs/wire.md, for the client.
        holder: name of the person who holds the conversation, where that is the reason.
        stage: where the conversation is, where that is the reason.
    """

    def __init__(
        self,
        code: RefusalCode,
        message: str,
        holder: str | None = None,
        stage: Stage | None = None,
    ) -> None:
        super().__init__(message)
        self.code: RefusalCode = code
        self.holder = holder
        self.stage = stage
