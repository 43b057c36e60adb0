"""What can be looked up, and what is an address already."""

import pytest

from smtptui.dns import Address, DnsError, Resolver
from smtptui.dns.names import lookup_name, server_address
from smtptui.protocol import Family


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1", Address(Family.IPV4, "127.0.0.1")),
        ("[127.0.0.1]", Address(Family.IPV4, "127.0.0.1")),
        ("::1", Address(Family.IPV6, "::1")),
        ("[::1]", Address(Family.IPV6, "::1")),
        ("[IPv6:::1]", Address(Family.IPV6, "::1")),
        ("fe80::1%eth0", Address(Family.IPV6, "fe80::1%eth0")),
        ("[fe80::1%2]", Address(Family.IPV6, "fe80::1%2")),
    ],
)
async def test_an_address_is_its_own_answer(text: str, address: Address) -> None:
    # The name server could not be reached, and nobody asks it.
    for resolver in (Resolver(), Resolver("127.0.0.1:1", timeout=0.1)):
        assert await resolver.addresses(text) == (address,)
        (mx,) = await resolver.mx(text)
        assert (mx.host, mx.implicit) == (address.ip, True)


async def test_an_address_of_the_other_family_is_refused() -> None:
    with pytest.raises(DnsError, match="IPv4 address, but only IPv6") as caught:
        await Resolver().addresses("127.0.0.1", Family.IPV6)
    assert caught.value.kind == "unknown"


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "a..test",
        "a b.test",
        "a\x00.test",
        "\x1b[31m.test",
        "x" * 64 + ".test",
        "a." * 130,
        "a\\032.test",
    ],
)
async def test_what_is_no_host_name_is_never_looked_up(host: str) -> None:
    def lookup(*_: object) -> list[tuple[object, ...]]:
        raise AssertionError("looked up")

    with pytest.raises(DnsError) as caught:
        await Resolver(lookup=lookup).addresses(host)
    assert caught.value.kind == "unknown"
    assert str(caught.value).isprintable()


def test_names_become_a_labels_without_final_dot() -> None:
    assert lookup_name("bücher.test.") == "xn--bcher-kva.test"
    assert lookup_name("_25._tcp.Mail.test") == "_25._tcp.Mail.test"
    with pytest.raises(DnsError) as caught:
        lookup_name("bü" + "x" * 80 + ".test")
    assert caught.value.kind == "unknown"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
        ("fe80::1%lo", ("fe80::1%lo", 53)),
    ],
)
def test_a_name_server_is_an_address_and_perhaps_a_port(text: str, address: tuple[str, int]) -> None:
    assert server_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ns.test",
        "192.0.2.1:",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:x",
        "[::1",
        "[::1]53",
        "192.0.2",
    ],
)
def test_a_malformed_name_server_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match="name server"):
        Resolver(text)
