"""One module a suite, each with `run(bench) -> list[Figure]`; whatever stands here is run."""
