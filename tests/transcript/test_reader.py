"""Saved transcripts read back: all that a form tells survives, and whatever else a file holds ends in a sentence."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smtptui.protocol import Event, EventKind, Stage, TlsMode, visible
from smtptui.transcript import ReadError, Reading, Transcript, page_lines, render, to_html, to_jsonl, to_text
from smtptui.transcript import reader as module
from tests.servers.certificates import Certificates
from tests.servers.oracle import Oracle
from tests.session.sending import password, send, to
from tests.transcript.test_transcript import ENTRIES, Entry

STARTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))
TIMES = st.floats(0, 1e6)
FIXTURE_OK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Callable[[str | bytes], Transcript]]:
    """Writes a file and reads it back."""
    opened: list[Transcript] = []

    def from_file(content: str | bytes) -> Transcript:
        path = tmp_path / "saved"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        opened.append(Reading(path).read())
        return opened[-1]

    yield from_file
    for transcript in opened:
        transcript.close()


Read = Callable[[str | bytes], Transcript]


def tried(read: Read, content: str | bytes) -> Transcript | str:
    """What is read, or the sentence that tells why not."""
    try:
        return read(content)
    except ReadError as error:
        return str(error)


def made(entries: list[tuple[Entry, float]], started: datetime) -> Transcript:
    """A transcript of these entries at these times."""
    transcript = Transcript(started=started)
    for (kind, stage, text, tls, took, size, code), at in entries:
        transcript.add(kind, stage, text, at=at, tls=tls, took=took, size=size, code=code)
    return transcript


@FIXTURE_OK
@given(st.lists(st.tuples(ENTRIES, TIMES), min_size=1, max_size=12), STARTS)
@example(
    [((EventKind.REPLY, Stage.EHLO, "250-a\r\n250 \r\n\r\n", True, 0.25, 9, 250), 0.1)],
    datetime(2026, 1, 1, tzinfo=UTC),
)
def test_json_lines_survive_in_all_that_they_tell(
    read: Read, entries: list[tuple[Entry, float]], started: datetime
) -> None:
    saved = to_jsonl(made(entries, started))
    found = read(saved)
    assert to_jsonl(found) == saved
    assert abs(found.started - started) <= timedelta(milliseconds=1)
    for event, ((kind, stage, _, tls, _, size, code), at) in zip(found, entries, strict=True):
        assert (event.kind, event.stage, event.tls, event.size, event.code) == (kind, stage, tls, size, code)
        assert event.at == pytest.approx(at, abs=1e-6)


@FIXTURE_OK
@given(st.lists(st.tuples(ENTRIES, TIMES), max_size=12), STARTS)
def test_lines_of_text_survive(read: Read, entries: list[tuple[Entry, float]], started: datetime) -> None:
    """Whatever was recorded: the page has the same lines again, though a line may belong to another event."""
    saved = to_text(made(entries, started))
    found = read(saved)
    assert [line.rstrip() for line in to_text(found).splitlines()] == [line.rstrip() for line in saved.splitlines()]


@FIXTURE_OK
@given(st.lists(st.tuples(ENTRIES, TIMES), max_size=12), STARTS)
def test_html_tells_what_text_tells(read: Read, entries: list[tuple[Entry, float]], started: datetime) -> None:
    transcript = made(entries, started)
    assert to_text(read(to_html(transcript))) == to_text(read(to_text(transcript)))


def told(event: Event) -> tuple[object, ...]:
    """What text tells of an event, and what follows from the dialogue. Of a note it tells no stage."""
    return event.kind, None if event.kind is EventKind.NOTE else event.stage, event.tls, event.code, page_lines(event)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("suffix", [".txt", ".html", ".jsonl"])
async def test_a_real_session_comes_back_event_by_event(
    read: Read, oracle: Callable[..., Oracle], certificates: Certificates, tls: str, suffix: str
) -> None:
    async with oracle(tls=tls) as server:
        connection = to(certificates, server.port, TlsMode(tls), host="localhost", auth="LOGIN")
        sent = await send(
            connection, "alice@good.test", "unknown@good.test", credentials=password("alice", "wonder land")
        )
    found = read(render(sent.transcript, sent.outcome, suffix))
    kept = list(sent.transcript)
    if suffix == ".jsonl":
        # It has microseconds: half a tenth of a millisecond may be rounded to the other side when it is shown.
        kept = [
            replace(each, at=round(each.at, 6), took=None if each.took is None else round(each.took, 6))
            for each in kept
        ]
    assert [told(event) for event in found] == [told(event) for event in kept]


def test_who_is_asked_for_what_is_clear_also_without_stages(read: Read) -> None:
    page = """# SMTP session of 2026-01-02 12:00:00 UTC; secrets are masked
   0.001 • connected to mx.test at 192.0.2.1:25 from 192.0.2.9:4  [1.0 ms]
   0.010 ← 220 mx.test
   0.020 → MAIL FROM:<a@good.test>
   0.020 → RCPT TO:<b@good.test>
   0.020 → DATA
   0.030 ← 250 2.1.0 Ok  [10 ms]
   0.030 ← 550-5.1.1 no
   0.030 ← 550 5.1.1 such user  [10 ms]
   0.030 ← 354 go ahead  [10 ms]
   0.040 → Subject: x
   0.040 →
   0.040 → QUIT
   0.040 → … 9999 octets in all
   0.050 → .
   0.060 ← 250 2.0.0 Ok  [10 ms]
   0.061 • connection closed
"""
    events = list(read(page))
    assert [(event.kind, event.stage) for event in events] == [
        (EventKind.CONNECT, Stage.CONNECT),
        (EventKind.REPLY, Stage.BANNER),
        (EventKind.COMMAND, Stage.MAIL),
        (EventKind.COMMAND, Stage.RCPT),
        (EventKind.COMMAND, Stage.DATA),
        (EventKind.REPLY, Stage.MAIL),
        (EventKind.REPLY, Stage.RCPT),
        (EventKind.REPLY, Stage.DATA),
        (EventKind.BODY, Stage.BODY),
        (EventKind.COMMAND, Stage.DOT),
        (EventKind.REPLY, Stage.DOT),
        (EventKind.CLOSE, Stage.DOT),
    ]
    assert events[6].text == "550-5.1.1 no\r\n550 5.1.1 such user"
    assert events[6].took == 0.01
    assert events[8].text == "Subject: x\r\n\r\nQUIT"
    assert events[8].size == 9999


GOOD = {"seq": 0, "at": 0.5, "kind": "reply", "stage": "mail", "tls": False, "text": "250 ok"}


def line(**changes: object) -> str:
    """A good record with some members changed; None leaves one out."""
    return json.dumps({name: value for name, value in (GOOD | changes).items() if value is not None})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "the file is empty"),
        ("\n\n \n", "the file is empty"),
        ("hello\n", "line 1 does not begin as a transcript does"),
        ("\n\nhello\n", "line 3 does not begin"),
        (b"\x89PNG\r\n\x1a\n", "line 1 does not begin"),
        ("{\n", "line 1 is no JSON"),
        (f"{line()}\n[1]\n", "line 2 is no JSON object"),
        (f"{line()}\n\n{line()} x\n", "line 3 is no JSON (Extra data"),
        (line(at=None), "line 1 has no “at”"),
        (line(at="x"), 'line 1 has "x" as “at”, which must be a number of seconds'),
        (line(at=True), "has true as “at”"),
        (line(at=1e300), "as “at”"),
        ('{"at": NaN}', "as “at”"),
        ('{"at": ' + "9" * 400 + "}", "as “at”"),
        ('{"at": ' + "9" * 5000 + "}", "cannot be read"),
        ("{" + '"a":{' * 100_000, "cannot be read"),
        (line(kind="shout"), 'line 1 has "shout" as “kind”, which must be one of connect, tls, command'),
        (line(stage=["mail"]), 'has ["mail"] as “stage”'),
        (line(tls=1), "must be true or false"),
        (line(text=7), "must be a text"),
        (line(size=-1), "must be a whole number"),
        (line(code=2.5), "must be a whole number"),
        (line(took="long"), "must be a number of seconds"),
        (line(time="yesterday"), "must be a time of day"),
        (line(time="2026-01-02T12:00:00"), "must be a time of day"),
        (line(stage="x" * 10_000), "…"),
        ("# SMTP session of last week\n", "line 1 does not say when"),
        ("# SMTP session of 2026-13-41 99:00:00 UTC\n", "line 1 does not say when"),
        ("# SMTP session of 2026-01-02 12:00:00 UTC\nhello\n", "line 2 is no line of a transcript"),
        ("# SMTP session of 2026-01-02 12:00:00 UTC\n   0.1 ↑ hello\n", "line 2 is no line of a transcript"),
        ("<html><p>hello</p></html>", "this is HTML, but no transcript"),
        ("<!doctype html>\n<title>SMTP session of today</title>\n", "line 2 does not say when"),
        ('<title>SMTP session of 2026-01-02 12:00:00 UTC</title>\n<p class="note">x</p>\n', "line 2 is no line"),
    ],
)
def test_what_is_no_transcript_is_told_with_its_line(read: Read, content: str | bytes, says: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(content)
    sentence = str(caught.value)
    assert says in sentence
    assert "saved: " in sentence
    assert len(sentence) < 500
    assert sentence.isprintable()


@FIXTURE_OK
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"{", b"<", b"# SMTP session of 2026-01-02 12:00:00 UTC\n", b'{"at":']),
)
def test_any_octets_end_in_a_transcript_or_a_sentence(read: Read, octets: bytes, start: bytes) -> None:
    found = tried(read, start + octets)
    if isinstance(found, str):
        assert visible(found) == found
    else:
        to_text(found)
        to_jsonl(found)


@FIXTURE_OK
@given(
    st.fixed_dictionaries(
        {
            name: st.one_of(st.just(value), st.none(), st.text(), st.floats(), st.integers(), st.booleans())
            for name, value in GOOD.items()
        },
        optional={
            name: st.one_of(st.none(), st.text(), st.floats(), st.integers())
            for name in ("time", "took", "size", "code")
        },
    )
)
def test_any_record_ends_in_an_event_or_a_sentence(read: Read, record: dict[str, object]) -> None:
    found = tried(read, json.dumps(record))
    if isinstance(found, str):
        assert "line 1 has" in found
    else:
        assert all(text == visible(text) for event in found for text in page_lines(event))
        to_jsonl(found)


def test_escape_sequences_in_a_file_are_written_out(read: Read) -> None:
    for content in (
        line(text="250 \x1b]0;owned\x07\u202e"),
        "# SMTP session of 2026-01-02 12:00:00 UTC\n   0.500 ← 250 \x1b[2J\x9b31m\x85",
        '<title>SMTP session of 2026-01-02 12:00:00 UTC</title>\n<p class="note">   0.500 ← 250 &#27;[2J</p>',
    ):
        (event,) = read(content)
        assert event.text.isprintable()
        assert "250" in event.text


def test_a_file_may_come_from_another_system(read: Read) -> None:
    text = "\ufeff" + to_text(
        made([((EventKind.NOTE, Stage.MAIL, "x", False, None, 0, None), 0.5)], datetime(2026, 1, 1, tzinfo=UTC))
    )
    (event,) = read(text.replace("\n", "\r\n"))
    assert event.text == "x"


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, says in (("missing", "No such file"), ("", "is no file"), ("pipe", "is no file"), ("a\0b", "null")):
        with pytest.raises(ReadError, match=says):
            Reading(tmp_path / name).read()


def test_what_is_too_large_is_told_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sparse.txt"
    with path.open("wb") as file:
        file.truncate(module.FILE_MOST + 1)
    with pytest.raises(ReadError, match=r"has 1.0 GiB"):
        Reading(path).read()
    path.write_bytes(b"{" + b"x" * (module.LINE_MOST + 1))
    with pytest.raises(ReadError, match="line 1 is longer than 4 MiB"):
        Reading(path).read()


def test_reading_can_be_watched_and_stopped(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text((line() + "\n") * 1000)
    reading = Reading(path)
    assert reading.share == 0
    assert len(reading.read()) == 1000
    assert reading.share == 1
    stopped = Reading(path)
    stopped.cancel()
    with pytest.raises(ReadError, match="stopped"):
        stopped.read()
