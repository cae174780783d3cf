"""Takes the file of a request, for every route that an admin brings files by."""

from __future__ import annotations

import asyncio

from fastapi import UploadFile

from bot.errors import RequestRefused
from bot.server.request_body import BodyTooLarge
from bot.server.service import Service
from bot.server.uploads import Upload
from bot.transcripts.accounts import Session


async def keep_brought(service: Service, session: Session, file: UploadFile) -> Upload:
    """Keep what was brought, under the name that it was brought by.

    Raises:
        TooMany: the account brings too much.
        BodyTooLarge: the file is larger than the setting `upload_bytes`.
        RequestRefused: there is nothing in it.
    """
    service.uploads.take(session.account.id)
    limit = service.settings.upload_bytes
    content = await file.read(limit + 1)
    if len(content) > limit:
        raise BodyTooLarge(f"The file is over {limit} bytes.", f"文件超过了 {limit} 字节。")
    if not content.strip():
        raise RequestRefused("The file is empty.", "文件是空的。", code="file_refused")
    name = file.filename or "file"
    return await asyncio.to_thread(
        service.knowledge.uploads.keep, content, name, session.account.id
    )
