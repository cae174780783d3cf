"""From a frame of the inbox to a command of the core, with the rights that the core leaves to us.

The stage table decides who may act on a conversation; here is decided what needs a role, or a
colleague who exists.
"""

from __future__ import annotations

from bot.conversation.commands import (
    Command,
    HandsBack,
    StaffClaims,
    StaffCloses,
    StaffNotes,
    StaffReleases,
    StaffReopens,
    StaffSays,
    StaffTags,
    StaffTakesOver,
    StaffTransfers,
    TakeOverRight,
)
from bot.conversation.events import ClientId, StaffId
from bot.errors import Forbidden
from bot.server import frames
from bot.server.inbox import Inbox
from bot.server.refusals import no_colleague
from bot.transcripts.accounts import ADMIN, StaffAccount

Written = frames.StaffSay | frames.StaffNote
Acting = frames.StaffCommand | frames.StaffTransfer | frames.StaffTakeOver | frames.StaffTag


def command_of(frame: Acting, me: StaffAccount, inbox: Inbox) -> Command:
    """Make the command of a frame that acts on a conversation.

    Raises:
        Forbidden: the role does not allow it.
        RequestRefused: `no_colleague`.
    """
    staff = StaffId(me.id)
    match frame:
        case frames.StaffTransfer():
            return _transfer(frame, me, inbox)
        case frames.StaffTakeOver():
            right = _right_to_take_over(frame, me, inbox)
            return StaffTakesOver(staff, me.name, StaffId(frame.held_by), right)
        case frames.StaffTag():
            return StaffTags(staff, me.name, frame.add, frame.remove)
        case frames.StaffCommand():
            commands: dict[str, Command] = {
                "claim": StaffClaims(staff, me.name),
                "release": StaffReleases(staff),
                "hand_back": HandsBack(staff),
                "close": StaffCloses(staff, me.name),
                "reopen": StaffReopens(staff, me.name),
            }
            return commands[frame.type]


def words_of(frame: Written, me: StaffAccount, inbox: Inbox) -> StaffSays | StaffNotes:
    """Make the command of a message or a note.

    Raises:
        RequestRefused: `no_colleague`, when a note calls somebody who is not of the staff.
    """
    staff, id = StaffId(me.id), ClientId(frame.id)
    if isinstance(frame, frames.StaffSay):
        return StaffSays(staff, me.name, id, frame.text)
    for colleague in frame.mentions:
        if inbox.colleagues.account(colleague) is None:
            raise no_colleague()
    mentions = tuple(StaffId(colleague) for colleague in frame.mentions)
    return StaffNotes(staff, me.name, id, frame.text, mentions)


def _transfer(frame: frames.StaffTransfer, me: StaffAccount, inbox: Inbox) -> StaffTransfers:
    colleague = inbox.colleagues.account(frame.to)
    if colleague is None:
        raise no_colleague()
    return StaffTransfers(StaffId(me.id), me.name, StaffId(colleague.id), colleague.name)


def _right_to_take_over(
    frame: frames.StaffTakeOver, me: StaffAccount, inbox: Inbox
) -> TakeOverRight:
    if ADMIN in me.roles:
        return TakeOverRight.ADMIN
    if inbox.is_away(frame.held_by):
        return TakeOverRight.HOLDER_AWAY
    raise Forbidden(
        "The holder is here: ask them to transfer it, or ask an admin.",
        "负责人在线，请对方转交，或者请管理员处理。",
    )
