"""What is printed while a session goes on: colours only where wanted, nothing that acts on a terminal."""

import io
import os
from pathlib import Path
from typing import TextIO

import pytest

from smtptui.cli.output import Printer, wants_colour
from smtptui.protocol import Event, EventKind, Stage


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def event(kind: EventKind, text: str, code: int | None = None) -> Event:
    return Event(0, 1.5, kind, Stage.RCPT, False, text, code=code)


@pytest.mark.parametrize(
    ("stream", "environ", "wanted"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_colours_are_for_terminals(stream: TextIO, environ: dict[str, str], wanted: bool) -> None:
    assert wants_colour(stream, environ) is wanted


def printed(*events: Event, colour: bool) -> str:
    stream = io.StringIO()
    Printer(stream, colour=colour).events(events)
    return stream.getvalue()


def test_a_transcript_is_plain_text_without_colour() -> None:
    text = printed(
        event(EventKind.COMMAND, "RCPT TO:<b@example.org>"),
        event(EventKind.REPLY, "550-5.1.1 No\r\n550 5.1.1 Really", 550),
        colour=False,
    )
    assert [line.split(maxsplit=1)[1] for line in text.splitlines()] == [
        "→ RCPT TO:<b@example.org>",
        "← 550-5.1.1 No",
        "← 550 5.1.1 Really",
    ]


def test_every_line_of_a_verdict_is_coloured_and_reset() -> None:
    events = (event(EventKind.COMMAND, "RSET"), event(EventKind.REPLY, "550-No\r\n550 Really", 550))
    command, *lines = printed(*events, colour=True).splitlines()
    assert "\x1b" not in command
    assert all(line.startswith("\x1b[1;31m") and line.endswith("\x1b[0m") for line in lines)
    assert printed(event(EventKind.REPLY, "250 Ok", 250), colour=True).startswith("\x1b[32m")
    assert printed(event(EventKind.REPLY, "451 Later", 451), colour=True).startswith("\x1b[33m")


@pytest.mark.parametrize("kind", list(EventKind))
def test_nothing_a_server_says_acts_on_the_terminal(kind: EventKind) -> None:
    text = printed(event(kind, "250 \x1b[2J\x07\x9b31m\u202e\r evil \x7f\udcff", 250), colour=False)
    assert all(line.isprintable() for line in text.splitlines())
    assert "evil" in text


def test_a_line_is_made_harmless() -> None:
    stream = io.StringIO()
    printer = Printer(stream)
    printer.line("a\x1b[31m\nb")
    assert stream.getvalue() == "a\\x1b[31m\\nb\n"


def test_a_reader_that_leaves_is_no_error() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        printer = Printer(stream)
        printer.line("one")
        os.close(reading)
        printer.line("two")
        printer.line("three")
        assert printer.closed
        assert printer.error is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_remembered() -> None:
    with open("/dev/full", "w") as stream:
        printer = Printer(stream)
        printer.line("lost")
        assert printer.error is not None
        printer.line("not even tried")
