"""Joins one node of the server from its parts: what answers, transcripts, bus and outbox.

Tests hand in twins of single parts. Knows no sockets; what serves them is in `bot/server`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.assemble.answering_beside import answer_beside
from bot.assemble.brain import Brain, assemble_brain
from bot.assemble.encoders import Loading
from bot.assemble.outside import open_bus, open_outbox, open_shared, open_store
from bot.assemble.shop import load_shop
from bot.clock import wall_clock
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.answering.answer import Answerer
    from bot.answering.answering_processes import AnsweringProcesses
    from bot.bus.bus import Bus
    from bot.server.service import Parts
    from bot.transcripts.store import Transcripts


def assemble_node(
    settings: Settings,
    *,
    answerer: Answerer | None = None,
    transcripts: Transcripts | None = None,
    bus: Bus | None = None,
    loading: Loading | None = None,
    now: Callable[[], datetime] = wall_clock,
) -> Parts:
    """Join one node. What is given is used; the rest is made as the settings say.

    Args:
        loading: the encoders, which were begun with; all of it has ended afterwards.

    Raises:
        PartMissing, StartRefused: naming what to do.
    """
    from bot.answering.live_training import warm_up
    from bot.server.service import Parts

    shop = load_shop(settings)
    shared = open_shared(settings)
    brain, beside = None, None
    if answerer is None:
        encoders = loading.encoders() if loading else None
        brain = assemble_brain(settings, shop, shared, encoders, writes=False)
        warm_up(brain.answerer)  # or the first shopper would wait for dictionaries to load
        if loading:
            loading.end()  # what has threads cannot be forked
        beside = answer_beside(settings, brain)
        brain.begin_to_write()
    kept = transcripts or open_store(settings, serving=True)
    return Parts(
        settings=settings,
        shop=shop,
        transcripts=kept,
        outbox=open_outbox(settings, kept),
        bus=bus or open_bus(settings),
        answerer=answerer or beside or _answerer_of(brain),
        knowledge=brain.knowledge if brain else None,
        training=brain.training if brain else None,
        shared=shared,
        models=brain.models if brain else {},
        now=now,
        answers_beside=(lambda: beside.up) if beside else _none,
        answers_beside_lost=(lambda: beside.lost) if beside else _none,
        close=partial(_close_all, brain, beside),
    )


def _answerer_of(brain: Brain | None) -> Answerer:
    assert brain is not None
    return brain.answerer


def _close_all(*parts: Brain | AnsweringProcesses | None) -> None:
    for part in parts:
        if part is not None:
            part.close()


def _none() -> int:
    return 0
