"""Routes for admins: what happened at the desk, in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from bot.server.access import Right, declare
from bot.server.api_public import service_of
from bot.server.audience import iso

router = APIRouter()

MOST_DAYS = 366


@declare(router, "GET", "/api/figures", Right.ADMIN)
async def figures(
    request: Request, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7
) -> dict[str, Any]:
    """Count the talks, waits and ratings of the last days, and who waits now."""
    service = service_of(request)
    reader = service.parts.transcripts.figures
    counted = await service.desk.read(reader.since, service.parts.now() - timedelta(days=days))
    queue = await service.desk.read(reader.queue)
    told = asdict(counted)
    for name in ("scores", "bot_scores", "staff_scores"):
        told[name] = _by_text(told[name])
    return {
        "days": days,
        **told,
        "waiting_now": queue.waiting,
        "longest_waiting_since": iso(queue.since) if queue.since else None,
        "staff_present": service.presence.present,
    }


def _by_text(scores: Mapping[int, int]) -> dict[str, int]:
    return {str(score): many for score, many in scores.items()}
