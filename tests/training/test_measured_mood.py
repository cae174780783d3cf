import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from bot.shell.lazy_group import load
from knowledge_base.hashed_encoder import HashedEncoder
from tests.training.small_encoder import write_small_encoder
from training.fit_text_machine import MachineSettings
from training.measured_mood import false_anger, measure_file
from training.refusal_texts import LabelledTextRefused
from training.tuned_intents import Tunable

SMALL = MachineSettings(few=4, hidden=8, networks=1, passes=8, batch=16)
ENCODER = HashedEncoder(64)


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "reviews.csv"
    things = ["kettle", "cup", "壶", "杯子", "knife", "plate", "刀", "盘子", "pan", "bowl"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("review", "stars"))
        writer.writerows((f"lovely {thing} 很好", "good") for thing in things)
        writer.writerows((f"broken {thing} 坏了", "bad") for thing in things)
    return path


def test_every_row_is_judged_by_a_machine_that_never_saw_it(reviews):
    measured = measure_file(reviews, "review", "stars", ENCODER, folds=5, settings=SMALL)
    assert measured.summary["accuracy"]["value"] == 1.0
    assert measured.summary["worst_fold"]["macro_f1"] == 1.0
    assert measured.summary["classes"] == {"bad": 10, "good": 10}
    assert [row[1] for row in measured.rows] == ["good"] * 10 + ["bad"] * 10


def test_a_label_with_too_few_rows_is_named(reviews):
    with reviews.open("a", encoding="utf-8") as file:
        file.write("a cup,so so\n")
    with pytest.raises(LabelledTextRefused, match="so so"):
        measure_file(reviews, "review", "stars", ENCODER, folds=5, settings=SMALL)


def test_a_missing_column_is_told_by_the_command(reviews, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPKEEPER_ENCODER", "hashed")
    monkeypatch.setenv("SHOPKEEPER_STATE_FOLDER", str(tmp_path / "state"))
    ran = CliRunner().invoke(load("evaluate"), ["mood", "--data", str(reviews)])
    assert ran.exit_code == 2
    assert "text" in ran.stderr


def test_the_command_tells_figures_and_writes_predictions(reviews, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPKEEPER_ENCODER", "hashed")
    monkeypatch.setenv("SHOPKEEPER_STATE_FOLDER", str(tmp_path / "state"))
    out = tmp_path / "out.csv"
    ran = CliRunner().invoke(
        load("evaluate"),
        ["mood", "--data", str(reviews), "--text", "review", "--label", "stars", "--folds", "2",
         "--predictions", str(out), "--json"],
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["rows"] == 20
    with out.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 20


class CallsNewPhrasesAngry:
    """Judges as angry whatever it was not trained on."""

    def __init__(self, calm):
        self.calm = set(calm)

    def judge(self, texts, vectors):
        from bot.answering.mood import Mood

        return [Mood("neutral" if text in self.calm else "angry", 0, 0) for text in texts]


def test_false_anger_is_counted_on_phrases_left_out_of_training():
    calm = [f"do you have cup {number}" for number in range(20)]
    assert np.all(false_anger(calm, CallsNewPhrasesAngry, ENCODER, folds=4))


def test_layers_are_tuned_for_a_file_and_each_fold_is_asked_once(tmp_path):
    encoder = write_small_encoder(tmp_path / "models" / "small")
    one = Tunable(
        encoder, tmp_path / "models" / "small" / "float", "rows", 2, "rest", tmp_path / "tuned"
    )
    path = tmp_path / "moods.csv"
    words = ["now", "please", "the lamp", "a bowl", "order", "money", "back", "how much", "refund"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "mood"))
        writer.writerows((f"where is my parcel {a} {b}", "calm") for a in words for b in words)
        writer.writerows((f"my parcel is where {a} {b}", "cross") for a in words for b in words)
    alone = measure_file(path, "text", "mood", encoder, folds=2, settings=SMALL)
    assert alone.summary["fine_tuned"] == {} and not (tmp_path / "opinions").exists()
    beside = measure_file(path, "text", "mood", encoder, folds=2, settings=SMALL, tunable=[one])
    assert beside.summary["rows"] == 162
    assert len(list((tmp_path / "opinions").iterdir())) == 2
