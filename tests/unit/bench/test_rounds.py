from bench.rounds import in_turn


def test_each_round_begins_with_another_side() -> None:
    asked: list[str] = []
    in_turn(["a", "b", "c"], 4, asked.append)
    assert "".join(asked) == "abcbcacababc"


def test_the_numbers_of_a_side_are_in_the_order_of_the_rounds() -> None:
    numbers = iter(range(6))
    assert in_turn(["a", "b"], 3, lambda _: next(numbers)) == {"a": [0, 3, 4], "b": [1, 2, 5]}


def test_no_rounds_measure_nothing() -> None:
    assert in_turn(["a"], 0, str) == {"a": []}
