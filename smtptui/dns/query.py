"""Questions to name servers: one server of the user's choice, or those of /etc/resolv.conf."""

import asyncio
from typing import TYPE_CHECKING, cast

from smtptui.dns.background import in_background
from smtptui.dns.hosts import DnsError

if TYPE_CHECKING:
    import dns.asyncresolver
    from dns.rdtypes.ANY.MX import MX

_CNAME_LIMIT = 8
"""How often a name may be asked for again under another name; each answer can hold a chain of its own."""


class NameServer:
    """Asks for records: UDP, then TCP where an answer is cut; CNAMEs are followed, search domains ignored."""

    def __init__(self, server: tuple[str, int] | None, *, timeout: float) -> None:
        self._server = server
        self._timeout = timeout
        self._resolver: dns.asyncresolver.Resolver | None = None

    async def addresses(self, name: str, record: str) -> list[str]:
        """The addresses in the A or AAAA records of ``name``, empty if it has none; raises DnsError."""
        return [rdata.to_text() for rdata in await self._records(name, record)]

    async def mail_exchangers(self, domain: str) -> list[tuple[int, str]]:
        """Preference and host of each MX record, empty if there is none; raises DnsError. "." is null MX."""
        return [
            (record.preference, record.exchange.to_text(omit_final_dot=True))
            for record in cast("list[MX]", await self._records(domain, "MX"))
        ]

    async def _records(self, name: str, record: str) -> "list[dns.rdata.Rdata]":
        # The import costs more than the look-up; it is not counted against the deadline.
        resolver = self._resolver
        if resolver is None:
            resolver = self._resolver = await in_background(self._open, name="import dnspython")
        if not resolver.nameservers:
            raise DnsError(
                f"{name} cannot be looked up: the system names no name server; choose one to ask",
                name=name,
                kind="temporary",
            )
        try:
            async with asyncio.timeout(self._timeout):
                return await self._resolve(resolver, name, record)
        except TimeoutError as error:
            raise self._no_answer(name) from error

    def _open(self) -> "dns.asyncresolver.Resolver":
        # dnspython takes long to import, and most sessions need no more than the system's resolver.
        import dns.asyncresolver
        import dns.resolver

        if self._server is None:
            try:
                return dns.asyncresolver.Resolver()
            except dns.resolver.NoResolverConfiguration:
                return dns.asyncresolver.Resolver(configure=False)
        resolver = dns.asyncresolver.Resolver(configure=False)
        ip, port = self._server
        resolver.port = port
        resolver.nameservers = [ip]
        return resolver

    async def _resolve(self, resolver: "dns.asyncresolver.Resolver", name: str, record: str) -> "list[dns.rdata.Rdata]":
        import dns.asyncbackend
        import dns.exception
        import dns.name
        import dns.resolver

        backend = dns.asyncbackend.get_backend("asyncio")
        asked = dns.name.from_text(name)
        try:
            for _ in range(_CNAME_LIMIT):
                answer = await resolver.resolve(
                    asked,
                    record,
                    raise_on_no_answer=False,
                    search=False,
                    lifetime=self._timeout,
                    backend=backend,
                )
                if answer.rrset is not None:
                    return list(answer.rrset)
                if answer.canonical_name == asked:
                    return []
                # The server told the alias and not what it stands for.
                asked = answer.canonical_name
        except dns.resolver.NXDOMAIN as error:
            raise DnsError(
                f"{name} does not exist: the DNS knows no such name (NXDOMAIN)", name=name, kind="unknown"
            ) from error
        except dns.exception.Timeout as error:
            raise self._no_answer(name) from error
        except dns.resolver.NoNameservers as error:
            raise DnsError(
                f"{self._who} could not answer about {name} ({_reasons(error.kwargs.get('errors', ()))}): "
                "try again later, or ask another name server",
                name=name,
                kind="temporary",
            ) from error
        except (dns.exception.DNSException, OSError) as error:
            raise DnsError(
                f"{self._who} could not be asked about {name}: {error}", name=name, kind="temporary"
            ) from error
        raise DnsError(
            f"{name} is an alias of an alias of an alias: more than {_CNAME_LIMIT} of them are not followed",
            name=name,
            kind="temporary",
        )

    @property
    def _who(self) -> str:
        if self._server is None:
            return "the system's name servers"
        ip, port = self._server
        return f"the name server {f'[{ip}]' if ':' in ip else ip}:{port}"

    def _no_answer(self, name: str) -> DnsError:
        return DnsError(
            f"no answer about {name} from {self._who} within {self._timeout:g} s: "
            "check that it is reachable, or ask another one",
            name=name,
            kind="temporary",
        )


def _reasons(errors: object) -> str:
    """What the servers said, as in "SERVFAIL"; dnspython lists (server, tcp, port, error, response)."""
    reasons = []
    for entry in errors if isinstance(errors, list | tuple) else ():
        if isinstance(entry, tuple) and len(entry) > 3:
            reasons.append(str(entry[3]) or type(entry[3]).__name__)
    return ", ".join(dict.fromkeys(reasons)) or "no usable answer"
