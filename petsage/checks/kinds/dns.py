"""`dns`: a host name that resolves with the resolver of this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from time import perf_counter

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import resolve_host
from petsage.checks.sdk.settings import Host, KindSchema, TextList
from petsage.checks.sdk.texts import elapsed_ms

external = True

_MAX_SHOWN = 16  # addresses: an answer may hold thousands


@dataclass(frozen=True, kw_only=True)
class Dns:
    """Holds when `name` resolves, and its addresses include every one of `expect`; at most 16 are shown."""

    name: str
    expect: tuple[str, ...] = ()

    async def run(self) -> Mapping[str, object]:
        """Resolve the name."""
        started = perf_counter()
        found = sorted({str(info[4][0]) for info in await resolve_host(self.name, 0)})
        if missing := [address for address in self.expect if address not in found]:
            text = f"{self.name} resolves to {_format(found)}, not to {', '.join(missing)}"
            raise CheckFailed(text, code=Code.CONTENT)
        return {"addresses": found[:_MAX_SHOWN], "latency_ms": elapsed_ms(started)}


def _format(addresses: list[str]) -> str:
    more = f" and {len(addresses) - _MAX_SHOWN} more" if len(addresses) > _MAX_SHOWN else ""
    return ", ".join(addresses[:_MAX_SHOWN]) + more


class Addresses(TextList):
    """IP addresses; load in their canonical form."""

    default_error_messages = {"invalid": "not a list of IP addresses (write it like [192.0.2.1, 2001:db8::1])"}  # noqa: RUF012 (marshmallow's own attribute)

    def parse_item(self, text: str) -> str:
        """Return an address in its canonical form."""
        return str(ip_address(text))


class DnsSchema(KindSchema):
    """Settings of `dns`."""

    check_class = Dns

    name = Host(required=True)
    expect = Addresses()


schema = DnsSchema()
