from datetime import UTC, datetime, timedelta

from bot.conversation.events import ConversationId, EventKind
from bot.handoff.figures import Happening, Waits, figures_of

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ASKED, TAKEN, LEFT, WENT_ON, CLOSED, RATED = (
    EventKind.HANDOFF_REQUESTED,
    EventKind.STAFF_CLAIMED,
    EventKind.MESSAGE_LEFT,
    EventKind.WENT_ON_WITH_BOT,
    EventKind.CLOSED,
    EventKind.RATED,
)


def talk(name, *events):
    """One conversation: (kind, seconds after noon) or (RATED, seconds, score)."""
    return [
        Happening(ConversationId(name), kind, NOON + timedelta(seconds=at), *score)
        for kind, at, *score in events
    ]


def test_a_quiet_week_says_nothing_about_waits_and_ratings():
    figures = figures_of(0, [])
    assert figures.first_wait == Waits(0, None, None)
    assert sum(figures.scores.values()) == 0
    assert (figures.conversations, figures.bot_only, figures.gave_up_waiting) == (0, 0, 0)


def test_waits_are_those_that_a_person_ended():
    happenings = [
        *talk("quick", (ASKED, 0), (TAKEN, 30), (CLOSED, 90)),
        *talk("slow", (ASKED, 0), (TAKEN, 300)),
        *talk("again", (ASKED, 0), (TAKEN, 60), (CLOSED, 70), (ASKED, 100), (TAKEN, 190)),
        *talk("gave up", (ASKED, 0), (CLOSED, 5_000)),
        *talk("went on", (ASKED, 0), (WENT_ON, 20), (CLOSED, 60)),
        *talk("still waits", (ASKED, 0)),
        *talk("taken unasked", (TAKEN, 5)),
    ]
    figures = figures_of(9, happenings)
    assert figures.first_wait == Waits(4, 75.0, 300.0)
    assert (figures.handed_over, figures.claimed, figures.bot_only) == (6, 4, 2)
    assert (figures.gave_up_waiting, figures.went_on_with_bot) == (1, 1)


def test_the_newest_rating_of_each_conversation_counts_by_who_had_it():
    happenings = [
        *talk("bot", (RATED, 0, 1), (RATED, 9, 4)),
        *talk("person", (ASKED, 0), (TAKEN, 10), (CLOSED, 20), (RATED, 30, 5)),
        *talk("left", (LEFT, 0), (ASKED, 0), (RATED, 30, 2)),
    ]
    figures = figures_of(3, happenings)
    assert figures.scores == {1: 0, 2: 1, 3: 0, 4: 1, 5: 1}
    assert figures.bot_scores == {1: 0, 2: 1, 3: 0, 4: 1, 5: 0}
    assert figures.staff_scores == {1: 0, 2: 0, 3: 0, 4: 0, 5: 1}
    assert figures.messages_left == 1
