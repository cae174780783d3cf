"""Turns what our packages and the system refuse into what a client is told, in both languages."""

from __future__ import annotations

import errno

from bot.conversation.errors import Refused
from bot.conversation.events import Stage
from bot.errors import Conflict, NotFound, NotNow, RequestRefused, ShopkeeperError, TooMany
from bot.transcripts.errors import ClockAhead, NotWiped, TranscriptsError, UnknownConversation
from knowledge_base.errors import KnowledgeBaseError

_CHINESE = {
    "wrong_stage": "对话的状态已经变了，请刷新后再试。",
    "already_claimed": "{holder} 已经接手了这个对话。",
    "not_claimed": "请先接手这个对话。",
    "not_holder": "这个对话由 {holder} 负责。",
    "not_yours": "没有这个对话，或者您没有权限。",
    "text_empty": "消息是空的。",
    "bad_frame": "消息里有无法保存的字符。",
    "bad_id": "消息编号不正确。",
}

_CHINESE_BY_STAGE = {
    ("wrong_stage", Stage.WITH_BOT): "这个对话正由智能助手接待。",
    ("wrong_stage", Stage.WAITING_FOR_STAFF): "这个对话正在等待人工客服。",
    ("wrong_stage", Stage.WITH_STAFF): "这个对话已经有人工客服在接待。",
    ("wrong_stage", Stage.CLOSED): "这个对话已经结束。",
    ("not_claimed", Stage.WITH_BOT): "这个对话正由智能助手接待，请先点“接待”。",
    ("not_claimed", Stage.WAITING_FOR_STAFF): "这个对话还没有人接待，请先点“接待”。",
    ("not_claimed", Stage.CLOSED): "这个对话已经结束，请先重新打开。",
}

_NO_ROOM = (
    "The server's disk is full; nothing was kept. Make room on it, then try again.",
    "服务器的磁盘满了，什么都没有保存。请先腾出空间再试。",
)
_NOT_WRITABLE = (
    "The server may not write in its own folder; nothing was kept. Give its user the right to "
    "write in state_folder, then try again.",
    "服务器无权写入数据目录（state_folder），什么都没有保存。请给运行它的用户写权限，然后再试。",
)
_NOT_READ = (
    "The server's disk did not answer as it should; nothing was kept. Try again.",
    "服务器的磁盘暂时读写不了，什么都没有保存。请稍后再试。",
)
_OF_SYSTEM = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _NO_ROOM),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), _NOT_WRITABLE),
    **dict.fromkeys((errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE), _NOT_READ),
}

Ours = Refused | TranscriptsError | KnowledgeBaseError | ShopkeeperError


def refusal_of(error: Ours) -> RequestRefused:
    """Make what a client is told of something that one of our packages refuses."""
    match error:
        case RequestRefused():
            return error
        case Refused():
            return RequestRefused(str(error), _in_chinese(error), code=error.code)
        case TranscriptsError():
            return _refusal_of_store(error)
        case KnowledgeBaseError():
            return RequestRefused(str(error), error.zh, code=error.code)
        case ShopkeeperError():
            return Conflict(str(error))


def _in_chinese(error: Refused) -> str:
    if error.stage is not None:
        return _CHINESE_BY_STAGE[error.code, error.stage]
    return _CHINESE.get(error.code, str(error)).format(holder=error.holder or "同事")


def _refusal_of_store(error: TranscriptsError) -> RequestRefused:
    match error:
        case UnknownConversation():
            return not_yours()
        case NotWiped():
            return NotNow(
                "The conversations are erased. What the files of the server still hold of them "
                "could not be overwritten yet: its disk may be full, or somebody reads very long. "
                "It is tried again by itself every ten minutes.",
                "对话已经删除，但服务器文件里的残留还没能覆盖：可能是磁盘满了，或者有人正在长时间"
                "读取。系统每十分钟会自动重试。",
                code="not_wiped",
            )
        case ClockAhead():
            return NotNow(
                str(error),
                "这台服务器的时钟比数据库快了很多，请先校准（NTP）。",
                code="clock_ahead",
            )
    return NotNow(
        "It could not be stored just now. Send it again.",
        "暂时无法保存，请稍后重新发送。",
        retry_after_seconds=1,
    )


def refusal_of_system(error: OSError) -> NotNow | None:
    """Make what a client is told when the system refuses a file; None: it is a fault of ours."""
    told = _OF_SYSTEM.get(error.errno or 0)
    return NotNow(*told) if told else None


def put_off(seconds: float) -> TooMany:
    """Make the refusal of a message that is to come again after so many seconds."""
    return TooMany(
        "Very many people write just now; your message is sent again in a moment.",
        "现在咨询的人太多，消息稍后会自动重新发送。",
        code="overload",
        retry_after_seconds=seconds,
    )


def not_yours() -> NotFound:
    """Make the refusal of a foreign or unknown conversation; the two are never told apart."""
    return NotFound(
        "There is no such conversation, or it is not yours.",
        _CHINESE["not_yours"],
        code="not_yours",
    )


def no_colleague() -> RequestRefused:
    """Make the refusal of somebody who is not, or no longer, of the staff."""
    return RequestRefused(
        "There is no such colleague, or the account is disabled.",
        "没有这个同事，或者账号已停用。",
        code="no_colleague",
    )
