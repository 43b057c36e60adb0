"""Domains that take no mail are found by asking a real name server."""

import pytest

from smtptui.batch import NewRecipient, RecipientState
from smtptui.batch.addresses import check_exchangers
from smtptui.dns import Resolver
from tests.dns.nameserver import FakeNameServer, serving

ZONE = {
    "good.test": ["MX 10 mail.good.test."],
    "plain.test": ["A 192.0.2.1"],
    "nomail.test": ["MX 0 ."],
    "empty.test": ["TXT x"],
    "broken.test": [],
}


def recipient(line: int, domain: str, state: RecipientState = RecipientState.PENDING) -> NewRecipient:
    return NewRecipient(line, f"a{line}@{domain}", f"a{line}@{domain}", domain, (), state)


async def found(server: FakeNameServer, *domains: str) -> dict[str, NewRecipient]:
    async with serving(server):
        rows = [recipient(line, domain) for line, domain in enumerate(domains)]
        resolver = Resolver(server.address, timeout=2)
        return {one.destination: one async for one in check_exchangers(rows, resolver, unanswered=set(), concurrency=3)}


@pytest.mark.parametrize(
    ("domain", "reason"),
    [
        ("good.test", ""),
        ("plain.test", ""),
        ("nomail.test", "null MX"),
        ("empty.test", "no IP address"),
        ("none.test", "NXDOMAIN"),
        ("broken.test", ""),
    ],
)
async def test_only_what_the_dns_says_for_certain_skips(domain: str, reason: str) -> None:
    one = (await found(FakeNameServer(ZONE, servfail={"broken.test"}), domain))[domain]
    assert one.state is (RecipientState.SKIPPED if reason else RecipientState.PENDING)
    assert reason in one.reason


async def test_each_domain_is_asked_for_once_and_skipped_ones_not_at_all() -> None:
    server = FakeNameServer(ZONE)
    async with serving(server):
        rows = [recipient(line, "good.test") for line in range(50)]
        rows.append(recipient(50, "none.test", RecipientState.SKIPPED))
        checked = [one async for one in check_exchangers(rows, Resolver(server.address), unanswered=set())]
    assert [one.line for one in checked] == list(range(51))
    assert [name for _, name, _ in server.asked] == ["good.test"]
