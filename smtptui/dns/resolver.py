"""The resolver a session asks: addresses of a host, mail exchangers of a domain."""

import asyncio
import random
import socket
from itertools import chain, zip_longest

from smtptui.dns.hosts import Address, DnsError, MxHost
from smtptui.dns.names import literal, lookup_name, server_address
from smtptui.dns.query import NameServer
from smtptui.dns.system import Lookup, system_addresses
from smtptui.protocol import Family, visible

_RECORDS = {Family.IPV6: "AAAA", Family.IPV4: "A"}
_SHOWN = {Family.ANY: "IP", Family.IPV4: "IPv4", Family.IPV6: "IPv6"}


class Resolver:
    """Looks up addresses and MX records, by the system or by one name server.

    ``server`` is ``IP``, ``IP:PORT`` or ``[IP6]:PORT``; ValueError otherwise. ``timeout`` is in seconds, for
    a whole look-up. ``rng`` shuffles mail exchangers of equal preference. ``lookup`` stands in for
    :func:`socket.getaddrinfo`.
    """

    def __init__(
        self,
        server: str | None = None,
        *,
        timeout: float = 10.0,
        rng: random.Random | None = None,
        lookup: Lookup | None = None,
    ) -> None:
        self._own = server is not None
        self._timeout = timeout
        self._names = NameServer(None if server is None else server_address(server), timeout=timeout)
        self._rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._lookup = lookup

    async def addresses(self, host: str, family: Family = Family.ANY) -> tuple[Address, ...]:
        """The addresses of ``host``, in the order to try them; never empty, raises :class:`DnsError`.

        An IP address, in brackets or not, is returned as it is. The system's answer keeps the system's order
        (RFC 6724); a name server's answer is IPv6 and IPv4 in turn (RFC 8305 section 4).
        """
        spelled = literal(host)
        if spelled is not None:
            if family not in (Family.ANY, spelled.family):
                raise DnsError(
                    f"{spelled.ip} is an {_SHOWN[spelled.family]} address, but only {_SHOWN[family]} is allowed",
                    name=host,
                    kind="unknown",
                )
            return (spelled,)
        name = lookup_name(host)
        if self._own:
            found = await self._ask(name, family)
        else:
            found = await system_addresses(
                name, family, seconds=self._timeout, lookup=self._lookup or socket.getaddrinfo
            )
        if not found:
            raise DnsError(f"{visible(host)} has no {_SHOWN[family]} address", name=host, kind="unknown")
        return found

    async def mx(self, domain: str) -> tuple[MxHost, ...]:
        """The hosts that take mail for ``domain``, in the order to try them; raises :class:`DnsError`.

        RFC 5321 section 5.1: lowest preference first, equal ones in random order; without MX records the
        domain itself, ``implicit``. A null MX (RFC 7505) is an error of its own kind. An address literal is
        its own host.
        """
        spelled = literal(domain)
        if spelled is not None:
            return (MxHost(0, spelled.ip, implicit=True),)
        name = lookup_name(domain)
        if not self._own and name.lower().rpartition(".")[2] == "localhost":
            # RFC 6761 section 6.3: these names are the host's own and never asked for in the DNS.
            return (MxHost(0, name, implicit=True),)
        records = await self._names.mail_exchangers(name)
        hosts = [(preference, host) for preference, host in records if host != "."]
        if records and not hosts:
            raise DnsError(
                f"{visible(domain)} takes no mail: its DNS says so with a null MX (RFC 7505)",
                name=domain,
                kind="null-mx",
            )
        if not records:
            return (MxHost(0, name, implicit=True),)
        self._rng.shuffle(hosts)
        return tuple(MxHost(preference, host) for preference, host in sorted(hosts, key=lambda mx: mx[0]))

    async def _ask(self, name: str, family: Family) -> tuple[Address, ...]:
        families = (Family.IPV6, Family.IPV4) if family is Family.ANY else (family,)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask_one(name, each)) for each in families]
        answers = [task.result() for task in tasks]
        found = [answer for answer in answers if not isinstance(answer, DnsError)]
        failures = [answer for answer in answers if isinstance(answer, DnsError)]
        addresses = tuple(each for each in chain(*zip_longest(*found)) if each is not None)
        if not addresses and failures:
            # One family unanswered and the other without an address: it may have one all the same.
            raise min(failures, key=lambda failure: failure.kind != "temporary")
        return addresses

    async def _ask_one(self, name: str, family: Family) -> list[Address] | DnsError:
        try:
            return [Address(family, ip) for ip in await self._names.addresses(name, _RECORDS[family])]
        except DnsError as error:
            return error
