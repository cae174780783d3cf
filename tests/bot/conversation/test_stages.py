from pathlib import Path

import pytest

from bot.conversation.commands import CommandKind
from bot.conversation.errors import Refused
from bot.conversation.events import EventKind, Stage
from bot.conversation.stages import TABLE, draw_stages, next_move, write_page

BOT_WORDS = {
    EventKind.BOT_ANSWERED,
    EventKind.BOT_ASKED,
    EventKind.BOT_GAVE_UP,
    EventKind.BOT_NOTICE,
}


def test_the_page_of_stages_is_written_from_the_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "stages.md"
    assert page.read_text(encoding="utf-8") == write_page()


def test_while_a_person_holds_it_no_command_makes_the_bot_speak() -> None:
    for kind, move in TABLE[Stage.WITH_STAFF].items():
        assert not BOT_WORDS.intersection(move.events), kind


def test_a_closed_conversation_hears_the_bot_no_more() -> None:
    for kind, move in TABLE[Stage.CLOSED].items():
        assert not BOT_WORDS.intersection(move.events), kind


def test_a_message_is_taken_in_every_stage() -> None:
    for stage in Stage:
        assert EventKind.SHOPPER_SAID in next_move(stage, CommandKind.SHOPPER_SAYS).events


def test_only_a_turn_in_the_stage_with_the_bot_can_be_taken() -> None:
    taking = [stage for stage in Stage if CommandKind.TAKE_TURN in TABLE[stage]]
    assert taking == [Stage.WITH_BOT]


@pytest.mark.parametrize(
    ("stage", "command", "code"),
    [
        (Stage.WITH_BOT, CommandKind.STAFF_SAYS, "not_claimed"),
        (Stage.WAITING_FOR_STAFF, CommandKind.HANDS_BACK, "not_claimed"),
        (Stage.WAITING_FOR_STAFF, CommandKind.TAKE_TURN, "wrong_stage"),
        (Stage.WITH_STAFF, CommandKind.BOT_NOTICES, "wrong_stage"),
        (Stage.CLOSED, CommandKind.STAFF_CLAIMS, "wrong_stage"),
        (Stage.CLOSED, CommandKind.TURN_FAILS, "wrong_stage"),
    ],
)
def test_what_is_not_in_the_table_is_refused_by_name(
    stage: Stage, command: CommandKind, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        next_move(stage, command)
    assert refused.value.code == code


def test_the_diagram_shows_each_way_from_the_queue() -> None:
    arrows = [
        line.strip() for line in draw_stages().splitlines() if "waiting_for_staff -->" in line
    ]
    assert arrows == [
        "waiting_for_staff --> with_staff: staff_claims",
        "waiting_for_staff --> closed: staff_closes, shopper_closes",
        "waiting_for_staff --> with_bot: goes_on_with_bot",
    ]
