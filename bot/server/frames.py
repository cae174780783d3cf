"""The records of what may come in on the two sockets, strictly typed; docs/wire.md lists them.

Knows nothing else: how a text becomes one of them is in `bot.server.wire`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
SHOWN_CHARACTERS = 2_000
MAX_SEQ = 2**53 - 1  # the largest whole number that a page holds exactly


def client_id_from(text: str) -> str:
    """Give an id back if it is one. Raises ValueError."""
    if _ULID.fullmatch(text):
        return text
    try:
        parsed = UUID(text)
    except ValueError:
        parsed = None
    if parsed is None or str(parsed) != text.lower():
        raise ValueError("id must be a UUID or a ULID")
    return text


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the character U+0000 cannot be stored")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("half of a surrogate pair is not text")
    return text


def _mended(text: object) -> object:
    """Cut what only helps people along, and leave out what cannot be stored: it is no message.

    A page's title may be cut in the middle of an emoji, and must never keep a shopper from talking.
    """
    if not isinstance(text, str):
        return text
    cut = text[:SHOWN_CHARACTERS].replace("\x00", "\ufffd")
    return cut.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


ClientIdText = Annotated[str, Field(max_length=36), AfterValidator(client_id_from)]
ConversationText = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
TokenText = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$")]
Seq = Annotated[int, Field(ge=0, le=MAX_SEQ)]
FreeText = Annotated[str, AfterValidator(_storable)]
ShownText = Annotated[str, BeforeValidator(_mended)]
ShortText = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
StaffText = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
TagText = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_storable)]
TagList = Annotated[tuple[TagText, ...], Field(max_length=20, strict=False)]


class Frame(BaseModel):
    """The base of all frames that come in: exact types, no unknown field."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Tick(Frame):
    """Either side is alive."""

    type: Literal["tick"]


class Page(Frame):
    """The page that the widget stands on; shown to staff as text."""

    title: ShownText = ""
    url: ShownText = ""


class ShopperHello(Frame):
    """First frame of the widget."""

    type: Literal["hello"]
    protocol: int
    conversation: ConversationText | None = None
    token: TokenText | None = None
    epoch: TokenText | None = None
    last_seq: Seq | None = None
    language: Literal["zh", "en"] | None = None
    page: Page | None = None


class ShopperSay(Frame):
    """One message of the shopper."""

    type: Literal["say"]
    id: ClientIdText
    text: FreeText
    choice: ShortText | None = None


class ShopperSeen(Frame):
    """Everything up to here is on the screen."""

    type: Literal["seen"]
    up_to: Seq


class ShopperTyping(Frame):
    """The shopper types, or no longer."""

    type: Literal["typing"]
    on: bool


class ShopperMore(Frame):
    """Older events, please."""

    type: Literal["more"]
    before: Seq
    limit: Annotated[int, Field(ge=1)] | None = None


class ShopperClose(Frame):
    """The shopper ends the conversation."""

    type: Literal["close"]


class Contact(Frame):
    """How to reach a shopper; what may be left out is left out."""

    name: ShortText | None = None
    email: ShortText | None = None
    phone: ShortText | None = None
    wechat: ShortText | None = None
    other: ShortText | None = None


class ShopperLeavesMessage(Frame):
    """A message that people answer later."""

    type: Literal["leave_message"]
    id: ClientIdText
    text: FreeText
    contact: Contact


class ShopperGoesOn(Frame):
    """The shopper no longer waits for a person."""

    type: Literal["go_on_with_bot"]


class ShopperRate(Frame):
    """How satisfied the shopper is."""

    type: Literal["rate"]
    score: Annotated[int, Field(ge=1, le=5)]
    comment: FreeText = ""


class StaffHello(Frame):
    """First frame of the inbox; the CSRF token shows that the page is ours."""

    type: Literal["hello"]
    protocol: int
    csrf: TokenText


class StaffOpen(Frame):
    """Follow a conversation."""

    type: Literal["open"]
    conversation: ConversationText
    last_seq: Seq | None = None


class StaffMore(Frame):
    """Older events of a conversation."""

    type: Literal["more"]
    conversation: ConversationText
    before: Seq
    limit: Annotated[int, Field(ge=1)] | None = None


class StaffCommand(Frame):
    """A command on one conversation that needs nothing more."""

    type: Literal["leave", "claim", "release", "hand_back", "close", "reopen"]
    conversation: ConversationText


class StaffTransfer(Frame):
    """Give a conversation to a colleague."""

    type: Literal["transfer"]
    conversation: ConversationText
    to: StaffText


class StaffTakeOver(Frame):
    """Take a conversation from the one who holds it."""

    type: Literal["take_over"]
    conversation: ConversationText
    held_by: StaffText


class StaffTag(Frame):
    """Put tags on a conversation, or take them off."""

    type: Literal["tag"]
    conversation: ConversationText
    add: TagList = ()
    remove: TagList = ()


class StaffSuggest(Frame):
    """Known answers that fit, please."""

    type: Literal["suggest"]
    conversation: ConversationText
    text: ShownText | None = None


class StaffSay(Frame):
    """A message to the shopper."""

    type: Literal["say"]
    id: ClientIdText
    conversation: ConversationText
    text: FreeText


class StaffNote(Frame):
    """A private note, and the colleagues whom it calls."""

    type: Literal["note"]
    id: ClientIdText
    conversation: ConversationText
    text: FreeText
    mentions: Annotated[tuple[StaffText, ...], Field(max_length=20, strict=False)] = ()


class StaffTyping(Frame):
    """The staff member writes, or no longer; `private` when it is a note."""

    type: Literal["typing"]
    conversation: ConversationText
    on: bool
    private: bool = False


class StaffSeen(Frame):
    """Staff have read up to here."""

    type: Literal["seen"]
    conversation: ConversationText
    up_to: Seq


class StaffMentionsSeen(Frame):
    """Every note that calls this person counts as seen."""

    type: Literal["mentions_seen"]


class StaffPresence(Frame):
    """Whether new conversations may wait for this person."""

    type: Literal["presence"]
    present: bool


SHOPPER_FRAMES: dict[str, type[Frame]] = {
    "hello": ShopperHello,
    "say": ShopperSay,
    "seen": ShopperSeen,
    "typing": ShopperTyping,
    "more": ShopperMore,
    "close": ShopperClose,
    "leave_message": ShopperLeavesMessage,
    "go_on_with_bot": ShopperGoesOn,
    "rate": ShopperRate,
    "tick": Tick,
}
STAFF_FRAMES: dict[str, type[Frame]] = {
    "hello": StaffHello,
    "open": StaffOpen,
    "more": StaffMore,
    "leave": StaffCommand,
    "claim": StaffCommand,
    "release": StaffCommand,
    "hand_back": StaffCommand,
    "close": StaffCommand,
    "reopen": StaffCommand,
    "transfer": StaffTransfer,
    "take_over": StaffTakeOver,
    "tag": StaffTag,
    "suggest": StaffSuggest,
    "say": StaffSay,
    "note": StaffNote,
    "typing": StaffTyping,
    "seen": StaffSeen,
    "mentions_seen": StaffMentionsSeen,
    "presence": StaffPresence,
    "tick": Tick,
}
