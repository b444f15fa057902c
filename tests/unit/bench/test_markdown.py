import pytest

from bench.markdown import amount, picture, replaced, table, times


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (1, "1"),
        (42.0, "42"),
        (0.012345, "0.0123"),
        (1.2345, "1.23"),
        (12.345, "12.3"),
        (123.45, "123"),
        (1234.5, "1,230"),
        (23456.0, "23,500"),
        (-1.2345, "-1.23"),
        (9.999, "10.0"),
        (999.9, "1,000"),
    ],
)
def test_an_amount_has_three_significant_digits(number: float, shown: str) -> None:
    assert amount(number) == shown


@pytest.mark.parametrize(("ratio", "shown"), [(0.333, "0.33"), (1.0, "1.00"), (12.34, "12.3"), (576.35, "576")])
def test_a_ratio_has_two_decimals_while_it_is_small(ratio: float, shown: str) -> None:
    assert times(ratio) == shown


def test_a_table_aligns_each_column() -> None:
    assert table("lr", ("side", "µs"), [("a", "1"), ("b", "2")]) == (
        "| side | µs |\n| --- | ---: |\n| a | 1 |\n| b | 2 |\n"
    )


def test_a_picture_is_light_or_dark_as_the_page_is() -> None:
    assert picture("docs/bench", "start", "The start") == (
        '<picture><source media="(prefers-color-scheme: dark)" srcset="docs/bench/start-dark.svg">'
        '<img src="docs/bench/start-light.svg" alt="The start" align="top"></picture>'
    )


def test_only_the_text_between_the_marks_is_replaced() -> None:
    text = "before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n"
    new = "before\n<!-- bench -->\nnew\n<!-- /bench -->\nafter\n"
    assert replaced(text, "bench", "new\n") == new
    assert replaced(new, "bench", "new") == new


@pytest.mark.parametrize("text", ["", "<!-- bench -->\n", "<!-- /bench --><!-- bench -->\n"])
def test_a_text_without_the_marks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^<!-- bench --> and <!-- /bench --> are to stand in the text$"):
        replaced(text, "bench", "new")
