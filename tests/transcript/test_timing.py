"""Where the time of a session went."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.protocol import Event, EventKind, Stage
from smtptui.transcript import Phase, Stopwatch, Transcript, phases
from tests.transcript.test_transcript import ENTRIES, Entry, fill

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def told(*entries: tuple[float, EventKind, Stage, str, float | None]) -> list[Event]:
    """Events with these times."""
    transcript = Transcript(started=NOON)
    for at, kind, stage, text, took in entries:
        transcript.add(kind, stage, text, at=at, took=took, size=1234)
    return list(transcript)


CONNECT, REPLY, COMMAND, NOTE = EventKind.CONNECT, EventKind.REPLY, EventKind.COMMAND, EventKind.NOTE
TALK = told(
    (0.2, NOTE, Stage.CONNECT, "MX of good.test: 10 mx.test", 0.2),
    (0.3, NOTE, Stage.CONNECT, "trying 192.0.2.1:25", None),
    (0.5, CONNECT, Stage.CONNECT, "connected", 0.25),
    (0.9, REPLY, Stage.BANNER, "220 hi", 0.4),
    (1.0, COMMAND, Stage.EHLO, "EHLO me", None),
    (1.1, REPLY, Stage.EHLO, "250 hi", 0.1),
    (1.2, EventKind.TLS, Stage.TLS, "TLSv1.3 X", 0.05),
    (1.2, EventKind.TLS, Stage.TLS, "verified", None),
    (2.0, EventKind.BODY, Stage.BODY, "Subject: x\r\n", 0.7),
    (2.1, COMMAND, Stage.DOT, ".", None),
    (2.6, REPLY, Stage.DOT, "250 ok", 0.5),
)


def test_each_phase_has_its_name_its_command_and_its_time() -> None:
    assert [(phase.name, phase.what, phase.took) for phase in phases(TALK)] == [
        ("DNS", "MX of good.test: 10 mx.test", 0.2),
        ("TCP", "connected", 0.25),
        ("BANNER", "", 0.4),
        ("EHLO", "EHLO me", 0.1),
        ("TLS", "TLSv1.3 X", 0.05),
        ("UPLOAD", "message, 1,234 octets", 0.7),
        ("DOT", "end of message", 0.5),
    ]


def test_what_repeats_is_summed_up() -> None:
    watch = Stopwatch()
    for number in range(100):
        command = (number, COMMAND, Stage.RCPT, f"RCPT TO:<a{number}@x.test>", None)
        watch.add(told(command, (number + 0.5, REPLY, Stage.RCPT, "250 ok", 2.0 if number == 42 else 0.5)))
    assert watch.phases == (Phase("RCPT", "RCPT TO:<a42@x.test>", 51.5, 42.5, 100, 2.0),)
    assert watch.total == 99.5


def test_three_of_a_kind_are_told_one_by_one() -> None:
    steps = [
        (COMMAND, "AUTH LOGIN"),
        (REPLY, "334 "),
        (EventKind.CONTINUATION, "••••••••"),
        (REPLY, "334 "),
        (EventKind.CONTINUATION, "••••••••"),
        (REPLY, "235 ok"),
    ]
    found = phases(told(*((1.0, kind, Stage.AUTH, text, 0.1 if kind is REPLY else None) for kind, text in steps)))
    assert [(phase.name, phase.what) for phase in found] == [("AUTH", "AUTH LOGIN"), ("AUTH", ""), ("AUTH", "")]


def test_replies_that_come_together_belong_to_their_commands() -> None:
    found = phases(
        told(
            (1.0, COMMAND, Stage.MAIL, "MAIL FROM:<>", None),
            (1.0, COMMAND, Stage.RCPT, "RCPT TO:<a@x.test>", None),
            (1.3, REPLY, Stage.MAIL, "250 ok", 0.3),
            (1.4, REPLY, Stage.RCPT, "250 ok", 0.4),
        )
    )
    assert [(phase.name, phase.what) for phase in found] == [("MAIL", "MAIL FROM:<>"), ("RCPT", "RCPT TO:<a@x.test>")]


def test_a_command_without_a_reply_is_told_as_such() -> None:
    error = (61.0, EventKind.ERROR, Stage.MAIL, "No reply within 60 s.", None)
    (phase,) = phases(told((1.0, COMMAND, Stage.MAIL, "MAIL FROM:<>", None), error))
    assert (phase.name, phase.took, phase.answered) == ("MAIL", 60.0, False)


@settings(deadline=None)
@given(st.lists(ENTRIES, max_size=40), st.integers(1, 40))
def test_in_pieces_it_is_the_same_as_at_once(entries: list[Entry], size: int) -> None:
    events = fill(Transcript(started=NOON), entries)
    watch = Stopwatch()
    for start in range(0, len(events), size):
        watch.add(events[start : start + size])
    assert watch.phases == phases(events)
    assert all(phase.took >= 0 and phase.name for phase in watch.phases)
    assert len({phase.name for phase in watch.phases}) * 3 >= len(watch.phases)
