"""`command`: a program that exits with 0.

It counts as external, since its program may ask anything: a shell script that calls `psql` in liveness would restart
all replicas when the database fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from marshmallow import fields

from petsage.checks.kinds.command.process import run
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.settings import FilePath, KindSchema, Text, TextList
from petsage.checks.sdk.texts import Masker
from petsage.fields import SecretText
from petsage.redaction.secret import Secret

external = True
component_type = "system"


@dataclass(frozen=True, kw_only=True)
class Command:
    """Holds when `argv`, started in `cwd` and never by a shell, exits with 0; its first output line is the reason.

    It has the server's environment, updated by `env`, an empty standard input and a session of its own. When it ends or
    times out, its process group is killed, and so is a process that left the group, unless that changed its environment
    or its user. `cwd` is by default the folder of `config.yml`.
    """

    argv: tuple[str, ...]
    env: Mapping[str, Secret] = field(default_factory=dict)
    cwd: Path = Path()

    async def run(self) -> Mapping[str, object] | None:
        """Start the program and wait for it."""
        code, output = await run(self.argv, {name: value.reveal() for name, value in self.env.items()}, self.cwd)
        line = self._masker.first_line(output)
        if code:
            raise CheckFailed(line or _ended(code), code=Code.STATUS)
        return {"output": line} if line else None

    @property
    def _masker(self) -> Masker:
        return Masker(whole=[value.reveal() for value in self.env.values()])


def _ended(code: int) -> str:
    from signal import Signals  # noqa: PLC0415 (only needed for a failure)

    if code > 0:
        return f"exited with {code}"
    return f"killed by {Signals(-code).name if -code in set(Signals) else f'signal {-code}'}"


class Argv(TextList):
    """A program and its arguments."""

    default_error_messages = {"invalid": "must be a list of a program and its arguments, since no shell splits it"}  # noqa: RUF012 (marshmallow's own attribute)

    def parse_item(self, text: str) -> str:
        """Return an argument; raise `ValueError` for one with a null byte."""
        if "\0" in text:
            raise ValueError(text)
        return text


class CommandSchema(KindSchema):
    """Settings of `command`; the values of `env` are secrets, since they may be credentials."""

    check_class = Command

    argv = Argv(required=True)
    env = fields.Dict(keys=Text(), values=SecretText())
    cwd = FilePath()


schema = CommandSchema()
