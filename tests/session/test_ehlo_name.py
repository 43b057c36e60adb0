"""What EHLO says."""

import socket
from collections.abc import Callable

import pytest

from smtptui.protocol import TlsMode
from smtptui.session.ehlo_name import ehlo_name
from tests.servers.certificates import Certificates
from tests.servers.oracle import Oracle
from tests.session.sending import send, to


@pytest.mark.parametrize("own", ["mail.example.org", "a.b.c.example.co", "xn--bcher-kva.example", "host.test"])
def test_a_fully_qualified_own_name_is_said(own: str) -> None:
    assert ehlo_name(None, "192.0.2.1:40000", own) == own


@pytest.mark.parametrize(
    "own",
    [
        *("", "localhost", "laptop", "localhost.localdomain", "Box.LOCAL", "pc.lan", "vm.internal", "x.home.arpa"),
        *("192.0.2.1", "with_underscore.example.org", "-dash.example.org", "a..b", "mail.example.org.", "ü.example"),
    ],
)
@pytest.mark.parametrize(
    ("local", "literal"),
    [
        ("192.0.2.1:40000", "[192.0.2.1]"),
        ("[2001:db8::1]:40000", "[IPv6:2001:db8::1]"),
        ("[fe80::1%eth0]:40000", "[IPv6:fe80::1]"),
        (None, "[127.0.0.1]"),
    ],
)
def test_else_the_address_is_said_as_a_literal(own: str, local: str | None, literal: str) -> None:
    assert ehlo_name(None, local, own) == literal


@pytest.mark.parametrize(
    ("configured", "said"),
    [
        ("client.test", "client.test"),
        ("[192.0.2.9]", "[192.0.2.9]"),
        ("any_thing", "any_thing"),
        ("bücher.test", "xn--bcher-kva.test"),
    ],
)
def test_the_configured_name_goes_first(configured: str, said: str) -> None:
    assert ehlo_name(configured, "192.0.2.1:1", "mail.example.org") == said


@pytest.mark.parametrize("tls", ["none", "starttls"])
async def test_a_session_says_it_before_and_after_starttls(
    oracle: Callable[..., Oracle], certificates: Certificates, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "laptop")
    for configured, said in ((None, "[127.0.0.1]"), ("me.client.test", "me.client.test")):
        async with oracle(tls=tls) as server:
            sent = await send(to(certificates, server.port, TlsMode(tls), ehlo_name=configured))
        assert sent.outcome.ok, sent.text
        assert server.record.ehlo_names == [said] * (1 if tls == "none" else 2)
