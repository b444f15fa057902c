"""Wait until several targets are ready at once: URLs that are requested, or checks that are run in this process."""

from petsage.wait.status import TargetState, TargetStatus, WaitTarget
from petsage.wait.target_url import DEFAULT_URL, TargetError, TargetUrl, parse_target
from petsage.wait.targets import ACCEPTED, ExpectedBuild
from petsage.wait.waiter import WaitOptions, WaitResult, explain_not_ready, wait_for

__all__ = [
    "ACCEPTED",
    "DEFAULT_URL",
    "ExpectedBuild",
    "TargetError",
    "TargetState",
    "TargetStatus",
    "TargetUrl",
    "WaitOptions",
    "WaitResult",
    "WaitTarget",
    "explain_not_ready",
    "parse_target",
    "wait_for",
]
