from bench.cost import Cost, column


def test_a_member_of_all_costs_is_the_sides_of_a_figure() -> None:
    measured = {
        "PetSage": [Cost(cpu=20, throughput=40_000, p50=0.3, p99=0.9), Cost(cpu=21, throughput=39_000, p50=0.4, p99=1)],
        "svcs": [Cost(cpu=900, throughput=1000, p50=15, p99=20), Cost(cpu=901, throughput=999, p50=16, p99=21)],
    }
    assert column(measured, "cpu") == {"PetSage": [20.0, 21.0], "svcs": [900.0, 901.0]}
    assert column(measured, "p99") == {"PetSage": [0.9, 1.0], "svcs": [20.0, 21.0]}
