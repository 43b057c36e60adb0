"""Whether anybody takes mail for the domains of a list, asked of the DNS: each domain once, some at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from itertools import islice

from smtptui.batch.model import NewRecipient, RecipientState
from smtptui.dns import DnsError, Resolver

_AT_ONCE = 2000
"""Recipients that are held back while their domains are asked for."""


async def check_exchangers(
    recipients: Iterable[NewRecipient], resolver: Resolver, *, unanswered: set[str], concurrency: int = 20
) -> AsyncIterator[NewRecipient]:
    """The recipients in order; pending ones whose domain takes no mail are skipped, with the reason.

    Only what the DNS says for certain counts: no such domain, neither MX nor address, a null MX (RFC 7505). Where it
    does not answer, the recipient stays as it is, and ``unanswered`` gets the domain.
    """
    reasons: dict[str, str] = {}
    lanes = asyncio.Semaphore(concurrency)

    async def ask(domain: str) -> None:
        async with lanes:
            reasons[domain] = await _reason(domain, resolver, unanswered)

    waiting = iter(recipients)
    while chunk := list(islice(waiting, _AT_ONCE)):
        asked = {domain_of(one) for one in chunk if one.state is RecipientState.PENDING} - reasons.keys()
        async with asyncio.TaskGroup() as group:
            for domain in sorted(asked):
                group.create_task(ask(domain))
        for one in chunk:
            reason = reasons[domain_of(one)] if one.state is RecipientState.PENDING else ""
            yield replace(one, state=RecipientState.SKIPPED, reason=reason) if reason else one


def domain_of(recipient: NewRecipient) -> str:
    """The domain of a recipient's address, in lower case."""
    return recipient.key.rpartition("@")[2]


async def _reason(domain: str, resolver: Resolver, unanswered: set[str]) -> str:
    try:
        hosts = await resolver.mx(domain)
        if hosts[0].implicit:
            await resolver.addresses(hosts[0].host)
    except DnsError as error:
        if error.kind == "temporary":
            unanswered.add(domain)
            return ""
        return f"no mail server: {error}"
    return ""
