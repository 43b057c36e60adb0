"""Transcripts and outcomes for others: complete, parseable, and unable to do anything."""

import html
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import EventKind, FailureKind, Reply, Stage
from smtptui.transcript import (
    CertificateFacts,
    Failure,
    Outcome,
    RecipientOutcome,
    ServerFacts,
    TlsFacts,
    Transcript,
    Verdict,
    describe,
    outcome_json,
    to_html,
    to_jsonl,
    to_text,
)

NOON = datetime(2026, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC)
SERVER = ServerFacts("mx.test", 25, "192.0.2.1:25", "192.0.2.9:40000")
CERTIFICATE = CertificateFacts(
    "mx.test", ("mx.test", "*.mx.test"), "Test CA", NOON, NOON.replace(year=2027), "ab" * 32, "RSA 2048", "sha256"
)
TLS = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", (CERTIFICATE,), True, "verified")


def reply(text: str) -> Reply:
    raw = text.encode("utf-8", "surrogateescape") + b"\r\n"
    return Reply(int(text[:3]), raw, len(raw))


def outcome(*recipients: RecipientOutcome, **more: object) -> Outcome:
    given: dict[str, object] = {
        "ok": True,
        "started": NOON,
        "took": 1.25,
        "server": SERVER,
        "tls": None,
        "auth": None,
        "recipients": recipients,
        "reply": None,
        "queue_id": None,
        "failure": None,
    }
    return Outcome(**(given | more))  # type: ignore[arg-type]


def transcript(*entries: tuple[EventKind, Stage, str]) -> Transcript:
    made = Transcript(started=NOON)
    for kind, stage, text in entries:
        made.add(kind, stage, text, at=0.5, size=len(text))
    return made


TALK = transcript(
    (EventKind.CONNECT, Stage.CONNECT, "connected to 192.0.2.1:25"),
    (EventKind.REPLY, Stage.BANNER, "220-mx.test\r\n220 \x1b[31m<b>&hi"),
    (EventKind.COMMAND, Stage.EHLO, "EHLO client.test"),
    (EventKind.BODY, Stage.BODY, "Subject: <script>alert(1)</script>\r\n\r\nx\r\n"),
    (EventKind.ERROR, Stage.DOT, "It broke."),
)


def test_text() -> None:
    lines = to_text(TALK).splitlines()
    assert lines[0] == "# SMTP session of 2026-01-02 12:00:00 UTC; secrets are masked"
    assert lines[1:] == [
        "   0.500 • connected to 192.0.2.1:25",
        "   0.500 ← 220-mx.test",
        "   0.500 ← 220 \\x1b[31m<b>&hi",
        "   0.500 → EHLO client.test",
        "   0.500 → Subject: <script>alert(1)</script>",
        "   0.500 → ",
        "   0.500 → x",
        "   0.500 ✗ ERROR It broke.",
    ]


def test_json_lines() -> None:
    documents = [json.loads(line) for line in to_jsonl(TALK).splitlines()]
    assert documents[1] == {
        "seq": 1,
        "at": 0.5,
        "kind": "reply",
        "stage": "banner",
        "tls": False,
        "text": "220-mx.test\n220 \\x1b[31m<b>&hi",
        "time": "2026-01-02T12:00:00.750Z",
        "took": None,
        "size": 28,
        "code": None,
    }
    assert [document["kind"] for document in documents] == ["connect", "reply", "command", "body", "error"]


class Tags(HTMLParser):
    """Collects the tags of a page, its attributes and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


KNOWN_TAGS = {"html", "meta", "title", "style", "h1", "p", "strong"}


def test_html_is_a_page_that_does_nothing() -> None:
    page = to_html(TALK, outcome(failure=Failure(Stage.DOT, FailureKind.REFUSED, "No <b>luck</b>.")))
    found = Tags()
    found.feed(page)
    assert found.tags == KNOWN_TAGS
    assert found.attributes <= {"lang", "charset", "class"}
    assert "No <b>luck</b>." in found.text
    assert "<script>alert(1)</script>" in found.text
    assert not re.search(r"https?:|url\(|@import|javascript", page)


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_octets_are_quoted_in_every_form(texts: list[bytes]) -> None:
    said = [octets.decode("utf-8", "surrogateescape") for octets in texts]
    talk = transcript(*((EventKind.REPLY, Stage.MAIL, text) for text in said))
    page, text, lines = to_html(talk), to_text(talk), to_jsonl(talk)
    for shown in (page, text, lines):
        assert not any(ord(char) < 32 and char != "\n" for char in shown)
        shown.encode("utf-8")
    found = Tags()
    found.feed(page)
    assert found.tags <= KNOWN_TAGS
    assert len(lines.split("\n")) == len(texts) + 1
    shown_lines = text.split("\n")[1:-1]
    assert [html.unescape(row) for row in re.findall(r'<p class="[a-z]+">(.*)</p>', page)] == shown_lines


def test_outcome_as_json() -> None:
    accepted = RecipientOutcome("a@good.test", Verdict.ACCEPTED, Stage.DOT, reply("250 2.0.0 Ok: queued as 4XYZ"))
    refused = RecipientOutcome("b@good.test", Verdict.REFUSED, Stage.RCPT, reply("550 5.1.1 no \x1b[2Jsuch user"))
    untried = RecipientOutcome("c@good.test", Verdict.UNTRIED)
    made = outcome(
        accepted,
        refused,
        untried,
        ok=False,
        tls=TLS,
        auth="PLAIN",
        reply=accepted.reply,
        queue_id="4XYZ",
        failure=Failure(Stage.RCPT, FailureKind.REFUSED, "No.", refused.reply),
    )
    document = outcome_json(made, TALK)
    assert json.loads(json.dumps(document)) == document
    transcript_part = document.pop("transcript")
    assert isinstance(transcript_part, list)
    assert len(transcript_part) == len(TALK)
    assert document == {
        "ok": False,
        "started": "2026-01-02T12:00:00.250Z",
        "server": {"host": "mx.test", "port": 25, "address": "192.0.2.1:25", "local": "192.0.2.9:40000"},
        "tls": {
            "version": "TLSv1.3",
            "cipher": "TLS_AES_256_GCM_SHA384",
            "certificate": {
                "subject": "mx.test",
                "names": ["mx.test", "*.mx.test"],
                "issuer": "Test CA",
                "not_before": "2026-01-02T12:00:00Z",
                "not_after": "2027-01-02T12:00:00Z",
                "sha256": "ab" * 32,
            },
            "verified": True,
            "verification": "verified",
        },
        "auth": "PLAIN",
        "recipients": [
            {
                "address": "a@good.test",
                "verdict": "accepted",
                "stage": "dot",
                "code": 250,
                "enhanced": "2.0.0",
                "text": "2.0.0 Ok: queued as 4XYZ",
            },
            {
                "address": "b@good.test",
                "verdict": "refused",
                "stage": "rcpt",
                "code": 550,
                "enhanced": "5.1.1",
                "text": "5.1.1 no \\x1b[2Jsuch user",
            },
            {
                "address": "c@good.test",
                "verdict": "untried",
                "stage": None,
                "code": None,
                "enhanced": None,
                "text": None,
            },
        ],
        "reply": {"code": 250, "enhanced": "2.0.0", "lines": ["2.0.0 Ok: queued as 4XYZ"]},
        "queue_id": "4XYZ",
        "error": {"stage": "rcpt", "kind": "refused", "message": "No."},
    }


ACCEPTED = RecipientOutcome("a@good.test", Verdict.ACCEPTED, Stage.DOT, reply("250 Ok"))
AT_RCPT = RecipientOutcome("a@good.test", Verdict.ACCEPTED, Stage.RCPT, reply("250 Ok"))


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (outcome(ACCEPTED), "Accepted by mx.test:25 for a@good.test."),
        (outcome(ACCEPTED, queue_id="4XYZ"), "Accepted by mx.test:25 for a@good.test, queued as 4XYZ."),
        (outcome(ACCEPTED, ACCEPTED), "Accepted by mx.test:25 for 2 recipients."),
        (outcome(ACCEPTED, server=ServerFacts("2001:db8::1", 587)), "Accepted by [2001:db8::1]:587 for a@good.test."),
        (outcome(ACCEPTED, server=ServerFacts("", 25)), "Accepted by the socket for a@good.test."),
        (outcome(AT_RCPT), "Done with mx.test:25: left as asked, no message was sent."),
        (
            outcome(AT_RCPT, ok=False, failure=Failure(Stage.MAIL, FailureKind.TIMEOUT, "Silence.\x1b[2J")),
            "Silence.\\x1b[2J",
        ),
    ],
)
def test_outcome_in_a_sentence(made: Outcome, sentence: str) -> None:
    assert describe(made) == sentence
