"""Waiting until all of several subjects are ready at once: URLs that are asked, or checks that are run here."""

from petsage.wait.api import Wait, Waited, Wanted, explained, wait_for
from petsage.wait.http_target import ACCEPTED, Build
from petsage.wait.status import Sighting, Standing, Subject
from petsage.wait.target import DEFAULT, NotATarget, Target, parse_target

__all__ = [
    "ACCEPTED",
    "DEFAULT",
    "Build",
    "NotATarget",
    "Sighting",
    "Standing",
    "Subject",
    "Target",
    "Wait",
    "Waited",
    "Wanted",
    "explained",
    "parse_target",
    "wait_for",
]
