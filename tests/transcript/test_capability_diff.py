"""What a server offered in the clear and inside TLS, and what TLS changed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import EventKind, Stage
from smtptui.transcript import OFFERING, Change, Comparison, Transcript, offers

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
CLEAR = "250-mx.test hello\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 PIPELINING"
INSIDE = "250-mx.test hello\r\n250-SIZE 2000\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN"


def heard(*replies: tuple[Stage, bool, str]) -> Comparison:
    """What is read from these replies."""
    transcript = Transcript(started=NOON)
    transcript.add(EventKind.CONNECT, Stage.CONNECT, "connected", at=0.0)
    for stage, tls, text in replies:
        code = int(text[:3]) if text[:3].isdigit() else None
        transcript.add(EventKind.REPLY, stage, text, at=1.0, tls=tls, code=code)
    return offers(transcript[at] for at in transcript.matching(OFFERING, 0, len(transcript)))


def test_before_and_after_tls() -> None:
    found = heard((Stage.EHLO, False, CLEAR), (Stage.STARTTLS, False, "220 go"), (Stage.EHLO_TLS, True, INSIDE))
    assert found.clear is not None
    assert found.clear.domain == "mx.test"
    assert [(each.keyword, each.clear, each.inside, each.change) for each in found.keywords] == [
        ("SIZE", "1000", "2000", Change.CHANGED),
        ("STARTTLS", "", None, Change.WITHDRAWN),
        ("PIPELINING", "", "", Change.SAME),
        ("AUTH", None, "PLAIN LOGIN", Change.ADDED),
    ]


def test_with_implicit_tls_there_is_no_before() -> None:
    found = heard((Stage.EHLO, True, INSIDE))
    assert found.clear is None
    assert {each.change for each in found.keywords} == {Change.SAME}


def test_a_refused_ehlo_offers_nothing_and_helo_neither() -> None:
    assert heard((Stage.EHLO, False, "502 what?")) == Comparison()
    found = heard((Stage.EHLO, False, "502 what?"), (Stage.EHLO, False, "250 mx.test"))
    assert found.clear is not None
    assert found.keywords == ()


def test_of_several_servers_the_last_counts() -> None:
    transcript = Transcript(started=NOON)
    for text in (CLEAR, "250-second.test\r\n250 SIZE 7"):
        transcript.add(EventKind.CONNECT, Stage.CONNECT, "connected", at=0.0)
        transcript.add(EventKind.REPLY, Stage.EHLO, text, at=1.0, code=250)
    found = offers(transcript)
    assert [each.keyword for each in found.keywords] == ["SIZE"]
    assert found.clear is not None
    assert found.clear.domain == "second.test"


@pytest.mark.parametrize(
    ("lines", "keywords"),
    [
        (["AUTH=LOGIN PLAIN", "AUTH LOGIN"], {"AUTH=": "LOGIN PLAIN", "AUTH": "LOGIN"}),
        (["size  10", "SIZE 20"], {"SIZE": "10 20"}),
        (["", "  "], {}),
        (["X\x1b[31m"], {"X\\X1B[31M": ""}),
    ],
)
def test_odd_lines(lines: list[str], keywords: dict[str, str]) -> None:
    text = "\r\n".join(["250-mx.test", *(f"250-{line}" for line in lines), "250 "])
    found = heard((Stage.EHLO, False, text))
    assert found.clear is not None
    assert found.clear.keywords == keywords


@given(st.binary(max_size=200))
def test_whatever_a_server_says_is_harmless(octets: bytes) -> None:
    found = heard((Stage.EHLO, False, "250-" + octets.decode("utf-8", "surrogateescape")))
    for each in found.keywords:
        assert f"{each.keyword}{each.clear}".isprintable()
