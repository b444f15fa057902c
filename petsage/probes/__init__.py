"""Responses to probes: a report is made of a snapshot and a query, and a renderer encodes it."""
