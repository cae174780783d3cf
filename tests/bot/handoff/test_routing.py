from bot.conversation.events import StaffId
from bot.handoff.routing import Colleague, is_anyone_here, who_could_take

ZH = Colleague(StaffId("zh"), present=True, languages=frozenset({"zh"}))
EN = Colleague(StaffId("en"), present=True, languages=frozenset({"en"}), holding=2, capacity=3)
BOTH = Colleague(StaffId("both"), present=True, holding=1)
AWAY = Colleague(StaffId("away"), present=False, languages=frozenset({"zh", "en"}))
FULL = Colleague(StaffId("full"), present=True, holding=3, capacity=3)
EVERYBODY = [FULL, AWAY, EN, BOTH, ZH]


def test_who_writes_the_language_comes_first_and_the_least_busy_of_them() -> None:
    assert [one.id for one in who_could_take("en", EVERYBODY)] == ["both", "en", "zh"]
    assert [one.id for one in who_could_take("zh", EVERYBODY)] == ["zh", "both", "en"]


def test_an_unknown_language_is_everybodys() -> None:
    assert [one.id for one in who_could_take(None, EVERYBODY)] == ["zh", "both", "en"]


def test_somebody_who_is_here_but_busy_is_still_here() -> None:
    assert is_anyone_here([AWAY, FULL])
    assert not is_anyone_here([AWAY])
    assert who_could_take("en", [AWAY, FULL]) == []
