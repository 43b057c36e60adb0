"""A server in all the ways people write it."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtptui.protocol import (
    HostPortError,
    TlsMode,
    check_ip,
    join_host_port,
    port_for_tls,
    split_host_port,
    split_ip_port,
)

NAMES = st.from_regex(r"[a-z0-9_]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z0-9]{1,8}){0,3}\.?", fullmatch=True)
ADDRESSES = st.ip_addresses().map(str)
PORTS = st.integers(1, 65535)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("mx.example.org", "mx.example.org", None),
        ("mx.example.org:2525", "mx.example.org", 2525),
        ("mx.example.org:0025", "mx.example.org", 25),
        ("127.0.0.1:25", "127.0.0.1", 25),
        ("[127.0.0.1]:25", "127.0.0.1", 25),
        ("[::1]:465", "::1", 465),
        ("[2001:db8::25]", "2001:db8::25", None),
        ("2001:db8::25", "2001:db8::25", None),
        ("[fe80::1%eth0]:25", "fe80::1%eth0", 25),
        (" mx.example.org ", "mx.example.org", None),
    ],
)
def test_reads_host_and_port(text: str, host: str, port: int | None) -> None:
    assert split_host_port(text) == (host, port)


@pytest.mark.parametrize(
    ("text", "part", "why"),
    [
        ("mx.example.org:smtp", "smtp", "'smtp' is no port; use 1 to 65535"),
        ("mx.example.org:", "", "'' is no port; use 1 to 65535"),
        ("mx.example.org:0", "0", "'0' is no port; use 1 to 65535"),
        ("mx.example.org:65536", "65536", "'65536' is no port; use 1 to 65535"),
        ("mx.example.org:٢٥", "٢٥", "'٢٥' is no port; use 1 to 65535"),
        (":25", "", "there is no host; write HOST or HOST:PORT"),
        ("", "", "there is no host; write HOST or HOST:PORT"),
        ("a:b:c", "a:b:c", "'a:b:c' is not an IPv6 address, or HOST:PORT"),
        ("[mx.example.org]:25", "mx.example.org", "'mx.example.org' is not an IP address"),
        ("[not-an-ip]:25", "not-an-ip", "'not-an-ip' is not an IP address"),
        ("[]:25", "", "'' is not an IP address"),
        ("[::1]x", "[::1]x", "'[::1]x' is not an IPv6 address, or HOST:PORT"),
    ],
)
def test_says_what_is_wrong(text: str, part: str, why: str) -> None:
    with pytest.raises(HostPortError) as caught:
        split_host_port(text)
    assert (str(caught.value), caught.value.part) == (why, part)


@given(NAMES | ADDRESSES, st.none() | PORTS)
def test_what_is_joined_is_read_as_it_was(host: str, port: int | None) -> None:
    assert split_host_port(join_host_port(host, port)) == (host, port)
    assert split_host_port(f"  {join_host_port(host, port)}\n") == (host, port)


@given(ADDRESSES, st.none() | PORTS)
def test_an_address_may_stand_in_brackets_whichever_it_is(address: str, port: int | None) -> None:
    assert split_ip_port(f"[{address}]" + ("" if port is None else f":{port}")) == (address, port)
    assert check_ip(address) == address


@given(NAMES, PORTS)
def test_a_name_stands_in_no_brackets_and_is_no_address(name: str, port: int) -> None:
    with suppress(ValueError):
        check_ip(name)
        return
    with pytest.raises(HostPortError):
        split_host_port(f"[{name}]:{port}")
    with pytest.raises(HostPortError):
        split_ip_port(join_host_port(name, port))


@example("mx:" + "9" * 5000)
@given(st.text() | st.text("[]:.%0123456789abcdef \n"))
def test_whatever_is_written_is_a_server_or_a_sentence(text: str) -> None:
    with suppress(HostPortError):
        host, port = split_host_port(text)
        assert host
        assert port is None or 1 <= port <= 65535
        assert split_host_port(join_host_port(host, port)) == (host, port)


def test_the_tls_mode_suggests_the_port() -> None:
    assert port_for_tls(TlsMode.IMPLICIT) == 465
    assert port_for_tls(TlsMode.STARTTLS) == 587
    assert port_for_tls(TlsMode.NONE) == port_for_tls(TlsMode.OPPORTUNISTIC) == port_for_tls(None) == 25
