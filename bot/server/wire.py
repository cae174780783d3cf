"""From text to frames of the two sockets, strictly, and how what goes out is written.

Knows docs/wire.md and nothing else: no socket, no conversation, no store. Size and depth are
checked on the text before anything is decoded, so that one frame cannot cost more than itself.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from pydantic import ValidationError

from bot.conversation.visible import has_visible
from bot.errors import RequestRefused
from bot.server.frames import Frame, client_id_from
from bot.settings import Settings

PROTOCOL = 1

# Close codes; docs/wire.md says what each asks of the client.
SIGNED_OUT = 4001
NOT_YOURS = 4003
UNSUPPORTED_PROTOCOL = 4009
TOO_MANY_CONNECTIONS = 4100
TOO_MANY_BAD_FRAMES = 4101
NO_HELLO = 4108
SLOW_READER = 4208
RESTARTING = 1012
UNAVAILABLE = 1013

MOST_DIGITS = 20
"""Of a whole number in a frame; ours need sixteen, and to read many takes long."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class FrameRefused(RequestRefused):
    """One frame that is answered with `refused`.

    Attributes:
        id: the client id of the frame where it could be read, for the page to mark the message.
    """

    code = "bad_frame"

    def __init__(
        self, en: str, zh: str = "", *, code: str | None = None, id: str | None = None
    ) -> None:
        super().__init__(en, zh, code=code)
        self.id = id


def decode(raw: str | bytes, frames: dict[str, type[Frame]], settings: Settings) -> Frame:
    """Turn one text frame into its record.

    Args:
        raw: what came; bytes when the client sent a binary frame, which is refused.
        frames: the frames this socket knows, by type.
        settings: the limits.

    Raises:
        FrameRefused: with the code and the message of docs/wire.md.
    """
    fields = _decode_object(raw, settings)
    id = _readable_id(fields)
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise FrameRefused("The frame has no type.", "消息缺少 type。", id=id)
    model = frames.get(kind)
    if model is None:
        known = ", ".join(frames)
        raise FrameRefused(
            f"There is no frame of this type; known are {known}.",
            f"没有这种 type；可用的有 {known}。",
            code="unknown_type",
            id=id,
        )
    try:
        frame = model.model_validate(fields)
    except ValidationError as error:
        raise _refusal(error, id) from None
    text = getattr(frame, "text", None)
    if text is not None:
        check_text(text, settings, id)
    return frame


def check_text(text: str, settings: Settings, id: str | None = None) -> None:
    """Refuse a text without a visible character, or over the limit."""
    if not has_visible(text):
        raise FrameRefused("The text is empty.", "消息是空的。", code="text_empty", id=id)
    if len(text) > settings.text_characters:
        limit = settings.text_characters
        raise FrameRefused(
            f"The text has {len(text)} characters; {limit} are allowed. Send it in parts.",
            f"消息有 {len(text)} 个字，最多 {limit} 个。请分几条发送。",
            code="text_too_long",
            id=id,
        )


def _decode_object(raw: str | bytes, settings: Settings) -> dict[str, Any]:
    if isinstance(raw, bytes):
        raise FrameRefused("Send text frames, not binary ones.", "请发送文本帧，不要发送二进制帧。")
    # A character takes one to four bytes: only a text that may be over is encoded to be counted.
    if len(raw) * 4 > settings.frame_bytes and _byte_length(raw) > settings.frame_bytes:
        raise FrameRefused(
            f"The frame is over {settings.frame_bytes} bytes.",
            f"消息超过 {settings.frame_bytes} 字节。",
        )
    _check_depth(raw, settings.frame_depth)
    try:
        value = json.loads(
            raw,
            parse_int=_whole_number,
            parse_constant=_no_constant,
            object_pairs_hook=_no_repeats,
        )
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise FrameRefused(f"The frame is not JSON: {why}.", "消息不是合法的 JSON。") from None
    if not isinstance(value, dict):
        raise FrameRefused("The frame is not a JSON object.", "消息不是 JSON 对象。")
    return value


def _byte_length(raw: str) -> int:
    return len(raw.encode("utf-8", errors="surrogatepass"))


def _check_depth(raw: str, limit: int) -> None:
    """Refuse deep nesting before decoding; brackets inside strings do not count."""
    if raw.count("[") + raw.count("{") <= limit:
        return
    depth = 0
    inside = escaped = False
    for character in raw:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            if depth > limit:
                raise FrameRefused(
                    f"The frame is nested over {limit} deep.", f"嵌套超过 {limit} 层。"
                )
        elif character in "]}":
            depth -= 1


def _whole_number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has over {MOST_DIGITS} digits")
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is named twice")
    return fields


def _readable_id(fields: dict[str, Any]) -> str | None:
    id = fields.get("id")
    if not isinstance(id, str):
        return None
    try:
        return client_id_from(id)
    except ValueError:
        return None


def _refusal(error: ValidationError, id: str | None) -> FrameRefused:
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in problem["loc"]) or "frame"
    if place == "id":
        return FrameRefused(
            "`id` must be a UUID or a ULID, new for each message.",
            "id 必须是 UUID 或 ULID，每条消息一个新的。",
            code="bad_id",
        )
    place = place[:80].encode("ascii", "backslashreplace").decode("ascii")
    return FrameRefused(f"Field `{place}`: {problem['msg']}.", f"字段 {place} 有误。", id=id)


def encode(type: str, **fields: Any) -> str:
    """Write one frame that goes out; fields that are None are left out.

    Raises:
        ValueError: a field holds NaN or an infinite number.
    """
    frame = {"type": type}
    frame.update((name, value) for name, value in fields.items() if value is not None)
    return _ENCODER.encode(frame)


def encode_with_null(type: str, name: str, value: Any, fields: dict[str, Any]) -> str:
    """Write one frame in which `name` stands even when it is null, because null means something."""
    frame = {"type": type, name: value}
    frame.update((key, given) for key, given in fields.items() if given is not None)
    return _ENCODER.encode(frame)


def refused(refusal: RequestRefused, **about: Any) -> str:
    """Write the answer to a frame that was refused."""
    id = refusal.id if isinstance(refusal, FrameRefused) else None
    fields = {"id": id, **about}
    return encode(
        "refused",
        **fields,
        code=refusal.code,
        message=refusal.message,
        retry_after_seconds=refusal.retry_after_seconds,
    )
