import pytest

from knowledge_base.readers.shown_numbers import shown_number


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.1, "0%", "10%"),
        (0.125, "0.0%", "12.5%"),
        (45, '"¥"#,##0', "¥45"),
        (1280, "[$¥-804]#,##0.00", "¥1,280.00"),
        (1280, "#,##0.00\\ [$€-407]", "1,280.00 €"),
        (45, '_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ', "¥45.00"),
        (3, '0"天"', "3天"),
        (7, "0元", "7元"),
        (3, '0" a;b"', "3 a;b"),
        (123, "000000", "000123"),
        (1.5, "0.##", "1.5"),
        (2, "0.##", "2"),
        (0.256, "¥0.00", "¥0.26"),
        (-5, "#,##0;[Red]-#,##0", "-5"),
        (-0.001, "0.00", "0.00"),
        (13800138000, "0", "13800138000"),
    ],
)
def test_a_number_is_written_as_its_cell_shows_it(value, number_format, shown):
    assert shown_number(value, number_format) == shown


@pytest.mark.parametrize(
    ("value", "number_format", "plain"),
    [
        (45, "General", "45"),
        (45.0, "@", "45"),
        (0.1 + 0.2, "General", "0.3"),
        (0.5, "# ?/?", "0.5"),
        (12345, "0.00E+00", "12345"),
        (5, "[>3]0;1", "5"),
        (1234567, "#,##0,", "1234567"),
        (13800138000, "000-0000-0000", "13800138000"),
        (1e308, "0%", "1e+308"),
        (float("inf"), "0", "inf"),
        (1, '"unclosed', "1"),
    ],
)
def test_a_number_whose_format_is_no_plain_one_stands_as_it_is(value, number_format, plain):
    assert shown_number(value, number_format) == plain
