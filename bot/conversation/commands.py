"""What somebody wants to happen in a conversation, in the present tense.

A command is asked for; `bot.conversation.conversation.apply` turns it into events or refuses it.
Commands carry no time and no sequence number: both are given when the command is applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal

from bot.conversation.events import ClientId, ConversationId, HandoffReason, StaffId, TurnId


class CommandKind(StrEnum):
    """Every kind of command; the columns of the stage table."""

    SHOPPER_SAYS = "shopper_says"
    ASKS_FOR_PERSON = "asks_for_person"
    TAKE_TURN = "take_turn"
    BOT_ANSWERS = "bot_answers"
    BOT_ASKS = "bot_asks"
    BOT_GIVES_UP = "bot_gives_up"
    TURN_FAILS = "turn_fails"
    LATE_WORDS = "late_words"  # chosen by the core for bot words whose ticket is no longer good
    BOT_NOTICES = "bot_notices"
    STAFF_CLAIMS = "staff_claims"
    STAFF_SAYS = "staff_says"
    STAFF_NOTES = "staff_notes"
    STAFF_RELEASES = "staff_releases"
    HANDS_BACK = "hands_back"
    STAFF_CLOSES = "staff_closes"
    CLAIMER_GOES_AWAY = "claimer_goes_away"
    SHOPPER_CLOSES = "shopper_closes"
    STAFF_TRANSFERS = "staff_transfers"
    STAFF_TAKES_OVER = "staff_takes_over"
    STAFF_REOPENS = "staff_reopens"
    STAFF_TAGS = "staff_tags"
    GOES_ON_WITH_BOT = "goes_on_with_bot"
    LEAVES_MESSAGE = "leaves_message"
    SHOPPER_RATES = "shopper_rates"
    REPLY_IS_LATE = "reply_is_late"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to answer one turn once.

    Attributes:
        turn: the turn.
        attempt: how often the turn had been taken when the ticket was given; an answer with an
            older attempt than the turn's own is refused, so two workers never both answer.
        claim_epoch: the conversation's claim epoch then; it is raised by every change of owner,
            so words thought out before a person took over are recognised as late.
    """

    turn: TurnId
    attempt: int
    claim_epoch: int


@dataclass(frozen=True, slots=True)
class BotSpeech:
    """What the bot says with one turn, and what is to be remembered of it.

    Attributes:
        text: never empty.
        language: "zh" or "en".
        source: "known", "written", "action", "said", or None.
        confidence: in [0, 1], None where there is none.
        entry: id of the entry answered from.
        choices: quick replies, (label, value) each.
        memory: the answerer's memory, JSON values only; kept as it is.
        failures: turns in a row that were not answered, this one included.
        mood, intent, order: for the inbox and the packet.
        trace: why this answer, JSON values only; staff only. None when there is none.
    """

    text: str
    language: str
    source: str | None = None
    confidence: float | None = None
    entry: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)
    failures: int = 0
    mood: str = "neutral"
    intent: str | None = None
    order: str | None = None
    trace: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """A new conversation comes to be, with the bot. The only command without a state before it.

    Attributes:
        conversation: a fresh unguessable id.
        language: language of the widget, None when unknown.
        page: the page it was begun on, {"title", "url"}; a stranger's text, shown to staff only.
    """

    conversation: ConversationId
    language: str | None = None
    page: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShopperSays:
    """One message of the shopper; reopens a closed conversation with the bot.

    Attributes:
        take: whoever submits it answers at once, so the turn is taken in the same step, if it is
            the next one. Otherwise a `TakeTurn` follows, and later messages may join the turn.
    """

    kind: ClassVar[CommandKind] = CommandKind.SHOPPER_SAYS
    client_id: ClientId
    text: str
    choice: str | None = None
    take: bool = False


@dataclass(frozen=True, slots=True)
class AsksForPerson:
    """The shopper is put into the queue without a turn of the bot (button, or overload)."""

    kind: ClassVar[CommandKind] = CommandKind.ASKS_FOR_PERSON
    reason: HandoffReason = HandoffReason.WISH


@dataclass(frozen=True, slots=True)
class TakeTurn:
    """The bot begins to answer a turn, or takes it over from an attempt that died.

    The recorded turn carries the new ticket, with which the answer must be given.
    """

    kind: ClassVar[CommandKind] = CommandKind.TAKE_TURN
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class BotAnswers:
    """The turn is answered."""

    kind: ClassVar[CommandKind] = CommandKind.BOT_ANSWERS
    ticket: Ticket
    speech: BotSpeech


@dataclass(frozen=True, slots=True)
class BotAsks:
    """The bot asks back: a clarification, or something an action needs. Ends the turn as well."""

    kind: ClassVar[CommandKind] = CommandKind.BOT_ASKS
    ticket: Ticket
    speech: BotSpeech


@dataclass(frozen=True, slots=True)
class BotGivesUp:
    """The bot hands over to people."""

    kind: ClassVar[CommandKind] = CommandKind.BOT_GIVES_UP
    ticket: Ticket
    speech: BotSpeech
    reason: HandoffReason


@dataclass(frozen=True, slots=True)
class TurnFails:
    """The turn cannot be answered and nobody takes it over; the shopper is told so."""

    kind: ClassVar[CommandKind] = CommandKind.TURN_FAILS
    ticket: Ticket
    text: str


@dataclass(frozen=True, slots=True)
class BotNotices:
    """The bot tells something outside a turn: nobody is here, the place in the queue."""

    kind: ClassVar[CommandKind] = CommandKind.BOT_NOTICES
    text: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class StaffClaims:
    """A person takes the conversation, from the queue or from the bot.

    Attributes:
        routed: the desk gave it to them by its rules; they did not pick it themselves.
    """

    kind: ClassVar[CommandKind] = CommandKind.STAFF_CLAIMS
    staff: StaffId
    name: str
    routed: bool = False


@dataclass(frozen=True, slots=True)
class StaffSays:
    """The holder says something to the shopper."""

    kind: ClassVar[CommandKind] = CommandKind.STAFF_SAYS
    staff: StaffId
    name: str
    client_id: ClientId
    text: str


@dataclass(frozen=True, slots=True)
class StaffNotes:
    """Any person of the staff leaves a private note.

    Attributes:
        mentions: colleagues who are to be told of it, as the caller read them from the text.
    """

    kind: ClassVar[CommandKind] = CommandKind.STAFF_NOTES
    staff: StaffId
    name: str
    client_id: ClientId
    text: str
    mentions: tuple[StaffId, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffReleases:
    """The holder puts the conversation back into the queue."""

    kind: ClassVar[CommandKind] = CommandKind.STAFF_RELEASES
    staff: StaffId


@dataclass(frozen=True, slots=True)
class HandsBack:
    """The holder gives the conversation back to the bot."""

    kind: ClassVar[CommandKind] = CommandKind.HANDS_BACK
    staff: StaffId


@dataclass(frozen=True, slots=True)
class StaffCloses:
    """A person ends the conversation; while somebody holds it, only the holder may."""

    kind: ClassVar[CommandKind] = CommandKind.STAFF_CLOSES
    staff: StaffId
    name: str = ""


@dataclass(frozen=True, slots=True)
class ClaimerGoesAway:
    """The holder is gone for longer than the setting allows; the shopper goes back to the queue."""

    kind: ClassVar[CommandKind] = CommandKind.CLAIMER_GOES_AWAY
    staff: StaffId


@dataclass(frozen=True, slots=True)
class ShopperCloses:
    """The shopper ends the conversation."""

    kind: ClassVar[CommandKind] = CommandKind.SHOPPER_CLOSES


@dataclass(frozen=True, slots=True)
class StaffTransfers:
    """The holder gives the conversation to a colleague, who has it from then on."""

    kind: ClassVar[CommandKind] = CommandKind.STAFF_TRANSFERS
    staff: StaffId
    name: str
    to: StaffId
    to_name: str


class TakeOverRight(StrEnum):
    """Why somebody may take a conversation from the one who holds it."""

    ADMIN = "admin"
    HOLDER_AWAY = "holder_away"


@dataclass(frozen=True, slots=True)
class StaffTakesOver:
    """A person takes the conversation from its holder.

    Attributes:
        held_by: the holder as the person saw it; if another has it by now, nothing is taken.
        right: what allows it; the caller has checked it (a role, or that the holder is away).
    """

    kind: ClassVar[CommandKind] = CommandKind.STAFF_TAKES_OVER
    staff: StaffId
    name: str
    held_by: StaffId
    right: TakeOverRight


@dataclass(frozen=True, slots=True)
class StaffReopens:
    """A person takes up a conversation that had ended."""

    kind: ClassVar[CommandKind] = CommandKind.STAFF_REOPENS
    staff: StaffId
    name: str


@dataclass(frozen=True, slots=True)
class StaffTags:
    """Any person of the staff puts tags on a conversation or takes them off."""

    kind: ClassVar[CommandKind] = CommandKind.STAFF_TAGS
    staff: StaffId
    name: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoesOnWithBot:
    """A shopper who waits for a person would rather go on with the bot."""

    kind: ClassVar[CommandKind] = CommandKind.GOES_ON_WITH_BOT


@dataclass(frozen=True, slots=True)
class LeavesMessage:
    """A shopper does not wait: the message and how to reach them stay, and people answer later.

    Attributes:
        contact: how to reach them, e.g. {"email": …}; keys from `CONTACT_KINDS`, at least one.
    """

    kind: ClassVar[CommandKind] = CommandKind.LEAVES_MESSAGE
    client_id: ClientId
    text: str
    contact: Mapping[str, str]


CONTACT_KINDS = frozenset({"name", "email", "phone", "wechat", "other"})
"""Ways to reach a shopper that `LeavesMessage` takes."""


@dataclass(frozen=True, slots=True)
class ShopperRates:
    """The shopper says how satisfied they are; a later answer replaces an earlier one.

    Attributes:
        score: 1 (bad) to 5 (good).
        comment: may be empty.
    """

    kind: ClassVar[CommandKind] = CommandKind.SHOPPER_RATES
    score: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ReplyIsLate:
    """Staff have not answered by the deadline. Said once for each wait, whoever notices first.

    Attributes:
        waiting_since: the wait that is meant (`ConversationState.owed_since`); when the shopper
            waits no longer, or anew, it is refused.
        deadline: which of the two passed.
    """

    kind: ClassVar[CommandKind] = CommandKind.REPLY_IS_LATE
    waiting_since: datetime
    deadline: Literal["first_reply", "next_reply"]


BotWords = BotAnswers | BotAsks | BotGivesUp
FirstWords = ShopperSays | LeavesMessage
"""What can begin a conversation: a word to the bot, or a message that is answered later."""

MessageWithId = ShopperSays | LeavesMessage | StaffSays | StaffNotes
"""Commands whose client id makes a repeat harmless."""
Command = (
    ShopperSays
    | AsksForPerson
    | TakeTurn
    | BotAnswers
    | BotAsks
    | BotGivesUp
    | TurnFails
    | BotNotices
    | StaffClaims
    | StaffSays
    | StaffNotes
    | StaffReleases
    | HandsBack
    | StaffCloses
    | ClaimerGoesAway
    | ShopperCloses
    | StaffTransfers
    | StaffTakesOver
    | StaffReopens
    | StaffTags
    | GoesOnWithBot
    | LeavesMessage
    | ShopperRates
    | ReplyIsLate
)
