"""An event as people read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import Event, EventKind, Stage
from smtptui.transcript import EventLine, Tone, body_lines, duration, event_line, octets, page_lines


def event(kind: EventKind, text: str, *, tls: bool = False, **more: object) -> Event:
    stage = more.pop("stage", Stage.MAIL)
    return Event(0, 1.5, kind, stage, tls, text, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "clear", "inside"),
    [
        (EventKind.COMMAND, "→", "⇒"),
        (EventKind.CONTINUATION, "→", "⇒"),
        (EventKind.BODY, "→", "⇒"),
        (EventKind.REPLY, "←", "⇐"),
        (EventKind.NOTE, "•", "•"),
        (EventKind.TLS, "•", "•"),
        (EventKind.CONNECT, "•", "•"),
        (EventKind.CLOSE, "•", "•"),
        (EventKind.ERROR, "✗", "✗"),
    ],
)
def test_arrows(kind: EventKind, clear: str, inside: str) -> None:
    assert event_line(event(kind, "x")).arrow == clear
    assert event_line(event(kind, "x", tls=True)).arrow == inside


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        (EventKind.REPLY, 250, Tone.ACCEPTED),
        (EventKind.REPLY, 354, Tone.ACCEPTED),
        (EventKind.REPLY, 451, Tone.TEMPORARY),
        (EventKind.REPLY, 550, Tone.PERMANENT),
        (EventKind.REPLY, None, Tone.ERROR),
        (EventKind.COMMAND, None, Tone.CLIENT),
        (EventKind.BODY, None, Tone.CLIENT),
        (EventKind.ERROR, None, Tone.ERROR),
        (EventKind.NOTE, None, Tone.NOTE),
        (EventKind.CLOSE, None, Tone.NOTE),
    ],
)
def test_tones(kind: EventKind, code: int | None, expected: Tone) -> None:
    assert event_line(event(kind, "x", code=code)).tone is expected


def test_a_reply_of_several_lines() -> None:
    reply = event(EventKind.REPLY, "250-mx.test\r\n250-SIZE 100\r\n250 \x1b[2JHELP", code=250, took=0.25)
    assert event_line(reply) == EventLine("←", "250-mx.test", 2, 0.25, Tone.ACCEPTED)
    assert body_lines(reply) == ["250-mx.test", "250-SIZE 100", "250 \\x1b[2JHELP"]
    assert page_lines(reply) == [
        "   1.500 ← 250-mx.test",
        "   1.500 ← 250-SIZE 100",
        "   1.500 ← 250 \\x1b[2JHELP  [250 ms]",
    ]


def test_a_bare_lf_is_seen() -> None:
    assert event_line(event(EventKind.REPLY, "250 Ok\n", code=250)).text == "250 Ok\\n"
    assert body_lines(event(EventKind.REPLY, "250-a\n250 b\n", code=250)) == ["250-a\\n", "250 b\\n"]


def test_a_body_is_one_line_with_its_size() -> None:
    body = event(EventKind.BODY, "Subject: x\r\n\r\ntext\r\n", size=20_000, stage=Stage.BODY, took=2.0)
    line = event_line(body)
    assert line.text == "message, 19.5 KiB"
    assert body_lines(body) == ["Subject: x", "", "text", "… 20000 octets in all"]
    assert line.more == 4
    whole = event(EventKind.BODY, "Gr\udcfc\r\n", size=5, stage=Stage.BODY)
    assert body_lines(whole) == ["Gr\\xfc"]


def test_an_error_says_so_without_colour() -> None:
    assert page_lines(event(EventKind.ERROR, "It broke.")) == ["   1.500 ✗ ERROR It broke."]


@given(
    st.sampled_from(list(EventKind)),
    st.binary(max_size=80).map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.one_of(st.none(), st.floats(0, 1e5)),
)
def test_no_event_can_break_a_line(kind: EventKind, text: str, took: float | None) -> None:
    entry = event(kind, text, size=len(text), took=took)
    line = event_line(entry)
    for shown in (line.text, *body_lines(entry), *page_lines(entry)):
        assert shown.splitlines() in ([], [shown])
        assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0xD800 <= ord(char) < 0xE000 for char in shown)
    if kind is EventKind.REPLY:
        assert line.more == len(body_lines(entry)) - 1
        assert line.text == body_lines(entry)[0]


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 octets"), (10239, "10239 octets"), (10240, "10.0 KiB"), (10 * 1024 * 1024, "10.0 MiB")],
)
def test_sizes(size: int, words: str) -> None:
    assert octets(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0004, "0.4 ms"), (0.0123, "12 ms"), (1.5, "1500 ms"), (61.26, "61.3 s")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
