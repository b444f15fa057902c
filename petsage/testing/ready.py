"""Coroutines for code that may, or may not, be called from within an event loop."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from petsage import PetSageError
from petsage.bootstrap import load_core
from petsage.checks import CheckSpec
from petsage.checks.threads import in_daemon_thread
from petsage.fields import Duration, ValidationError
from petsage.runtime import event_loop
from petsage.settings import ConfigError
from petsage.wait import TargetError, TargetUrl, WaitOptions, explain_not_ready, parse_target, wait_for

Result = TypeVar("Result")


def run(main: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a coroutine in a loop and a thread of its own: plugins such as Playwright's leave a loop running here."""
    return in_daemon_thread(lambda: event_loop.run(main()), "petsage").result()


class NotReadyError(PetSageError):
    """The suite cannot begin; the text says why."""


def wait_until_ready(urls: Sequence[str], config: Path | None, timeout: str) -> None:
    """Return when all is ready at once; raise `NotReadyError` at the timeout, and for anything that is misspelt."""
    targets, specs = [_target(url) for url in urls], _specs(config)
    if not targets and not specs:
        raise NotReadyError(
            "there is nothing to wait for: set petsage_url or petsage_config, or override these fixtures"
        )
    wanted = WaitOptions(urls=targets, specs=specs, timeout=_seconds(timeout))
    waited = run(lambda: wait_for(wanted))
    if not waited.ready:
        red = [*explain_not_ready(waited.states)] or ["  each of them was ready, but never all at the same time"]
        raise NotReadyError("\n".join([f"not ready after {timeout}:", *red]))


def _target(url: str) -> TargetUrl:
    try:
        return parse_target(url)
    except TargetError as error:
        raise NotReadyError(f"petsage_url: {error}") from None


def _specs(config: Path | None) -> Sequence[CheckSpec]:
    if config is None:
        return ()
    try:
        specs = cast(Sequence[CheckSpec], load_core(config).specs())
    except ConfigError as error:
        raise NotReadyError(str(error)) from None
    return [spec for spec in specs if spec.enabled]


def _seconds(timeout: str) -> float:
    try:
        return float(Duration().deserialize(timeout))
    except ValidationError as error:
        raise NotReadyError(f"petsage_timeout: {'; '.join(map(str, error.messages))}") from None
