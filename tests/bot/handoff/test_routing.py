from datetime import UTC, datetime, timedelta

from bot.conversation.events import ConversationId, StaffId
from bot.handoff.routing import (
    Colleague,
    Mode,
    Need,
    assign,
    choose,
)

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def _colleague(id: str, **facts) -> Colleague:
    return Colleague(StaffId(id), present=True, **facts)


def test_the_language_goes_before_the_skill_and_the_skill_before_the_load() -> None:
    staff = [
        _colleague("idle", languages=frozenset({"en"})),
        _colleague("reads", languages=frozenset({"zh"}), skills=frozenset({"payment"}), holding=5),
        _colleague("knows", languages=frozenset({"en"}), skills=frozenset({"return"})),
        _colleague("both", languages=frozenset({"zh"}), skills=frozenset({"return"}), holding=9),
    ]
    need = Need("zh", "return")
    order = []
    while staff:
        chosen = choose(need, staff, Mode.LEAST_BUSY)
        order.append(chosen.id)
        staff.remove(chosen)
    assert order == ["both", "reads", "idle", "knows"]


def test_round_robin_gives_to_whoever_was_given_one_longest_ago() -> None:
    ago = NOW - timedelta(minutes=5)
    staff = [
        _colleague("a", last_given_at=NOW),
        _colleague("b", last_given_at=ago),
        _colleague("c"),
    ]
    waiting = [(ConversationId(f"c{number}"), Need()) for number in range(5)]
    given = assign(waiting, staff, Mode.ROUND_ROBIN, NOW)
    assert [who for _, who in given] == ["c", "b", "a", "c", "b"]


def test_nobody_is_given_more_than_they_can_hold_and_the_first_in_the_queue_comes_first() -> None:
    staff = [_colleague("a", capacity=1), _colleague("b", holding=2, capacity=3)]
    waiting = [(ConversationId(id), Need()) for id in ("angry", "long", "short")]
    assert assign(waiting, staff, Mode.LEAST_BUSY, NOW) == [("angry", "a"), ("long", "b")]


def test_where_people_pick_nobody_is_given_anything() -> None:
    assert choose(Need(), [_colleague("a")], Mode.PICK) is None
