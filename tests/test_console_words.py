"""The console has words in both languages for every act that the audit log is given."""

import re
from itertools import chain
from pathlib import Path

from bot.server.api_knowledge import ACTS
from bot.server.api_training import LEFT_OUT

ROOT = Path(__file__).parents[1]
WORDS = ROOT / "web_widget" / "src" / "admin" / "desk_words.ts"
# An act is the second argument of `audit(who, act)` and `audit.append(who, act)`, or named before.
WRITTEN = re.compile(r'(?:\baudit|\baudit\.append)\(\s*(?:[\w.]+|"shell"),\s*"(\w+)"')
NAMED = re.compile(r'\bact = "(\w+)" if \w+ else "(\w+)"')
KEPT = re.compile(r'_keep_canned\([^)]*"(\w+)"\)')


def acts_in_code() -> set[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("bot/**/*.py")))
    named = {act for both in NAMED.findall(text) for act in both}
    of_jobs = chain.from_iterable(ACTS.values())
    return {*WRITTEN.findall(text), *named, *KEPT.findall(text), *of_jobs, LEFT_OUT}


def acts_with_words() -> list[set[str]]:
    blocks = re.findall(
        r"^  acts: \{\n(.*?)^  \}", WORDS.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return [set(re.findall(r"^    (\w+): \"[^\"]+\"", block, re.MULTILINE)) for block in blocks]


def test_every_act_of_the_audit_log_has_words_in_both_languages():
    acts = acts_in_code()
    assert {"signed_in", "staff_disabled", "hours_set", "conversations_erased"} <= acts
    english, chinese = acts_with_words()
    assert acts - english == set()
    assert english == chinese
