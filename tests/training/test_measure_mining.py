import math

from training.measure_mining import grouping_figures


def test_groups_are_judged_by_the_subject_of_most_of_their_exchanges():
    subjects = ["a"] * 5 + ["b"] * 3 + ["c"]
    figures = grouping_figures([[0, 1, 2, 3, 4, 5], [6, 7]], subjects)

    assert (figures["groups"], figures["grouped"], figures["exchanges"]) == (2, 8, 9)
    assert figures["about_the_groups_subject"]["value"] == 7 / 8
    assert (figures["subjects"], figures["subjects_of_large_groups"]) == (3, 1)


def test_no_groups_have_no_share():
    assert math.isnan(grouping_figures([], ["a"])["about_the_groups_subject"]["value"])
