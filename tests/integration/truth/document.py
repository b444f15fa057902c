"""The document: what every cell came to, as a table for people."""

from collections.abc import Iterable, Sequence

from tests.integration.truth.measure import Cell
from tests.integration.truth.table import (
    CONDITIONS,
    DOWN_INTERVAL,
    DOWN_WITHIN,
    FALL,
    INTERVAL,
    PASS,
    RIGHT,
    RISE,
    TIMEOUT,
    UP_WITHIN,
    is_right,
    why_not,
)

GOAL = 0.5
"""Seconds over a bound that are worth no mark."""

_INTRODUCTION = f"""# What every check says of every trouble

Each kind of check was pointed at a real server (nginx, PostgreSQL, MariaDB, Redis, a name server, a file system, a
worker, a program), and each kind of trouble was then made and ended. A cell holds the code that the check failed with,
or `pass` where the check rightly holds; `n/a` is explained below the table. A check has to fail within
`interval × fall + timeout` of the moment when the trouble is there, here {DOWN_WITHIN:g} s, and to pass within
`down_interval × rise + timeout` of the moment when it is gone, here {UP_WITHIN:g} s. `+` is by how many seconds the later
of the two was over its bound, where that is 0.1 s or more. The goal is at most {GOAL:g} s, and what is over it is **bold**, as is a
cell that is wrong. `make truth` measures all this anew and writes this page.
"""

_SETTINGS = f"""All checks have `interval: {INTERVAL:g}s`, `down_interval: {DOWN_INTERVAL:g}s`, `timeout: {TIMEOUT:g}s`, `fall: {FALL}`,
`rise: {RISE}`. What is measured depends on the machine and on what else it has to do.
"""

_WORDS = """## The rows

`.login` is a check with a user and a password in its `url`, `.tls` one that logs in over verified TLS, and `tcp.expect`
one that expects a greeting. `tcp` states only that a port accepts connections, so it holds for everybody who does.
Without a login, `postgres` and `mysql` cannot see that only reserved connections are left; with one they do.

## The conditions

- **stopped**: the server was stopped, the file system unmounted, the worker killed; the program exits with 1.
- **paused**: the process got SIGSTOP, so that the kernel still accepts connections in its place.
- **packets dropped**: a packet filter drops what comes for the port.
- **reset**: the connection is accepted, and reset at the first byte.
- **restarted**: the server was killed and started again; it has to pass within the bound after it lets in.
- **starting up**: PostgreSQL in recovery, Redis loading its data, MariaDB before it serves (the kernel accepts for it),
  nginx answering 503, a name server answering SERVFAIL, a heartbeat that was not yet written.
- **full**: all connections that are not reserved are taken, or all space. nginx hangs up at once; so does Redis over TLS,
  and whether that arrives as an end or as a reset depends on the moment.
- **wrong password**: the server was given another password than the check has.
- **accepts and closes**: the connection is accepted, and closed in an orderly way.
- **silent**: the connection is accepted, and nothing is said.
- **drips**: a byte of the server's own answer comes every 0.1 s; the program writes a line every 0.05 s.
- **another protocol**: an SSH server's greeting; a name server that answers in HTTP.
- **TLS on plain**: a server that expects TLS. That of nginx answers 400, that of Redis resets the connection.
- **plain on TLS**: a server without TLS.
- **certificate expired**, **self-signed**, **wrong host**: the server shows such a certificate.
- **rotated**: an authority that is new issued the certificate anew, and `ca_file` was replaced by it.
- **authority removed**: `ca_file` was replaced, and the server still shows the old certificate.
- **no inode left**, **read-only**: of a file system with free space.
"""


def written(cells: Sequence[Cell]) -> str:
    """Return the document."""
    by_place = {(cell.row, cell.condition): cell for cell in cells}
    lines = [_line(["", *(f"`{row}`" for row in RIGHT)]), _line(["---"] * (len(RIGHT) + 1))]
    for condition in CONDITIONS:
        texts = [_text(by_place.get((row, condition)), row, condition) for row in RIGHT]
        lines.append(_line([f"**{condition}**", *texts]))
    parts = [_INTRODUCTION, "\n".join(lines) + "\n", _summary(cells), _SETTINGS, _reasons(), _WORDS]
    return "\n".join(parts)


def _text(cell: Cell | None, row: str, condition: str) -> str:
    if cell is None:
        return f"n/a <sup>{_numbers()[why_not(row, condition)]}</sup>"
    over = max(cell.down, cell.up)
    if not is_right(cell.right, cell.found):
        return f"**`{_short(cell.found)}`, not `{cell.right}`**"
    late = "" if over < _SHOWN else f" +{over:.1f}" if over <= GOAL else f" **+{over:.1f}**"
    return f"`{cell.right}`{late}"


_SHOWN = 0.05


def _short(found: str) -> str:
    return found.partition(":")[0]


def _summary(cells: Sequence[Cell]) -> str:
    right = [cell for cell in cells if is_right(cell.right, cell.found)]
    down, up = max((cell.down for cell in right), default=0), max((cell.up for cell in right), default=0)
    over = sum(max(cell.down, cell.up) > GOAL for cell in right)
    return (
        f"{len(cells)} cells apply, and {len(right)} of them are right. Of these the latest turn down was {down:.2f} s and the "
        f"latest turn up {up:.2f} s over its bound; {over} cells are over {GOAL:g} s.\n"
    )


def _reasons() -> str:
    numbered = (f"{number}. {reason[0].upper()}{reason[1:]}." for reason, number in _numbers().items())
    return "\n".join(["Why a cell does not apply:", "", *numbered]) + "\n"


def _numbers() -> dict[str, int]:
    """Number the reasons in the order in which a reader meets them."""
    places = ((row, condition) for condition in CONDITIONS for row in RIGHT if condition not in RIGHT[row])
    reasons = dict.fromkeys(why_not(row, condition) for row, condition in places)
    return {reason: number for number, reason in enumerate(reasons, 1)}


def _line(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"
