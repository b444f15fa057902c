"""Probe answers: from states of checks to reports, and from reports to bytes."""
