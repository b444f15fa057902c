"""What can become of a server's certificate, and of the authority that checks trust."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.kinds.certificates import Authority
from tests.integration.truth.files import replaced
from tests.integration.truth.group import Trouble

Present = Callable[[Path, Path], AbstractAsyncContextManager[None]]
"""Lets the server present another certificate, with its key, for a while."""


@dataclass(frozen=True)
class Certificates:
    """A server's certificates: issued by `authority`, which `ca_file` has, or by its successor `renewed`."""

    name: str
    address: str
    ca_file: Path
    authority: Authority
    renewed: Authority

    def troubles(self, present: Present) -> dict[str, Trouble]:
        """Return the troubles of certificates."""
        here = f"IP:{self.address}"
        new = self.renewed.issue(f"{self.name}-new", here)

        @asynccontextmanager
        async def rotated() -> AsyncIterator[None]:
            async with replaced(self.ca_file, self.renewed.file), present(*new):
                yield

        return {
            "certificate expired": _presents(
                present, self.authority.issue(f"{self.name}-expired", here, starts=-9, ends=-2)
            ),
            "self-signed": _presents(present, self.authority.self_signed(f"{self.name}-self", here)),
            "wrong host": _presents(present, self.authority.issue(f"{self.name}-elsewhere", "IP:127.0.0.9")),
            "rotated": rotated,
            "authority removed": lambda: replaced(self.ca_file, self.renewed.file),
        }


def _presents(present: Present, files: tuple[Path, Path]) -> Trouble:
    return lambda: present(*files)
