"""A command that runs for a parent tells it every step, and words stay words."""

import io

import pytest

from bot.server.step_times import StepTimes
from bot.server.training_run import environment_of
from bot.settings import Settings, load_settings
from bot.told_steps import MARK, OFTEN_SECONDS, step_in, tell_to


def test_steps_are_told_as_lines_but_not_too_many():
    out, now = io.StringIO(), 0.0
    report = tell_to(out, lambda: now)
    for done in range(1001):
        report("encode", done, 1000)
    now = OFTEN_SECONDS
    report("encode", 500, 1000)
    told = [step_in(line) for line in out.getvalue().rstrip("\n").split("\n")]
    assert told == [
        ("encode", 0, 1000), ("encode", 1000, 1000), ("encode", 500, 1000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "error: row 3 has no label",
        "",
        MARK,
        f"{MARK}[]",
        f"{MARK}null",
        f'{MARK}["fit", 5, 3]',
        f'{MARK}["fit", -1, 3]',
        f'{MARK}["fit", true, 3]',
        f'{MARK}["fit", 1e400, 3]',
        f"{MARK}[7, 1, 3]",
        f"{MARK}{'[' * 50_000}",
    ],
)
def test_anything_else_is_no_step(line):
    assert step_in(line) is None


def test_the_time_left_is_told_by_what_was_done_of_a_step_so_far():
    now = 0.0
    times = StepTimes(lambda: now)
    assert times.left("begin", 0, 0) is None
    assert times.left("folds", 0, 4) is None
    now = 10.0
    assert times.left("folds", 1, 4) == 30.0
    assert times.left("fine-tune", 0, 100) is None
    now = 30.0
    assert times.left("fine-tune", 40, 100) == 30.0
    assert times.left("folds", 2, 4) == 30.0
    assert times.left("fine-tune", 0, 100) is None, "it begins again, for the next fold"
    now = 31.0
    assert times.left("fine-tune", 50, 100) == 1.0
    assert times.left("folds", 4, 4) == 0.0
    assert times.so_far == 31.0


def test_the_command_gets_the_very_settings_of_its_server(tmp_path):
    settings = load_settings(
        None,
        {},
        state_folder=tmp_path,
        database_url="postgresql://shop:secret@db/shop",
        action_modules=("shop.orders", "shop.returns"),
        metrics_from=("10.0.0.0/8",),
        fine_tuning="off",
        sign_in_hashes=3,
    )
    again = load_settings(None, environment_of(settings, tmp_path / "temporary"))
    for name in set(Settings.model_fields) - {"shop_folder", "pages_folder"}:
        assert getattr(again, name) == getattr(settings, name), name
    assert again.shop_folder == settings.shop_folder.absolute()
