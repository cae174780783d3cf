import numpy as np
import pytest

from bot.answering.mood_classifier import (
    ANGRY,
    CALM,
    LEVELS,
    PATIENT,
    URGENT,
    MoodClassifier,
)
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.hashed_encoder import HashedEncoder
from training.fit_text_machine import MachineSettings, Seen, fit_machine, space_of

ENCODER = HashedEncoder(64)
SMALL = MachineSettings(few=6, hidden=16, networks=1, passes=20, batch=8)
SAID = {
    "very_negative": ["you robbed me you robbers", "你们骗我 骗人", "robbers all of you", "又骗人"],
    "negative": ["the lid is broken", "盖子坏了", "my cup is broken", "杯子坏了"],
    "neutral": ["do you ship teapots", "壶能寄吗", "do you ship cups", "杯子能寄吗"],
    "positive": ["nice teapot thanks", "谢谢 壶不错", "nice cup thanks", "谢谢 杯子不错"],
    "very_positive": ["best ever wow", "太棒了 哇", "wow the best", "哇 太棒了"],
}


@pytest.fixture(scope="module")
def classifier():
    texts = [text for some in SAID.values() for text in some]
    texts += ["ship it now it is urgent", "急 现在就要"]
    levels = [level for level, some in SAID.items() for _ in some] + ["neutral"] * 2
    rows = np.arange(len(texts))
    seen = Seen.of(texts, ENCODER.encode_questions(texts))
    placed = space_of(seen, rows, SMALL)
    angry = [ANGRY if level == "very_negative" else CALM for level in levels]
    urgent = [URGENT if "urgent" in text or "急" in text else PATIENT for text in texts]
    return MoodClassifier(
        *(fit_machine(seen, labels, rows, SMALL, placed) for labels in (levels, angry, urgent))
    )


def judge(classifier, *texts):
    return classifier.judge(texts, ENCODER.encode_questions(texts))


def test_anger_content_and_plain_questions_are_told_apart(classifier):
    moods = judge(classifier, "robbers, you robbed me", "骗人", "do you ship", "nice cup thanks")
    assert [mood.name for mood in moods] == ["angry", "angry", "neutral", "positive"]
    assert moods[0].level == "very_negative" and moods[0].points >= 3
    assert moods[2].points < 3


def test_urgency_is_told(classifier):
    pressing, patient = judge(classifier, "urgent, ship it now", "do you ship teapots")
    assert pressing.urgency > patient.urgency


def test_nobody_asks_nobody_answers(classifier):
    assert classifier.judge([], ENCODER.encode_questions([])) == []


@pytest.mark.parametrize("text", ["?", "", "\u200b", "……", "👍"])
def test_marks_and_faces_alone_are_no_anger(classifier, text):
    (mood,) = judge(classifier, text)
    assert mood.name in ("neutral", "positive")


def test_anger_at_the_end_of_a_very_long_message_is_heard(classifier):
    (mood,) = judge(classifier, "do you ship teapots " * 5_000 + "你们就是骗子")
    assert mood.name == "angry"


def test_it_judges_alike_after_saving_and_loading(classifier, tmp_path):
    saved = classifier.save(tmp_path / "moods", ENCODER.digest, {"phrases": 22})
    loaded = MoodClassifier.load(tmp_path / "moods", ENCODER.digest)
    texts = [text for some in SAID.values() for text in some]
    assert judge(loaded, *texts) == judge(classifier, *texts)
    assert loaded.version == saved.version != ""
    assert set(loaded.levels.classes) == set(LEVELS)


def test_vectors_of_another_encoder_are_refused(classifier, tmp_path):
    classifier.save(tmp_path / "moods", ENCODER.digest, {})
    with pytest.raises(ModelFolderRefused, match="another"):
        MoodClassifier.load(tmp_path / "moods", "another")


def test_an_altered_file_is_refused(classifier, tmp_path):
    classifier.save(tmp_path / "moods", ENCODER.digest, {})
    (tmp_path / "moods" / "anger.json").write_text("{}")
    with pytest.raises(ModelFolderRefused, match=r"anger\.json"):
        MoodClassifier.load(tmp_path / "moods", ENCODER.digest)
