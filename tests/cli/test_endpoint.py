"""``--server`` in all the ways people write it."""

import pytest

from smtptui.cli.endpoint import check_address, check_resolver, default_port, split_server
from smtptui.cli.errors import CommandError
from smtptui.protocol import TlsMode


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("mx.example.org", "mx.example.org", None),
        ("mx.example.org:2525", "mx.example.org", 2525),
        ("127.0.0.1:25", "127.0.0.1", 25),
        ("[::1]:465", "::1", 465),
        ("[2001:db8::25]", "2001:db8::25", None),
        ("2001:db8::25", "2001:db8::25", None),
        ("[fe80::1%eth0]:25", "fe80::1%eth0", 25),
        (" mx.example.org ", "mx.example.org", None),
    ],
)
def test_reads_host_and_port(text: str, host: str, port: int | None) -> None:
    assert split_server(text) == (host, port)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mx.example.org:smtp", "'smtp' is no port"),
        ("mx.example.org:", "'' is no port"),
        ("mx.example.org:0", "1 to 65535"),
        ("mx.example.org:65536", "1 to 65535"),
        ("mx.example.org:٢٥", "is no port"),
        (":25", "there is no host"),
        ("a:b:c", "not an IPv6 address"),
        ("[mx.example.org]:25", "not an IP address"),
        ("[::1]x", "not an IPv6 address"),
    ],
)
def test_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(CommandError, match="--server") as caught:
        split_server(text)
    assert why in caught.value.message
    assert caught.value.code == 64


def test_the_tls_mode_suggests_the_port() -> None:
    assert default_port(TlsMode.IMPLICIT) == 465
    assert default_port(TlsMode.STARTTLS) == 587
    assert default_port(TlsMode.NONE) == default_port(TlsMode.OPPORTUNISTIC) == default_port(None) == 25


def test_source_and_resolver_are_addresses() -> None:
    assert check_address("::1", "--source") == "::1"
    assert check_resolver("[::1]:5353") == "[::1]:5353"
    assert check_resolver("127.0.0.1:5353") == "127.0.0.1:5353"
    with pytest.raises(CommandError, match="--source 'localhost'"):
        check_address("localhost", "--source")
    with pytest.raises(CommandError, match=r"--resolver .dns\.example:53"):
        check_resolver("dns.example:53")
