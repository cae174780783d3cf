import json
from datetime import UTC, datetime

import pytest

from bot.conversation.events import ConversationId, Event, EventKind, TurnId
from training.labelled_text import LabelledTextRefused
from training.takeover_conversations import lesson_of, read_conversations, read_files

SHOPPER, BOT = EventKind.SHOPPER_SAID, EventKind.BOT_ANSWERED


def talk(*happened):
    """Events of (kind, text or body)."""
    return [
        Event(
            kind=kind,
            conversation=ConversationId("c1"),
            at=datetime(2026, 5, 1, tzinfo=UTC),
            author="shopper",
            text=what if isinstance(what, str) else "",
            body=what if isinstance(what, dict) else {},
            seq=seq,
            turn=TurnId(f"t{seq}") if kind is SHOPPER else None,
        )
        for seq, (kind, what) in enumerate(happened, start=1)
    ]


def marks(events, traces=None):
    return lesson_of(events, traces or {}).conversation.person


# -- the desk --------------------------------------------------------------------------------------


def test_where_a_colleague_took_over_a_person_was_needed():
    events = talk(
        (SHOPPER, "hello"), (BOT, "Hello!"), (SHOPPER, "my lamp hums"), (BOT, "Try it again."),
        (EventKind.STAFF_CLAIMED, {}), (EventKind.STAFF_SAID, "Let me look."), (SHOPPER, "thanks"),
    )  # fmt: skip
    assert marks(events) == (False, False, True, True)
    assert dict(lesson_of(events, {}).why) == {"took_over": 1}


def test_who_asked_for_a_person_needed_one_even_if_none_came():
    events = talk(
        (SHOPPER, "退款"), (BOT, "请看说明。"), (SHOPPER, "转人工"),
        (EventKind.HANDOFF_REQUESTED, {"reason": "wish"}),
    )  # fmt: skip
    assert marks(events) == (False, True, True)
    assert dict(lesson_of(events, {}).why) == {"wish": 1}


def test_who_went_on_with_the_bot_needed_nobody():
    events = talk(
        (SHOPPER, "退款"), (BOT, "请看说明。"), (EventKind.HANDOFF_REQUESTED, {"reason": "wish"}),
        (EventKind.WENT_ON_WITH_BOT, {}), (SHOPPER, "好的"),
    )  # fmt: skip
    assert not any(marks(events))


def test_a_handoff_that_nobody_took_says_nothing():
    events = talk((SHOPPER, "hm"), (EventKind.HANDOFF_REQUESTED, {"reason": "low_confidence"}))
    assert marks(events) == (False,)


@pytest.mark.parametrize(("score", "needed"), [(1, True), (2, True), (3, False), (5, False)])
def test_who_was_unhappy_in_the_end_needed_a_person(score, needed):
    events = talk(
        (SHOPPER, "where is it"), (BOT, "On its way."), (EventKind.RATED, {"score": score})
    )
    assert marks(events) == (needed, needed)


def test_the_answer_before_the_same_question_again_did_not_help():
    events = talk(
        (SHOPPER, "when will my refund come"), (BOT, "Refunds are easy."),
        (SHOPPER, "when will my refund come??"), (BOT, "Within three days."), (SHOPPER, "thanks"),
    )  # fmt: skip
    assert marks(events) == (False, True, False, False, False)


def test_what_the_bot_understood_is_taken_from_its_trace():
    trace = {
        "mood": "angry", "level": "very_negative", "urgency": 0.4, "intent_confidence": 0.3,
        "takeover": {"need": 0.9, "reasons": ["anger", "wish"]},
    }  # fmt: skip
    lesson = lesson_of(talk((SHOPPER, "ENOUGH"), (BOT, "Sorry.")), {TurnId("t1"): trace})
    understood = lesson.conversation.understood_at(0)
    assert (understood.mood.name, understood.wish, understood.confidence) == ("angry", True, 0.3)
    assert lesson.conversation.understood_at(1) is None


@pytest.mark.parametrize(
    "trace", [{"takeover": 3, "urgency": "x"}, {"takeover": {}, "mood": 1}, {}]
)
def test_an_old_or_odd_trace_does_no_harm(trace):
    assert marks(talk((SHOPPER, "hello")), {TurnId("t1"): trace}) == (False,)


def test_a_talk_in_which_nothing_was_said_teaches_nothing():
    assert lesson_of(talk((EventKind.CLOSED, {})), {}) is None


# -- files -----------------------------------------------------------------------------------------


def written(tmp_path, *lines):
    path = tmp_path / "talks.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


MARKED = {"utterances": [{"role": "customer", "handoff": 1, "text": "where is it"},
                         {"role": "agent", "handoff": 0, "text": "on its way"}]}  # fmt: skip


def test_texts_are_taken_as_well_as_token_ids(tmp_path):
    (read,) = read_conversations([written(tmp_path, MARKED)])
    assert read.said[0].by_shopper and len(read.said[0].tokens) == 3
    assert read.person == (True, False)
    ids = {"utterances": [{"role": "agent", "handoff": 0, "token_ids": [4, 5]}]}
    assert read_files([written(tmp_path, ids)])[0].said[0].tokens == (4, 5)


def test_flags_of_transfer_and_other_names_of_the_list_are_understood(tmp_path):
    raw = {"turns": [{"role": "customer", "text": "转人工", "transfer": 1},
                     {"role": "agent", "text": "好的", "transfer": 0}]}  # fmt: skip
    assert read_conversations([written(tmp_path, raw)])[0].person == (True, False)


def test_without_flags_the_words_before_a_colleague_speaks_are_marked(tmp_path):
    raw = {"messages": [{"who": "shopper", "text": "hi"}, {"who": "bot", "text": "Hello!"},
                        {"who": "shopper", "text": "it is broken"}, {"who": "staff", "text": "Oh."},
                        {"who": "shopper", "text": "thanks"}]}  # fmt: skip
    alone = {"messages": raw["messages"][:2]}
    helped, plain = read_conversations([written(tmp_path, raw, alone)])
    assert helped.person == (False, True, True)
    assert plain.person == (False, False)


@pytest.mark.parametrize(
    "line", ["{", "[]", "3", "null", '{"utterances": [{"role": "customer"}]}', '{"turns": [7]}',
             '{"turns": 3}', '{"turns": [{"role": "customer", "token_ids": ["x"], "handoff": 0}]}']
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_named(tmp_path, line):
    path = written(tmp_path, MARKED)
    path.write_text(path.read_text(encoding="utf-8") + "\n" + line, encoding="utf-8")
    with pytest.raises(LabelledTextRefused, match="line 2"):
        read_conversations([path])


def test_conversations_without_any_handoff_are_refused(tmp_path):
    raw = {"messages": [{"who": "shopper", "text": "hi"}]}
    with pytest.raises(LabelledTextRefused, match="both kinds"):
        read_conversations([written(tmp_path, raw)])


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "talks.jsonl"
    path.write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(LabelledTextRefused, match="UTF-8"):
        read_files([path])


def test_a_file_that_is_not_there_is_not_called_one_of_another_encoding(tmp_path):
    with pytest.raises(LabelledTextRefused, match="No such file"):
        read_files([tmp_path / "chats.jsonl"])
    with pytest.raises(LabelledTextRefused, match="Is a directory"):
        read_files([tmp_path])
