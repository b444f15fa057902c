"""Suites: each module of this package has `run(bench) -> list[Figure]`, and is run."""
