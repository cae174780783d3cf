"""The evaluation of a shop as one HTML page: pictures inside, no script, nothing from outside.

Every text that comes from a file (shop, intents, questions, ids) passes `_text`, which escapes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from training.pictures import reliability_picture, risk_picture
from training.report_words import PageLanguage, step_words, words
from training.shop_figures import OUTCOMES

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
INTENT_ROWS = (
    "accuracy", "macro_f1", "in_scope_refused", "out_of_scope_auroc", "out_of_scope_recall",
    "calibration_error", "brier",
)  # fmt: skip
QUESTION_ROWS = (
    "recall_at_1", "recall_at_3", "recall_at_10", "mrr", "covered_auroc", "calibration_error",
    "brier",
)  # fmt: skip
IN_PERCENT = ("accuracy", "in_scope_refused", "out_of_scope_recall")
DOUBTED_SHOWN = 40


def report_page(report: Mapping[str, Any], language: PageLanguage) -> str:
    """The page, in one language; the figures of both languages of the shop are in it."""
    page = _Page(report, language)
    parts = [
        page.head(),
        page.cards(),
        page.comparison(),
        page.outcomes(),
        page.curves("known_answers", "questions", QUESTION_ROWS),
        page.worst(),
        page.curves("intents", "intents", INTENT_ROWS),
        page.confusions(),
        page.steps(),
        page.doubted(),
        page.foot(),
    ]
    style = files("training").joinpath("report_page.css").read_text(encoding="utf-8")
    tag = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{page.title()}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


class _Page:
    """Writes the parts of one page."""

    def __init__(self, report: Mapping[str, Any], language: PageLanguage) -> None:
        self.report = report
        self.language: PageLanguage = language
        names = report["shop"]
        self.shop = str(names.get(language) or next(iter(names.values()), ""))
        self.spoken = self._spoken("questions")

    def say(self, key: str, **facts: object) -> str:
        """A text of the page, escaped."""
        return _text(words(self.language, key, **facts))

    def _spoken(self, part: str) -> list[str]:
        """The languages of a part, the reader's own first."""
        return sorted(self.report[part], key=lambda one: one != self.language)

    def title(self) -> str:
        """What the page is about."""
        return self.say("title", shop=self.shop)

    def head(self) -> str:
        """Title and what was done."""
        phrases, questions = (
            len(self.report["records"][kind]) for kind in ("intents", "questions")
        )
        key = "lead" if phrases else "lead_questions"
        lead = self.say(key, phrases=phrases, questions=questions)
        return f'<header><h1>{self.title()}</h1><p class="lead">{lead}</p></header>'

    def cards(self) -> str:
        """The few figures a shop owner asks for, for each language."""
        cards = "".join(self._cards_of(one) for one in self.spoken)
        return f'<section class="cards">{cards}</section>'

    def _cards_of(self, spoken: str) -> str:
        figures = self.report["questions"][spoken]
        covered, other = figures["outcomes_of_covered"], figures["outcomes_of_not_covered"]
        all_covered, all_other = sum(covered.values()), sum(other.values())
        reached = covered["right"] + covered["offered"]
        answered_anyway = other["right"] + other["wrong"]
        limits = self._limits(spoken)
        wrong = figures["wrong_among_answered"]
        cards = [
            self._card(
                "wrong_among_answered",
                _share_with_interval(wrong),
                self.say("of_answers", count=figures["answered"])
                + " · "
                + self.say("promise", share=_percent(limits["promised_wrong"])),
                self._kept(wrong, limits["promised_wrong"]),
            ),
            self._card(
                "answered_right_at_once",
                _ratio(covered["right"], all_covered),
                self.say("of_questions", count=covered["right"], total=all_covered),
            ),
            self._card(
                "right_or_offered",
                _ratio(reached, all_covered),
                self.say("of_questions", count=reached, total=all_covered),
            ),
            self._card(
                "not_covered_answered",
                _ratio(answered_anyway, all_other),
                self.say("of_questions", count=answered_anyway, total=all_other),
            ),
        ]
        return f'<h2 class="of-language">{self.say(spoken)}</h2>' + "".join(cards)

    def _card(self, key: str, value: str, note: str, badge: str = "") -> str:
        return (
            f'<div class="card"><h3>{self.say(key)}</h3><p class="big">{value}</p>'
            f'<p class="note">{note}{badge}</p></div>'
        )

    def _kept(self, share: Mapping[str, Any], promised: float) -> str:
        """Whether a promise was kept, broken, or cannot be told from so few."""
        if share["value"] is None:
            return ""
        verdict = "kept" if share["value"] <= promised else "open"
        verdict = "broken" if share["low"] > promised else verdict
        return f' <span class="badge {verdict}">{self.say(verdict)}</span>'

    def _limits(self, spoken: str) -> Mapping[str, Any]:
        thresholds = self.report["thresholds"]
        chosen: Mapping[str, Any] = thresholds.get(spoken) or thresholds["all"]
        return chosen

    def outcomes(self) -> str:
        """What each kind of question came to, as bars."""
        bars = []
        for spoken in self.spoken:
            bars.append(f"<h3>{self.say(spoken)}</h3>")
            for kind in ("covered", "not_covered"):
                counts = self.report["questions"][spoken][f"outcomes_of_{kind}"]
                bars.append(self._bar(kind, counts))
        key = "".join(
            f'<li><span class="swatch {name}"></span>{self.say(name)}</li>' for name in OUTCOMES
        )
        return self._section("what_shoppers_get", "".join(bars) + f'<ul class="key">{key}</ul>')

    def _bar(self, kind: str, counts: Mapping[str, int]) -> str:
        total = sum(counts.values())
        if not total:
            return ""
        pieces = "".join(
            f'<span class="{name}" style="flex-grow:{count}" title="{self.say(name)}: {count}">'
            f"{count if count / total > 0.04 else ''}</span>"
            for name, count in counts.items()
            if count
        )
        return (
            f'<div class="bar-row"><span class="bar-name">{self.say(kind)} ({total})</span>'
            f'<span class="bar">{pieces}</span></div>'
        )

    def curves(self, title: str, part: str, rows: Sequence[str]) -> str:
        """Figures, risk-coverage and reliability of intents or of known answers, if any."""
        figures = self.report[part]
        spoken = self._spoken(part)
        if not spoken:
            return ""
        table = self._table(
            ("figure", *spoken),
            [
                (self.say(row), *(_figure(row, figures[one].get(row)) for one in spoken))
                for row in rows
                if any(figures[one].get(row) is not None for one in spoken)
            ],
        )
        pictures = "".join(self._pictures(part, one, figures[one]) for one in spoken)
        return self._section(title, table + pictures)

    def _pictures(self, part: str, spoken: str, figures: Mapping[str, Any]) -> str:
        at, promised = figures["at_the_bar"], self._limits(spoken)["promised_wrong"]
        shipped = at if at["coverage"] else None
        points, name = figures["risk_coverage"], f"{part}-{spoken}"
        risk = risk_picture(points, f"risk-{name}", promised=promised, shipped=shipped)
        reliability = reliability_picture(figures["reliability"], f"reliability-{name}")
        happened = self.say(
            "risk_words",
            bar=f"{at['bar']:.2f}",
            coverage=_percent(at["coverage"]),
            risk=f"{_percent(at['risk'])} ({_percent(at['low'])}–{_percent(at['high'])})",
        )
        rows = [
            (
                _percent(one["coverage"]),
                f"{one['threshold']:.2f}",
                f"{_percent(one['risk'])} <small>({_percent(one['low'])}–{_percent(one['high'])})"
                "</small>",
            )
            for one in figures["risk_table"]
        ]
        table = self._table(("answers", "threshold", "wrong_of_them"), rows)
        return (
            f'<div class="pair"><h3>{self.say(spoken)}</h3>'
            + self._drawn("risk", risk, happened)
            + self._drawn("reliability", reliability, "")
            + f'<div class="curve-table">{table}<p class="note">{happened}</p></div></div>'
        )

    def _drawn(self, kind: str, picture: str, words_for_it: str) -> str:
        label = words_for_it or self.say(f"{kind}_title")
        return (
            f'<figure role="img" aria-label="{label}"><h4>{self.say(f"{kind}_title")}</h4>{picture}'
            f"<figcaption>{self.say(f'{kind}_axes')}<br>{self.say(f'{kind}_key')}</figcaption>"
            "</figure>"
        )

    def worst(self) -> str:
        """The questions that were wrong with the highest confidence."""
        tables = ""
        for spoken in self.spoken:
            rows = [
                (
                    _text(one["text"]),
                    _code(one["wanted"]) or self.say("nothing"),
                    _code(one["found"]) or self.say("nothing"),
                    f'<span class="figure">{one["confidence"]:.2f}</span>',
                    self.say(one["outcome"]),
                )
                for one in self.report["worst"][spoken]
            ]
            heading = ("question", "wanted", "found", "confidence", "outcome")
            tables += f"<h3>{self.say(spoken)}</h3>" + self._table(heading, rows)
        return self._section("worst", f'<p class="note">{self.say("worst_lead")}</p>' + tables)

    def confusions(self) -> str:
        """Intents that were taken for another."""
        tables = ""
        for spoken in self._spoken("intents"):
            rows = [
                (
                    _code(one["intent"]),
                    _code(one["taken_for"]),
                    str(one["times"]),
                    _text(one["example"]),
                )
                for one in self.report["intents"][spoken]["confusions"]
            ]
            heading = ("intent", "taken_for", "times", "example")
            tables += f"<h3>{self.say(spoken)}</h3>" + self._table(heading, rows)
        return self._section("confusions", tables) if tables else ""

    def steps(self) -> str:
        """How long the steps of a turn take."""
        steps = self.report["steps"]
        rows = [
            (
                _text(step_words(self.language, one["step"])),
                str(one["turns"]),
                *(f"{one[name]:.2f} ms" for name in ("p50_ms", "p95_ms", "most_ms")),
            )
            for one in steps["slowest"]
        ]
        heading = ("step", "times", "p50", "p95", "max")
        lead = f'<p class="note">{self.say("steps_lead", count=steps["turns"])}</p>'
        return self._section("steps", lead + self._table(heading, rows))

    def doubted(self) -> str:
        """Training phrases whose label is probably wrong."""
        found = self.report.get("training", {}).get("doubted_labels", [])
        rows = [
            (
                _text(f"{one['file']} · {one['row']}"),
                _text(one["text"]),
                _code(one["label"]),
                _code(one["probably"]),
            )
            for one in found[:DOUBTED_SHOWN]
        ]
        heading = ("", "phrase", "label", "probably")
        return self._section("doubted", self._table(heading, rows)) if rows else ""

    def comparison(self) -> str:
        """The version measured beside the other, where there is one."""
        compared = self.report.get("comparison")
        if not compared:
            return ""
        rows = [
            (
                self.say(one["figure"]),
                self.say(one["language"]),
                f"{one['ours']:.3f}",
                f"{one['theirs']:.3f}",
                _signed(one["difference"]),
                f'<span class="badge {_text(one["verdict"])}">{self.say(one["verdict"])}</span>',
            )
            for one in compared["rows"]
        ]
        heading = ("figure", "language", "ours", "theirs", "difference", "verdict")
        unpaired = sum(compared["unpaired"].values())
        lead = f'<p class="note">{self.say("comparison_lead", unpaired=unpaired)}</p>'
        return self._section("comparison", lead + self._table(heading, rows))

    def foot(self) -> str:
        """What the figures were made with."""
        versions = ", ".join(f"{k} {v}" for k, v in self.report["versions"].items() if v)
        facts = _text(" · ".join(filter(None, [self.report["encoder"], versions])))
        return f'<footer><p class="note">{self.say("made_with")}: {facts}</p></footer>'

    def _section(self, key: str, content: str) -> str:
        return f"<section><h2>{self.say(key)}</h2>{content}</section>"

    def _table(self, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        """A table; the cells are HTML already."""
        body = "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
        )
        if not body:
            return f'<p class="note">{self.say("nothing")}</p>'
        names = "".join(f'<th scope="col">{self.say(name)}</th>' for name in heading)
        return (
            f'<div class="wide"><table><thead><tr>{names}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )


def _text(words_: str) -> str:
    return escape(str(words_), quote=True)


def _code(name: str) -> str:
    return f"<code>{_text(name)}</code>" if name else ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _ratio(part: int, whole: int) -> str:
    return _percent(part / whole) if whole else "–"


def _share_with_interval(share: Mapping[str, Any]) -> str:
    if share["value"] is None:
        return "–"
    low, high = _percent(share["low"]), _percent(share["high"])
    return f"{_percent(share['value'])} <small>({low}–{high})</small>"


def _figure(name: str, value: Any) -> str:
    """A figure as a cell, with its interval where it has one."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        if value["value"] is None:
            return "–"
        if name in IN_PERCENT:
            return _share_with_interval(value)
        return f"{value['value']:.3f} <small>({value['low']:.3f}–{value['high']:.3f})</small>"
    return _percent(value) if name in IN_PERCENT else f"{value:.3f}"


def _signed(one: Mapping[str, float]) -> str:
    return f"{one['value']:+.3f} <small>({one['low']:+.3f} … {one['high']:+.3f})</small>"
