"""Log lines: structured, with the conversation's id and never a message's text.

One line is one JSON object (or a coloured line at a console). The libraries' own loggers go
through the same door, so that a machine reads one form only.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from bot.settings import Settings

_NEVER_LOGGED = ("text", "password", "token", "csrf", "cookie", "authorization")

_TALKATIVE = ("uvicorn.access", "alembic", "rasa_sdk", "jieba", "httpx", "bm25s")


def hide_words(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Replace what may hold a shopper's words or a secret, should anybody pass it."""
    for name in _NEVER_LOGGED:
        if name in line:
            line[name] = "(hidden)"
    return line


def set_up_logs(settings: Settings, stream: Any = None) -> None:
    """Send every log line to `stream` (standard error) in the form that the settings name."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_words,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    stream = stream or sys.stderr
    console = settings.log_format == "console" or (
        settings.log_format == "auto" and stream.isatty()
    )
    writer = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.dev.ConsoleRenderer()
            if console
            else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(writer)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # One line a connection or request is more than a log is for; /metrics counts them.
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Its warnings tell what strangers send; whoever sends much of it would fill the disk.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def log_of(name: str) -> structlog.stdlib.BoundLogger:
    """Get the log of one module."""
    log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return log
