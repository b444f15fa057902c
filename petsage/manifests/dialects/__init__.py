"""Dialects: one module for each orchestrator, with `render(timings: Timings) -> str`."""
