"""Waiting until all of several subjects are ready at once: URLs that are asked, or checks that are run here."""

from petsage.wait.api import Wait, Waited, Wanted, explained, wait_for
from petsage.wait.http_target import ACCEPTED, Build
from petsage.wait.status import TargetState, TargetStatus, WaitTarget
from petsage.wait.target import DEFAULT, Target, TargetError, parse_target

__all__ = [
    "ACCEPTED",
    "DEFAULT",
    "Build",
    "Target",
    "TargetError",
    "TargetState",
    "TargetStatus",
    "Wait",
    "WaitTarget",
    "Waited",
    "Wanted",
    "explained",
    "parse_target",
    "wait_for",
]
