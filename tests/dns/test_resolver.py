"""Addresses and mail exchangers from a name server of one's own choice."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dns.name
import dns.resolver
import pytest

from smtptui.dns import DnsError, MxHost, Resolver
from smtptui.protocol import Family
from tests.dns.conftest import Run
from tests.dns.nameserver import FakeNameServer, Zone, serving

ZONE: Zone = {
    "both.test": ["A 192.0.2.1", "A 192.0.2.2", "A 192.0.2.3", "AAAA 2001:db8::1", "AAAA 2001:db8::2"],
    "four.test": ["A 192.0.2.4"],
    "bare.test": ["TXT hello"],
    "alias.test": ["CNAME hop.test."],
    "hop.test": ["CNAME four.test."],
    "dangling.test": ["CNAME nowhere.test."],
    "loop.test": ["CNAME loop.test."],
    "xn--bcher-kva.test": ["A 192.0.2.5", "MX 5 mx.xn--bcher-kva.test."],
    "mail.test": ["MX 20 last.test.", "MX 10 b.test.", "MX 10 a.test.", "MX 10 c.test.", "MX 0 first.test."],
    "null.test": ["MX 0 ."],
    "odd.test": ["MX 0 .", "MX 10 real.test."],
}


@asynccontextmanager
async def asking(timeout: float = 5.0, **behaviour: object) -> AsyncIterator[tuple[Resolver, FakeNameServer]]:
    """A resolver and the name server that it asks."""
    async with serving(FakeNameServer(ZONE, **behaviour)) as server:  # type: ignore[arg-type]
        yield Resolver(server.address, timeout=timeout, rng=random.Random(7)), server


async def ips(resolver: Resolver, host: str, family: Family = Family.ANY) -> list[str]:
    return [address.ip for address in await resolver.addresses(host, family)]


async def failure(resolver: Resolver, host: str, family: Family = Family.ANY) -> DnsError:
    with pytest.raises(DnsError) as caught:
        await resolver.addresses(host, family)
    assert host in str(caught.value)
    return caught.value


def test_both_families_come_in_turn(run: Run) -> None:
    async def main() -> None:
        async with asking() as (resolver, _):
            addresses = await resolver.addresses("both.test")
            assert [str(address.family) for address in addresses] == ["6", "4", "6", "4", "4"]
            assert {address.ip for address in addresses} >= {"192.0.2.3", "2001:db8::2"}
            assert set(await ips(resolver, "both.test", Family.IPV6)) == {"2001:db8::1", "2001:db8::2"}
            assert len(await ips(resolver, "both.test", Family.IPV4)) == 3

    run(main())


def test_a_cut_answer_is_asked_for_again_over_tcp(run: Run) -> None:
    async def main() -> None:
        async with asking(truncated={"four.test"}) as (resolver, server):
            assert await ips(resolver, "four.test", Family.IPV4) == ["192.0.2.4"]
            assert server.asked == [("udp", "four.test", "A"), ("tcp", "four.test", "A")]

    run(main())


def test_silence_ends_at_the_deadline(run: Run) -> None:
    async def main() -> None:
        async with asking(0.3, silent={"four.test"}) as (resolver, server):
            await ips(resolver, "both.test")  # dnspython is imported by now
            started = time.monotonic()
            error = await failure(resolver, "four.test")
            # Without one it would be for ever.
            assert time.monotonic() - started > 0.25
            assert error.kind == "temporary"
            assert server.address in str(error)

    run(main())


def test_a_look_up_can_be_cancelled(run: Run) -> None:
    async def main() -> None:
        async with asking(silent={"four.test"}) as (resolver, _):
            await ips(resolver, "both.test")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await resolver.addresses("four.test")

    run(main())


@pytest.mark.parametrize("chase", [True, False])
async def test_aliases_are_followed_whoever_has_to_do_it(chase: bool) -> None:
    async with asking(chase=chase) as (resolver, _):
        assert await ips(resolver, "alias.test") == ["192.0.2.4"]
        assert (await failure(resolver, "dangling.test")).kind == "unknown"
        assert (await failure(resolver, "loop.test")).kind == "temporary"


async def test_an_idn_host_is_asked_for_as_a_label() -> None:
    async with asking() as (resolver, server):
        assert await ips(resolver, "bücher.test") == ["192.0.2.5"]
        assert {name for _, name, _ in server.asked} == {"xn--bcher-kva.test"}


async def test_no_such_name_and_no_address_are_unknown() -> None:
    async with asking() as (resolver, server):
        assert "NXDOMAIN" in str(await failure(resolver, "none.test"))
        assert (await failure(resolver, "none.test")).kind == "unknown"
        error = await failure(resolver, "four.test", Family.IPV6)
        assert (error.kind, str(error)) == ("unknown", "four.test has no IPv6 address")
        assert (await failure(resolver, "bare.test")).kind == "unknown"
        # A single label is asked for as it is: no search domain is put behind it.
        assert (await failure(resolver, "printer")).kind == "unknown"
        assert {name for _, name, _ in server.asked if name.startswith("printer")} == {"printer"}


async def test_servfail_is_temporary_and_says_so() -> None:
    async with asking(servfail={"four.test"}) as (resolver, _):
        error = await failure(resolver, "four.test")
        assert error.kind == "temporary"
        assert "SERVFAIL" in str(error)


async def test_one_family_failing_does_not_spoil_the_other() -> None:
    async with asking(servfail={"four.test AAAA", "bare.test AAAA"}) as (resolver, _):
        assert await ips(resolver, "four.test") == ["192.0.2.4"]
        # Without the other family's answer nobody knows that there is no address.
        assert (await failure(resolver, "bare.test")).kind == "temporary"


async def test_a_name_server_that_is_not_there_is_temporary() -> None:
    async with asking() as (_, server):
        pass
    error = await failure(Resolver(server.address, timeout=0.3), "four.test")
    assert error.kind == "temporary"


def test_mail_exchangers_come_by_preference(run: Run) -> None:
    async def main() -> None:
        async with asking() as (resolver, _):
            hosts = await resolver.mx("mail.test")
            assert hosts[0] == MxHost(0, "first.test")
            assert hosts[-1] == MxHost(20, "last.test")
            assert {host.host for host in hosts[1:4]} == {"a.test", "b.test", "c.test"}

    run(main())


async def test_equal_preferences_take_turns() -> None:
    async with asking() as (resolver, _):
        seconds = {(await resolver.mx("mail.test"))[1].host for _ in range(30)}
        assert seconds == {"a.test", "b.test", "c.test"}


async def test_without_mx_the_domain_itself_counts() -> None:
    async with asking() as (resolver, _):
        assert await resolver.mx("four.test") == (MxHost(0, "four.test", implicit=True),)
        assert await resolver.mx("four.test.") == (MxHost(0, "four.test", implicit=True),)


async def test_a_null_mx_is_an_error_of_its_own() -> None:
    async with asking() as (resolver, _):
        with pytest.raises(DnsError, match=r"null\.test takes no mail") as caught:
            await resolver.mx("null.test")
        assert caught.value.kind == "null-mx"
        # Beside a real host it means nothing (RFC 7505 section 3).
        assert await resolver.mx("odd.test") == (MxHost(10, "real.test"),)


async def test_mx_of_an_idn_domain_is_asked_for_as_a_label() -> None:
    async with asking() as (resolver, _):
        assert await resolver.mx("bücher.test") == (MxHost(5, "mx.xn--bcher-kva.test"),)


@pytest.mark.parametrize(("domain", "kind"), [("none.test", "unknown"), ("four.test", "temporary"), ("a b", "unknown")])
async def test_a_failed_mx_look_up_is_never_taken_for_no_mx(domain: str, kind: str) -> None:
    async with asking(servfail={"four.test"}) as (resolver, _):
        with pytest.raises(DnsError) as caught:
            await resolver.mx(domain)
        assert caught.value.kind == kind


async def test_localhost_is_its_own_mail_exchanger() -> None:
    assert await Resolver().mx("localhost") == (MxHost(0, "localhost", implicit=True),)


async def test_without_a_server_of_ones_own_the_systems_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking() as (_, server):

        def configure(resolver: dns.resolver.BaseResolver, _: object) -> None:
            resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
            resolver.search, resolver.ndots = [dns.name.from_text("search.test")], 2

        monkeypatch.setattr(dns.resolver.BaseResolver, "read_resolv_conf", configure)
        assert await Resolver().mx("bücher.test") == (MxHost(5, "mx.xn--bcher-kva.test"),)
        with pytest.raises(DnsError):
            await Resolver().mx("printer")
        assert [name for _, name, _ in server.asked] == ["xn--bcher-kva.test", "printer"]


async def test_a_system_without_name_servers_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def configure(resolver: dns.resolver.BaseResolver, _: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.BaseResolver, "read_resolv_conf", configure)
    with pytest.raises(DnsError, match="names no name server") as caught:
        await Resolver().mx("four.test")
    assert caught.value.kind == "temporary"
