"""What training wrote down about a part, picked out for people: from how much, and how good it is.

Reads the manifests that `training` leaves and computes nothing; what is not there is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge_base.model_folder import Manifest

LANGUAGES = ("all", "zh", "en")

Figure = dict[str, Any]
"""`name`, `language` ("all", "zh", "en"), `value` in [0, 1]; `low` and `high` where there is an
interval (95 %), `of` where it is known of how many it is, `promised` where a share was promised."""


def counts_of(part: str, manifest: Manifest) -> dict[str, int]:
    """From how much a part was learnt: what -> how many."""
    made_from = manifest.made_from
    if part == "doubt":
        asked = _whole(_at(made_from, "figures", "all", "asked"))
        return {"questions": sum(asked.values())} if asked else {}
    if part == "takeover":
        figures = _at(made_from, "figures")
        learnt_from = _at(figures, "learnt_from")
        known = {name: figures.get(name) for name in ("conversations", "utterances")}
        return _whole({**known, **learnt_from})
    return _whole({name: made_from.get(name) for name in _COUNTED.get(part, ())})


_COUNTED = {
    "intents": ("intents", "phrases", "names_learnt"),
    "moods": ("own_phrases", "calm_phrases"),
}


def figures_of(part: str, manifest: Manifest) -> list[Figure]:
    """The main figures of a part, on what it had not learnt."""
    made_from = manifest.made_from
    if part == "intents":
        promised = _at(made_from, "settings").get("promised_wrong")
        return [*_each_language(made_from, lambda own: _of_intents(own, promised))]
    if part == "doubt":
        promised = _at(made_from, "settings").get("promised_wrong")
        return [*_each_language(made_from, lambda own: _of_doubt(own, promised))]
    if part == "takeover":
        return [{"language": "all", **one} for one in _of_takeover(_at(made_from, "figures"))]
    return []


MAIN = (
    ("intents", "accuracy"),
    ("doubt", "answered"),
    ("doubt", "answered_wrong"),
    ("takeover", "learnt_area"),
)
"""Part and figure by which one set is told from another."""


def main_figures(manifests: Mapping[str, Manifest]) -> list[Figure]:
    """The few figures of a set by which a person chooses, each with its `part`."""
    found = []
    for part, name in MAIN:
        for one in figures_of(part, manifests[part]) if part in manifests else ():
            if (one["name"], one["language"]) == (name, "all"):
                found.append({"part": part, **one})
    return found


def fine_tuned_in(manifest: Manifest) -> list[str]:
    """The languages for which an encoder was fine-tuned."""
    return sorted(language for language in _at(manifest.made_from, "fine_tuned"))


def _each_language(made_from: Mapping[str, Any], told: Any) -> Iterator[Figure]:
    figures = _at(made_from, "figures")
    for language in LANGUAGES:
        for one in told(_at(figures, language)):
            yield {"language": language, **one}


def _of_intents(own: Mapping[str, Any], promised: Any) -> Iterator[Figure]:
    bar = _at(own, "bar")
    of = {"of": own["in_scope"]} if isinstance(own.get("in_scope"), int) else {}
    yield from _told("accuracy", own.get("accuracy"), **of)
    yield from _told("outside_told", own.get("out_of_scope_auroc"))
    yield from _told("acted_on", bar.get("answered"))
    yield from _told("acted_wrong", bar.get("wrong"), bar, promised=promised)
    yield from _told("confidence_off", own.get("calibration_error_in_scope"))


def _of_doubt(own: Mapping[str, Any], promised: Any) -> Iterator[Figure]:
    answer = _at(own, "answer")
    yield from _told("found_first", own.get("recall_at_1"))
    yield from _told("outside_told", own.get("covered_auroc"))
    yield from _told("answered", answer.get("answered"))
    yield from _told("answered_wrong", answer.get("wrong"), answer, promised=promised)
    yield from _told("confidence_off", own.get("calibration_error"))


def _of_takeover(figures: Mapping[str, Any]) -> Iterator[Figure]:
    for name, judge in (("learnt_area", "trees"), ("rules_area", "rules")):
        area = _at(figures, judge, "area")
        yield from _told(name, area.get("value"), area)
    gain = _at(figures, "better_by")
    yield from _told("better_by", gain.get("value"), gain)


def _told(
    name: str, value: Any, around: Mapping[str, Any] | None = None, **facts: Any
) -> Iterator[Figure]:
    """Tell a figure where it is one, with the interval where that is whole."""
    if not _is_number(value):
        return
    figure: Figure = {"name": name, "value": value}
    low, high = (around or {}).get("low"), (around or {}).get("high")
    if _is_number(low) and _is_number(high):
        figure |= {"low": low, "high": high}
    yield figure | {fact: one for fact, one in facts.items() if _is_number(one)}


def _at(value: Any, *names: str) -> Mapping[str, Any]:
    """What lies under names inside each other; empty where there is nothing of the kind."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _whole(counts: Mapping[str, Any]) -> dict[str, int]:
    return {
        str(name): one
        for name, one in counts.items()
        if isinstance(one, int) and not isinstance(one, bool) and one > 0
    }


def _is_number(value: Any) -> bool:
    # A NaN would be no JSON.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
