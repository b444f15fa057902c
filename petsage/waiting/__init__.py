"""Waiting until all of several subjects are ready at once: URLs that are asked, or checks that are run here."""

from petsage.waiting.build import Build
from petsage.waiting.subject import Sighting, Standing, Subject
from petsage.waiting.target import DEFAULT, NotATarget, Target, parse_target
from petsage.waiting.together import Waited, Wanted, wait_for
from petsage.waiting.wait import Wait, explained
from petsage.waiting.web import ACCEPTED

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
