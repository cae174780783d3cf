import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from bot.answering.answer import Answer, Decision, Memory, Source, Trace
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from training.chat_pairs import AskedAndSaid
from training.mine_questions import mine
from training.open_questions import OpenQuestion

UNKNOWN = Answer(
    Decision.ESCALATE, "A colleague will help.", 0.1, "en", Trace("en", rule="give_up"), Memory()
)
WASHED = Entry(
    EntryId("care.mug"), ("are the mugs dishwasher safe",),
    "The mugs may be washed in a dishwasher up to 60 degrees.", "en",
)  # fmt: skip
OTHERS = [
    ("how heavy is the iron pan", "The iron pan weighs two kilos."),
    ("do you deliver on sundays", "Couriers come on sundays too."),
    ("is the shop open at easter", "We are closed on easter monday."),
]


def exchanges(*pairs, begin=0):
    return [
        AskedAndSaid(begin + number, question, (answer,))
        for number, (question, answer) in enumerate(pairs)
    ]


ABOUT_MUGS = exchanges(
    ("can the mugs go in the dishwasher", "Mugs may be washed in a dishwasher up to 60 degrees."),
    ("can mugs go in a dishwasher", "The mugs may be washed in the dishwasher up to 60 degrees."),
    *OTHERS,
)


def mined(pairs, said=UNKNOWN, entries=(), **options):
    known = {(one.id, one.language): one for one in entries}
    return mine(pairs, HashedEncoder(), lambda texts: [said] * len(texts), known, **options)


def answered(entry):
    return replace(
        UNKNOWN, decision=Decision.ANSWER, source=Source.KNOWN, entry_id=entry.id,
        text=entry.answer,
    )  # fmt: skip


def test_what_two_shoppers_asked_and_the_bot_does_not_know_is_a_new_entry():
    (one,) = mined(ABOUT_MUGS).proposals

    assert (one.kind, one.chats, one.language, one.entry) == ("new", 2, "en", None)
    assert set(one.questions) == {
        "can the mugs go in the dishwasher",
        "can mugs go in a dishwasher",
    }
    assert "60 degrees" in one.answer
    assert mined(ABOUT_MUGS).proposals[0].id == one.id


def test_one_shopper_who_asks_twice_is_one_shopper():
    twice = [replace(one, chat=0) for one in ABOUT_MUGS[:2]]

    assert mined([*twice, *ABOUT_MUGS[2:]]).proposals == ()
    assert len(mined([*twice, *ABOUT_MUGS[2:]], least_chats=1).proposals) == 4


def test_what_the_bot_answers_as_staff_did_is_known():
    found = mined(ABOUT_MUGS, answered(WASHED), [WASHED])

    assert (found.proposals, found.known) == ((), 1)


def test_an_entry_that_was_found_but_not_answered_from_gets_phrasings():
    hits = ({"id": "care.mug", "question": "", "score": 0.4},)
    unsure = replace(UNKNOWN, trace=replace(UNKNOWN.trace, hits=hits))
    (one,) = mined(ABOUT_MUGS, unsure, [WASHED]).proposals

    assert (one.kind, one.entry) == ("phrasings", WASHED)


@pytest.mark.parametrize("published", ["up to 40 degrees", "by hand alone, and never with soap"])
def test_an_entry_that_staff_answer_otherwise_is_shown(published):
    said = "The mugs may be washed in a dishwasher up to 40 degrees."
    old = replace(WASHED, answer=said if "40" in published else "Hand wash only, please.")
    (one,) = mined(ABOUT_MUGS, answered(old), [old]).proposals

    assert (one.kind, one.entry) == ("differs", old)


def test_small_talk_is_no_proposal():
    thanks = exchanges(("that was all for today", "Enjoy your evening then."),
                       ("that was all today", "Enjoy your evening then."), *OTHERS)  # fmt: skip
    talk = replace(UNKNOWN, trace=replace(UNKNOWN.trace, rule="small_talk"))

    assert mined(thanks, talk).talk == 1
    assert mined(thanks, talk).proposals == ()


def test_a_reply_to_everything_is_a_reply_to_nothing():
    words = ["parcel", "kettle", "refund", "invoice", "colour"]
    pairs = exchanges(*((f"{word} trouble {word}", "We are happy to see to it.") for word in words))

    assert mined(pairs).proposals == ()


def test_no_chats_give_no_proposals():
    assert mined([]).proposals == ()


def nobody_answered(*questions, why="nobody", begin=50):
    return [OpenQuestion(begin + at, question, why) for at, question in enumerate(questions)]


ENGRAVED = nobody_answered("can you engrave a name", "can you engrave a name please")


def test_what_nobody_answered_twice_is_shown_with_its_counts_and_no_answer():
    put_off = nobody_answered("can you engrave a name?", why="put_off", begin=70)
    alone = nobody_answered("which bus stops here", "where is the museum", begin=80)
    (one,) = mined([], unanswered=[*ENGRAVED, *put_off, *alone]).proposals

    assert (one.kind, one.chats, one.answer, one.entry) == ("unanswered", 3, "", None)
    assert one.open == {"nobody": 2, "put_off": 1}
    assert set(one.questions) == {one.question for one in ENGRAVED}


def test_what_nobody_answered_but_the_bot_answers_by_now_is_known():
    found = mined([], answered(WASHED), [WASHED], unanswered=ENGRAVED)

    assert (found.proposals, found.known) == ((), 1)


def test_the_entry_that_came_nearest_is_named_beside_an_open_question():
    hits = ({"id": "care.mug", "question": "", "score": 0.4},)
    unsure = replace(UNKNOWN, trace=replace(UNKNOWN.trace, hits=hits))
    (one,) = mined([], unsure, [WASHED], unanswered=ENGRAVED).proposals

    assert (one.kind, one.entry) == ("unanswered", WASHED)


def test_what_staff_answer_in_some_chats_and_not_in_others_is_one_proposal():
    pairs = exchanges(
        ("can you engrave a name", "Yes, engraving a name costs nine pounds."),
        ("can you engrave names", "Yes, engraving a name costs nine pounds or so."),
        *OTHERS,
    )
    (one,) = mined(pairs, unanswered=ENGRAVED).proposals

    assert (one.kind, one.chats, one.open) == ("new", 4, {"nobody": 2})
    assert "nine pounds" in one.answer
    assert "can you engrave a name please" in one.questions


def test_a_single_reply_to_an_open_question_is_offered_as_a_wording():
    pairs = exchanges(("can you engrave a name", "Yes, for nine pounds."), *OTHERS)
    (one,) = mined(pairs, unanswered=ENGRAVED).proposals

    assert (one.kind, one.answer, one.wordings) == ("unanswered", "", ("Yes, for nine pounds.",))


@pytest.mark.weights
@pytest.mark.timeout(900)  # alone it has the demo shop prepared first
def test_the_demo_shops_old_chats_teach_what_its_files_do_not_say(
    prepared_state, tmp_path, monkeypatch
):
    from bot.cli import app

    monkeypatch.setenv("SHOPKEEPER_STATE_FOLDER", str(prepared_state))
    out = tmp_path / "found.csv"
    files = ["demo_shop/old_chats/chats.en.csv", "demo_shop/old_chats/chats.zh.csv"]
    ran = CliRunner().invoke(app, ["mine", *files, "--no-desk", "--json", "--out", str(out)])

    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    kinds = {
        kind: [one for one in found["proposals"] if one["kind"] == kind]
        for kind in ("new", "differs", "unanswered")
    }
    new = {(one["language"], one["questions"][0]) for one in kinds["new"]}
    assert {language for language, _ in new} == {"zh", "en"}
    assert any("subscription" in question for _, question in new)
    assert {one["entry"]["id"] for one in kinds["differs"]} == {"delivery.time.dispatch"}
    classes = {one["language"]: one for one in kinds["unanswered"]}
    assert classes["zh"]["open"] == classes["en"]["open"] == {"put_off": 2, "nobody": 1}
    assert "手冲咖啡体验课怎么报名" in classes["zh"]["questions"]
    assert set(found["staff"]) == {"Hana", "Oscar", "小满", "阿衡"}
    assert "13800138000" not in ran.stdout and "7946" not in out.read_text(encoding="utf-8-sig")
    assert "17:00" not in out.read_text(encoding="utf-8-sig")
