"""What training wrote down is picked out for people, and what makes no sense is left out."""

import pytest

from bot.server.training_figures import counts_of, figures_of, fine_tuned_in
from knowledge_base.model_folder import Manifest

BAR = {"at": 0.66, "answered": 0.615, "wrong": 0.094, "low": 0.06, "high": 0.135}


def made_from(**facts):
    return Manifest("intents", "intents-3", facts, {})


def test_intents_tell_their_phrases_and_what_they_get_right_in_each_language():
    manifest = made_from(
        phrases=1980,
        intents=36,
        names_learnt=0,
        settings={"promised_wrong": 0.1},
        fine_tuned={"zh": "multilingual-e5-small"},
        figures={
            "all": {"in_scope": 1613, "accuracy": 0.77, "out_of_scope_auroc": 0.8, "bar": BAR},
            "zh": {"in_scope": 846, "accuracy": 0.76, "calibration_error_in_scope": 0.05},
        },
    )
    assert counts_of("intents", manifest) == {"intents": 36, "phrases": 1980}
    assert fine_tuned_in(manifest) == ["zh"]
    assert figures_of("intents", manifest) == [
        {"language": "all", "name": "accuracy", "value": 0.77, "of": 1613},
        {"language": "all", "name": "outside_told", "value": 0.8},
        {"language": "all", "name": "acted_on", "value": 0.615},
        {
            "language": "all", "name": "acted_wrong", "value": 0.094,
            "low": 0.06, "high": 0.135, "promised": 0.1,
        },
        {"language": "zh", "name": "accuracy", "value": 0.76, "of": 846},
        {"language": "zh", "name": "confidence_off", "value": 0.05},
    ]  # fmt: skip


def test_confidence_tells_how_many_questions_were_asked_and_what_was_promised():
    own = {"asked": {"phrasing": 2061, "outside": 207}, "recall_at_1": 0.74, "answer": BAR}
    manifest = made_from(settings={"promised_wrong": 0.05}, figures={"all": own})
    assert counts_of("doubt", manifest) == {"questions": 2268}
    told = {one["name"]: one for one in figures_of("doubt", manifest)}
    assert told["answered_wrong"]["promised"] == 0.05
    assert (told["found_first"]["value"], told["answered"]["value"]) == (0.74, 0.615)


def test_takeover_tells_the_conversations_that_taught_it_and_how_much_better_it_is():
    area = {"value": 0.9, "low": 0.85, "high": 0.94}
    figures = {
        "conversations": 75,
        "utterances": 600,
        "learnt_from": {"chats": 72, "desk": 3, "took_over": 2},
        "trees": {"area": area},
        "rules": {"area": {**area, "value": 0.84}},
        "better_by": {"value": 0.06, "low": 0.02, "high": 0.1},
    }
    manifest = made_from(figures=figures)
    assert counts_of("takeover", manifest) == {
        "conversations": 75, "utterances": 600, "chats": 72, "desk": 3, "took_over": 2,
    }  # fmt: skip
    assert [
        (one["name"], one["value"], one["low"]) for one in figures_of("takeover", manifest)
    ] == [
        ("learnt_area", 0.9, 0.85),
        ("rules_area", 0.84, 0.85),
        ("better_by", 0.06, 0.02),
    ]


@pytest.mark.parametrize("part", ["intents", "doubt", "moods", "takeover"])
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"figures": None, "settings": 3, "fine_tuned": None},
        {"figures": {"all": []}, "phrases": "many"},
        {
            "figures": {
                "all": {"accuracy": "high", "bar": {"wrong": float("nan")}, "asked": {"x": -1}}
            }
        },
    ],
)
def test_what_is_no_figure_is_not_told(part, facts):
    manifest = made_from(**facts)
    assert (counts_of(part, manifest), figures_of(part, manifest)) == ({}, [])
    assert fine_tuned_in(manifest) == []


def test_moods_tell_from_how_much_they_were_learnt_and_no_figure_that_nobody_measured():
    manifest = made_from(own_phrases=2317, calm_phrases=2980)
    assert counts_of("moods", manifest) == {"own_phrases": 2317, "calm_phrases": 2980}
    assert figures_of("moods", manifest) == []
