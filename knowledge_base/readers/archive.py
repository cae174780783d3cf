"""Looks at a ZIP archive (an XLSX file is one) before it is unpacked, and trusts none of it."""

from __future__ import annotations

import io
import zipfile

from knowledge_base.errors import FileRefused, FileTooLarge
from knowledge_base.problem_texts import file_text
from knowledge_base.readers.limits import (
    MAX_ARCHIVE_BYTES,
    MAX_ARCHIVE_ENTRIES,
    MAX_ARCHIVE_RATIO,
)

_LOCAL_HEADER_BYTES = 30
_READ_AT_ONCE_BYTES = 1 << 16
_RATIO_FROM_BYTES = 1 << 20  # a small file of blanks may well deflate a thousand times
_NESTED = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"BZh")
_BROKEN = file_text("workbook_broken")


def check_archive(content: bytes) -> frozenset[str]:
    """Verify an archive and count what it really unpacks to; the names of its parts.

    Raises:
        FileTooLarge: too many parts, or they unpack to too much.
        FileRefused: broken, overlapping or nested parts, or XML with a DOCTYPE.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_declared(parts, len(content))
            _check_places(parts, archive.start_dir)
            total = 0
            for part in parts:
                total += _counted(archive, part, MAX_ARCHIVE_BYTES - total)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise FileRefused(*_BROKEN) from error
    except RuntimeError as error:  # what zipfile says of an encrypted part
        raise FileRefused(*file_text("workbook_encrypted")) from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise FileRefused(*_BROKEN) from error
    return frozenset(part.filename for part in parts)


def _check_declared(parts: list[zipfile.ZipInfo], size: int) -> None:
    if len(parts) > MAX_ARCHIVE_ENTRIES:
        raise FileTooLarge(*file_text("workbook_parts", parts=len(parts), most=MAX_ARCHIVE_ENTRIES))
    declared = sum(part.file_size for part in parts)
    if declared > MAX_ARCHIVE_BYTES:
        raise _too_large()
    if declared > max(_RATIO_FROM_BYTES, MAX_ARCHIVE_RATIO * size):
        raise FileTooLarge(*file_text("workbook_ratio", most=MAX_ARCHIVE_RATIO))
    if len({part.filename for part in parts}) != len(parts):
        raise FileRefused(*_BROKEN)


def _check_places(parts: list[zipfile.ZipInfo], directory_at: int) -> None:
    """No two parts may share a byte: that is how one small stream becomes many large files."""
    end = 0
    for part in sorted(parts, key=lambda one: one.header_offset):
        if part.header_offset < end:
            raise FileRefused(*file_text("workbook_overlaps"))
        name_bytes = len(part.orig_filename.encode("utf-8", errors="surrogatepass"))
        end = part.header_offset + _LOCAL_HEADER_BYTES + name_bytes + part.compress_size
    if end > directory_at:
        raise FileRefused(*_BROKEN)


def _counted(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Unpack a part and throw it away: how many bytes it really has."""
    count, tail = 0, b""
    with archive.open(part) as stream:
        while block := stream.read(_READ_AT_ONCE_BYTES):
            if not count and block.startswith(_NESTED):
                raise FileRefused(*file_text("workbook_nested"))
            if _is_xml(part) and b"<!DOCTYPE" in (tail + block).upper():
                raise FileRefused(*file_text("workbook_doctype"))
            count, tail = count + len(block), block[-16:]
            if count > left:
                raise _too_large()
    return count


def _is_xml(part: zipfile.ZipInfo) -> bool:
    return part.filename.lower().endswith((".xml", ".rels", ".vml"))


def _too_large() -> FileTooLarge:
    return FileTooLarge(*file_text("workbook_too_large", most=MAX_ARCHIVE_BYTES // 1024 // 1024))
