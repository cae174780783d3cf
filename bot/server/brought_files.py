"""Takes the file of a request, for every route that an admin brings files by."""

from __future__ import annotations

import asyncio

from fastapi import UploadFile

from bot.errors import RequestRefused
from bot.server.service import Service
from bot.server.uploads import Upload
from bot.server.web_rules import BodyTooLarge
from bot.transcripts.store import Session


async def read_brought(service: Service, session: Session, file: UploadFile) -> bytes:
    """Read what was brought.

    Raises:
        TooMany: the account brings too much.
        BodyTooLarge: the file is larger than the setting `upload_bytes`.
        RequestRefused: it is empty.
    """
    service.uploads.take(session.account.id)
    limit = service.settings.upload_bytes
    content = await file.read(limit + 1)
    if len(content) > limit:
        raise BodyTooLarge(f"The file is over {limit} bytes.", f"文件超过了 {limit} 字节。")
    if not content:
        raise is_empty()
    return content


async def keep_brought(
    service: Service, session: Session, file: UploadFile, content: bytes
) -> Upload:
    """Keep what was read, under the name that it was brought by."""
    return await asyncio.to_thread(
        service.knowledge.uploads.keep, content, file.filename or "file", session.account.id
    )


def is_empty() -> RequestRefused:
    """Make the refusal of a file in which there is nothing."""
    return RequestRefused("The file is empty.", "文件是空的。", code="file_refused")
