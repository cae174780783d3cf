"""What our packages and the system refuse becomes one answer each, with a status and in words."""

import asyncio
import errno
import re

import httpx
import pytest
from fastapi import FastAPI

from bot.conversation.commands import CommandKind
from bot.conversation.errors import Refused
from bot.conversation.events import Stage
from bot.conversation.stages import TABLE, next_move
from bot.errors import PartMissing, TooMany
from bot.server.app import add_error_answers
from bot.server.refusals import refusal_of, refusal_of_system
from bot.transcripts.errors import (
    ClockAhead,
    NotWiped,
    OutOfReach,
    StorageRefused,
    UnknownConversation,
)
from knowledge_base.errors import FileTooLarge, VersionRefused


@pytest.mark.parametrize(
    ("stage", "command"),
    [
        (stage, kind)
        for stage in Stage
        for kind in CommandKind
        if kind is not CommandKind.LATE_WORDS and kind not in TABLE[stage]
    ],
)
def test_whoever_comes_too_late_reads_what_became_of_the_conversation(stage, command):
    with pytest.raises(Refused) as refused:
        next_move(stage, command)
    told = refusal_of(refused.value)
    words = {
        Stage.WITH_BOT: ("assistant", "助手"),
        Stage.WAITING_FOR_STAFF: ("nobody has this|waiting", "没有人接待|等待"),
        Stage.WITH_STAFF: ("a person", "人工客服"),
        Stage.CLOSED: ("ended", "结束"),
    }[stage]
    for text, pattern in zip((told.en, told.zh), words, strict=True):
        assert re.search(pattern, text, re.IGNORECASE)
        assert "_" not in text  # no name of a command or of a stage


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused("already_claimed", "Mei holds it.", "Mei"), 400, "already_claimed"),
        (UnknownConversation("gone"), 404, "not_yours"),
        (StorageRefused("the disk is full"), 503, "storage"),
        (OutOfReach("no database"), 503, "storage"),
        (NotWiped("later"), 503, "not_wiped"),
        (ClockAhead("hours ahead"), 503, "clock_ahead"),
        (FileTooLarge("too large", "太大"), 400, "file_too_large"),
        (VersionRefused("spoiled"), 400, "version_refused"),
        (PartMissing("train first"), 409, "refused"),
        (TooMany("slowly", "慢一点"), 429, "rate_limited"),
    ],
)
def test_each_refusal_has_its_status_and_its_code(error, status, code):
    told = refusal_of(error)
    assert (told.status, told.code) == (status, code)
    assert told.en and told.zh


def test_a_refusal_by_the_stage_names_the_holder_in_both_languages():
    told = refusal_of(Refused("already_claimed", "Mei holds this conversation.", "Mei"))
    assert (told.en, told.zh) == ("Mei holds this conversation.", "Mei 已经接手了这个对话。")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "may not write"),
        (errno.EIO, "did not answer"),
    ],
)
def test_what_the_system_refuses_is_told_in_words(number, words):
    told = refusal_of_system(OSError(number, "what the system says"))
    assert (told.status, told.code) == (503, "storage")
    assert words in told.en


def test_what_is_a_fault_of_ours_is_not_laid_upon_the_disk():
    assert refusal_of_system(OSError(errno.EBADF, "bad descriptor")) is None
    assert refusal_of_system(OSError("without a number")) is None


def test_when_to_come_again_is_told_in_the_headers_too():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    add_error_answers(app)

    @app.get("/busy")
    async def busy():
        raise StorageRefused("the disk is full")

    async def ask():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as web:
            return await web.get("/busy")

    answer = asyncio.run(ask())

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["error"]["retry_after_seconds"] == 1
