"""From bytes to text, without ever guessing silently.

A byte order mark or valid UTF-8 decides. Otherwise the bytes are decoded strictly in each Chinese
encoding, and one is taken only when the text that comes out is full of the commonest characters
while the others' is not: wrongly decoded Chinese is made of rare ones. Everything else is asked.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from knowledge_base.errors import UnknownEncoding
from knowledge_base.problem_texts import file_text

# What a caller may name. Python's own list holds codecs that are no encodings of text.
KNOWN_ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "windows-1252": "cp1252",
    "latin-1": "latin-1",
}
_MARKS: tuple[
    tuple[bytes, str], ...
] = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OFFERED = ("gb18030", "big5", "shift_jis", "euc-kr", "windows-1252")
_SURE_SHARE = 0.15  # of the non-ASCII characters; real Chinese has 0.3 to 0.6, wrong decoding 0.05
_SURE_PLAIN_SHARE = 0.3
_SURE_LEAD = 2.0
_FEWEST_CHARACTERS = 4
_LINES_NAMED = 8
_COMMON = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"
    "她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同"
    "三已老从动两长问题答案回复编号分类语言标准相似怎样退换货款单订快递运费付收取消修改地址尺码质量"
    "优惠券发票客服查询申请账户密码登录支付保修售后物流仓库商品价格请您吗呢吧什样些它把被让给与及或"
    "這來個國說們為時會著過學對裡後麼還發當無開經頭動兩長問題編號類語標準樣換貨訂單遞運費收消碼質"
    "優惠發票詢請賬戶帳錄後庫價格您嗎呢沒點間電話號件種實現關"
)


def decode(content: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text of a file and the name of its encoding.

    Args:
        encoding: one of `KNOWN_ENCODINGS`, when the caller knows it; None to find out.

    Raises:
        UnknownEncoding: the bytes are not text in that encoding, or in none with certainty.
    """
    if encoding is not None:
        return _decode_as(content, encoding), encoding.lower()
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return _strictly(content, codec, codec), codec
    if b"\0" in content:
        return _utf16_without_mark(content)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        return _chinese(content, error)


def _decode_as(content: bytes, encoding: str) -> str:
    codec = KNOWN_ENCODINGS.get(encoding.lower())
    if codec is None:
        known = ", ".join(KNOWN_ENCODINGS)
        raise UnknownEncoding(
            *file_text("foreign_encoding", named=encoding[:40], known=known), tuple(KNOWN_ENCODINGS)
        )
    text = _strictly(content, codec, encoding).removeprefix("\ufeff")
    if "\0" in text:
        raise UnknownEncoding(*file_text("nul_characters", encoding=encoding))
    return text


def _strictly(content: bytes, codec: str, name: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnknownEncoding(
            *file_text("not_in_encoding", encoding=name, at=error.start, line=line),
            _candidates(content),
        ) from error


def _utf16_without_mark(content: bytes) -> tuple[str, str]:
    """Read in the wrong order, UTF-16 has neither line ends nor common characters."""
    found: list[tuple[float, str, str]] = []
    for codec in ("utf-16-le", "utf-16-be"):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and ("\n" in text or "\r" in text or text[:1] in "[{"):
            found.append((_plain_share(text), codec, text))
    found.sort(reverse=True)
    runner_up = found[1][0] if len(found) > 1 else 0.0
    if found and found[0][0] >= max(_SURE_PLAIN_SHARE, _SURE_LEAD * runner_up):
        return found[0][2], found[0][1]
    raise UnknownEncoding(*file_text("zero_bytes"))


def _plain_share(text: str) -> float:
    """Share of characters that are ordinary in English or Chinese."""
    plain = sum(
        (one.isascii() and (one.isprintable() or one in "\r\n\t")) or one in _COMMON for one in text
    )
    return plain / max(1, len(text))


def _chinese(content: bytes, utf8_error: UnicodeDecodeError) -> tuple[str, str]:
    odd = _lines_not_utf8(content)
    if odd:
        shown = ", ".join(map(str, odd[:_LINES_NAMED])) + (" …" if len(odd) > _LINES_NAMED else "")
        raise UnknownEncoding(*file_text("mixed_encodings", count=len(odd), lines=shown))
    found: list[tuple[float, str, str]] = []
    for name in ("gb18030", "big5"):
        try:
            text = content.decode(KNOWN_ENCODINGS[name])
        except UnicodeDecodeError:
            continue
        found.append((_common_share(text), name, text))
    found.sort(reverse=True)
    runner_up = found[1][0] if len(found) > 1 else 0.0
    if found and found[0][0] >= max(_SURE_SHARE, _SURE_LEAD * runner_up):
        return found[0][2], found[0][1]
    line = content.count(b"\n", 0, utf8_error.start) + 1
    candidates = _candidates(content)
    words = file_text(
        "uncertain_encoding" if candidates else "unknown_encoding",
        at=utf8_error.start,
        line=line,
        candidates=", ".join(candidates),
    )
    raise UnknownEncoding(*words, candidates)


def _lines_not_utf8(content: bytes) -> list[int]:
    """Numbers of the lines that are not UTF-8, where others surely are Chinese in it; else none.

    A short line in another encoding may pass for UTF-8 by chance, but is made of rare characters.
    """
    odd: list[int] = []
    read: list[str] = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        try:
            read.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            odd.append(number)
    return odd if _common_share("".join(read)) >= _SURE_SHARE else []


def _common_share(text: str) -> float:
    """Share of the commonest characters among those that are not ASCII."""
    foreign = [character for character in text if not character.isascii()]
    if len(foreign) < _FEWEST_CHARACTERS:
        return 0.0
    return sum(character in _COMMON for character in foreign) / len(foreign)


def _candidates(content: bytes) -> tuple[str, ...]:
    """Every offered encoding in which the bytes are text."""
    return tuple(_decodable(content, _OFFERED))


def _decodable(content: bytes, names: Iterable[str]) -> Iterable[str]:
    for name in names:
        try:
            content.decode(KNOWN_ENCODINGS[name])
        except UnicodeDecodeError:
            continue
        yield name
