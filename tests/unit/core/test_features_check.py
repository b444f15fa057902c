"""The check `features`: `petsage smoke` and the server judge by the same code, whatever the features are at."""

from itertools import product

import pytest

from petsage.checks import Code, Status
from petsage.core.builtin_checks import BuiltinChecks, features_state
from petsage.core.inventory import Entry, Inventory, Quarantine, State, Step
from petsage.core.lifecycle import Lifecycle, Phase

MOUNTED, COMING, BROKEN = State.MOUNTED, State.FOUND, State.QUARANTINED
WHY = Quarantine(Step.START, "OSError", "0123abcd")


def inventory(required: State, optional: State) -> Inventory:
    found = Inventory()
    for name, state in (("orders", required), ("news", optional)):
        why = WHY if state is BROKEN else None
        found.add(Entry(name, "x", required=name == "orders", state=state, quarantine=why))
    return found


@pytest.mark.parametrize(("required", "optional"), [*product((MOUNTED, COMING, BROKEN, State.DISABLED), repeat=2)])
def test_the_server_and_a_smoke_test_agree_on_a_feature_at_any_step(required: State, optional: State) -> None:
    found = inventory(required, optional)
    smoke, (server, _) = features_state(found), BuiltinChecks(found, Lifecycle()).states()
    assert (smoke.status, smoke.reason, smoke.ref) == (server.status, server.reason, server.ref)
    assert (smoke.name, smoke.probes, smoke.severity) == (server.name, server.probes, server.severity)


@pytest.mark.parametrize(
    ("required", "optional", "status", "reason"),
    [
        (MOUNTED, MOUNTED, Status.PASS, None),
        (MOUNTED, COMING, Status.PASS, None),
        (COMING, BROKEN, Status.PENDING, "not up yet: orders"),
        (MOUNTED, BROKEN, Status.WARN, "news: start: OSError (ref 0123abcd)"),
        (BROKEN, COMING, Status.FAIL, "orders: start: OSError (ref 0123abcd)"),
    ],
)
def test_states_of_features(required: State, optional: State, status: Status, reason: str | None) -> None:
    state = features_state(inventory(required, optional))
    assert (state.status, state.reason) == (status, reason)
    assert state.code == (Code.QUARANTINED if status in (Status.WARN, Status.FAIL) else None)


def test_the_check_shutdown_has_a_code_while_draining() -> None:
    lifecycle = Lifecycle()
    checks = BuiltinChecks(Inventory(), lifecycle)
    assert checks.states()[1].code is None
    lifecycle.advance(Phase.DRAINING)
    assert (checks.states()[1].reason, checks.states()[1].code) == ("draining", Code.DRAINING)
