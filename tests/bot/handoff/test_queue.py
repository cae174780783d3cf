from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.conversation.events import ConversationId, Stage
from bot.handoff.queue import in_order, places

NINE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    conversation: ConversationId
    minutes: int
    mood: str = "neutral"
    stage: Stage = Stage.WAITING_FOR_STAFF

    @property
    def waiting_since(self) -> datetime:
        return NINE + timedelta(minutes=self.minutes)

    last_at = NINE


def _line(id: str, minutes: int, **facts) -> Line:
    return Line(ConversationId(id), minutes, **facts)


def test_the_angry_go_first_then_who_waits_longest_then_who_is_held() -> None:
    lines = [
        _line("held", 0, stage=Stage.WITH_STAFF),
        _line("late", 9),
        _line("early", 1),
        _line("angry", 8, mood="angry"),
        _line("twin-b", 5),
        _line("twin-a", 5),
    ]
    ordered = [line.conversation for line in in_order(lines)]
    assert ordered == ["angry", "early", "twin-a", "twin-b", "late", "held"]


def test_only_those_who_wait_have_a_place() -> None:
    lines = [_line("a", 3), _line("b", 1), _line("c", 0, stage=Stage.WITH_STAFF)]
    assert places(lines) == {"b": 1, "a": 2}


def test_the_order_is_that_of_the_inbox(tmp_path) -> None:
    from bot.conversation.commands import (
        AsksForPerson,
        Begin,
        BotAnswers,
        BotSpeech,
        ShopperSays,
        StaffClaims,
        TakeTurn,
    )
    from bot.conversation.events import ClientId, StaffId
    from bot.transcripts.open import open_transcripts

    moments = (NINE + timedelta(seconds=n) for n in range(10_000))
    transcripts = open_transcripts(f"sqlite:///{tmp_path}/s.sqlite3", now=lambda: next(moments))
    store = transcripts.store
    for number, mood in enumerate(("neutral", "angry", "negative", "angry", "neutral", "neutral")):
        id = ConversationId(f"c{number}")
        begun = store.begin(
            Begin(id), bytes([number]) * 32, ShopperSays(ClientId(id), "hello")
        ).result(20)
        taken = store.submit(id, TakeTurn(begun.recorded.turns[0].ticket)).result(20)
        speech = BotSpeech("Hm.", "en", mood=mood)
        store.submit(id, BotAnswers(taken.turns[0].ticket, speech)).result(20)
        store.submit(id, AsksForPerson()).result(20)
    store.submit(ConversationId("c4"), StaffClaims(StaffId("li"), "Li Na")).result(20)
    inbox = store.inbox()
    transcripts.close()
    assert [line.conversation for line in inbox] == ["c1", "c3", "c0", "c2", "c5", "c4"]
    assert in_order(reversed(inbox)) == list(inbox)
