from collections import Counter
from pathlib import Path

import pytest

from tests.dialogues.script import read_script

SCRIPTS = [read_script(path) for path in sorted(Path(__file__).parent.glob("*/*.txt"))]


@pytest.mark.weights
@pytest.mark.timeout(600)  # the first one trains the demo shop
@pytest.mark.parametrize("script", [pytest.param(one, id=one.title) for one in SCRIPTS])
def test_a_dialogue_goes_as_written(play, script):
    play(script)


def test_there_are_as_many_dialogues_in_chinese_as_in_english():
    languages = Counter(script.language for script in SCRIPTS)
    assert languages["zh"] == languages["en"] >= 20


def test_every_dialogue_has_a_title_of_its_own():
    titles = Counter(script.title for script in SCRIPTS)
    assert [title for title, count in titles.items() if count > 1] == []
