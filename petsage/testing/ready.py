"""Wait for a stack from synchronous code, also while an event loop is running in the same thread."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from petsage import PetSageError
from petsage.bootstrap import load
from petsage.checks import CheckSpec
from petsage.checks.threads import in_daemon_thread
from petsage.fields import Duration, ValidationError
from petsage.runtime import event_loop
from petsage.settings import ConfigError
from petsage.wait import TargetError, TargetUrl, WaitOptions, explain_not_ready, parse_target, wait_for

Result = TypeVar("Result")


def run_in_thread(main: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a coroutine in a thread and an event loop of its own.

    The calling thread may have a running loop already: plugins such as Playwright's leave one.
    """
    return in_daemon_thread(lambda: event_loop.run(main()), "petsage").result()


class NotReadyError(PetSageError):
    """The stack is not ready, or the options are wrong; the text is the reason."""


def wait_until_ready(urls: Sequence[str], config: Path | None, timeout: str) -> None:
    """Wait until all targets are ready at once; raise `NotReadyError`.

    Args:
        urls: URLs of servers, as `petsage wait` takes them.
        config: A configuration whose checks are run here; None for none.
        timeout: A duration such as `90s`.
    """
    targets, specs = [_parse_target(url) for url in urls], _enabled_specs(config)
    if not targets and not specs:
        raise NotReadyError(
            "there is nothing to wait for: set petsage_url or petsage_config, or override these fixtures"
        )
    options = WaitOptions(urls=targets, specs=specs, timeout=_parse_seconds(timeout))
    result = run_in_thread(lambda: wait_for(options))
    if not result.ready:
        raise NotReadyError("\n".join([f"not ready after {timeout}:", *explain_not_ready(result.states)]))


def _parse_target(url: str) -> TargetUrl:
    try:
        return parse_target(url)
    except TargetError as error:
        raise NotReadyError(f"petsage_url: {error}") from None


def _enabled_specs(config: Path | None) -> Sequence[CheckSpec]:
    if config is None:
        return ()
    try:
        specs = load(config).core.declared_checks()
    except ConfigError as error:
        raise NotReadyError(str(error)) from None
    return [spec for spec in specs if spec.enabled]


def _parse_seconds(timeout: str) -> float:
    try:
        return float(Duration().deserialize(timeout))
    except ValidationError as error:
        raise NotReadyError(f"petsage_timeout: {'; '.join(map(str, error.messages))}") from None
