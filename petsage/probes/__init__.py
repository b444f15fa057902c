"""Answers to probes: a snapshot of the checks and a query become a report, and a renderer makes bytes of it."""
