"""The preflight finds what would go wrong, names the rows, and lets the rest pass."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from smtptui.batch import (
    BatchSettings,
    BatchState,
    Finding,
    LintReport,
    LintSubject,
    MessageSettings,
    Recipient,
    RecipientState,
    Relay,
    Severity,
    SizeLimit,
    SourceFile,
    Tally,
    Value,
    lint_batch,
    message_id,
)
from smtptui.batch.lint.content import header_faults, header_of, octet_faults
from smtptui.batch.settings import LimitSettings
from smtptui.message import Composer, DkimKey, Facts, Options, read_dkim_key, read_template
from smtptui.protocol import Connection, TlsMode, TlsSettings

FINE = "FROM: Ada <ada@example.org>\nTO: {{ email }}\nSUBJECT: News for {{ name }}\n\nHello {{ name }}.\n"
UNSUBSCRIBE = "https://example.org/u/{token}"


def recipient(seq: int, name: Value = "Bob", domain: str = "example.net", **fields: object) -> Recipient:
    address = str(fields.pop("address", f"r{seq}@{domain}"))
    destination = "google" if domain == "gmail.com" else domain
    state, reason = fields.pop("state", RecipientState.PENDING), str(fields.pop("reason", ""))
    assert isinstance(state, RecipientState)
    assert not fields
    return Recipient(
        seq, seq + 1, address, address.lower(), destination, (address, name), f"token{seq}", state, reason, 0, 0.0, 0.0
    )


def linted(
    template: str = FINE,
    rows: Sequence[Recipient] | None = None,
    *,
    html: str | None = None,
    size_limit: int | None = None,
    unsubscribe: str | None = UNSUBSCRIBE,
    envelope_sender: str | None = None,
    connection: Connection | None = None,
    per_day: int | None = None,
    kept: int = 100,
    folder: Path | None = None,
    dkim: tuple[DkimKey, ...] = (),
) -> LintReport:
    rows = rows if rows is not None else [recipient(1), recipient(2)]
    connection = connection or Connection(host="relay.example.org", port=587, tls=TlsSettings(TlsMode.STARTTLS))
    source = SourceFile(path=Path("/none"), sha256="")
    settings = BatchSettings(
        message=MessageSettings(template=source, unsubscribe=unsubscribe, envelope_sender=envelope_sender),
        relay=Relay(connection=connection),
        limits=LimitSettings(per_day=per_day),
    )
    compiled = read_template(template.encode(), name="template.txt", html=html.encode() if html else None, files=folder)
    composer = Composer(compiled, ("email", "name"), Options(unsubscribe=unsubscribe, dkim=dkim))
    states = [row.state for row in rows]
    tally = Tally({state: states.count(state) for state in set(states)})

    def facts(row: Recipient) -> Facts:
        return Facts(row.address, message_id(row.token, "example.org"), row.token, datetime(2026, 1, 1, tzinfo=UTC))

    limit = None if size_limit is None else SizeLimit(size_limit, "relay.example.org:587", "", 0.0)
    subject = LintSubject(settings, tally, BatchState.DRAFT, limit)
    return lint_batch(rows, composer, facts, subject, kept=kept)


def found(report: LintReport, check: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.check == check]


def severity(report: LintReport, check: str) -> Severity | None:
    return next((finding.severity for finding in found(report, check)), None)


def test_a_good_batch_has_no_error() -> None:
    report = linted(FINE + "\nUnsubscribe: {{ unsubscribe }}\n")
    assert report.ok
    assert report.messages == 2
    assert not [finding for finding in report.findings if finding.severity is Severity.WARNING]


def test_a_row_without_its_value_is_named() -> None:
    report = linted(rows=[recipient(1), recipient(2, None), recipient(3)])
    (finding, *_) = [each for each in report.findings if each.severity is Severity.ERROR]
    assert not report.ok
    assert {example.line for example in finding.examples} == {3}
    assert finding.check == "empty-value"


def test_a_brace_in_a_value_is_found() -> None:
    assert severity(linted(rows=[recipient(1, "{{ name }}")]), "leftover") is Severity.ERROR


def test_a_line_break_in_a_subject_is_found() -> None:
    assert severity(linted(rows=[recipient(1, "Bob\r\nBcc: x@y.org")]), "line-break") is Severity.ERROR


def test_all_rows_are_counted_and_some_are_named() -> None:
    rows = [recipient(seq, None) for seq in range(1, 30)]
    report = linted(rows=rows, kept=5)
    for finding in found(report, "empty-value"):
        assert finding.count == 29
        assert [example.line for example in finding.examples] == [2, 3, 4, 5, 6]


def test_who_is_not_sent_to_is_not_looked_at_but_counted() -> None:
    rows = [
        recipient(1),
        recipient(2, None, state=RecipientState.SKIPPED, reason="duplicate of line 2"),
        recipient(3, None, state=RecipientState.SKIPPED, reason="duplicate of line 3"),
        recipient(4, None, state=RecipientState.SUPPRESSED, reason="on the suppression list"),
    ]
    report = linted(rows=rows)
    assert report.ok
    assert report.messages == 1
    assert found(report, "left-out")[0].sentence == "2 are left out: 2 duplicate."
    assert severity(report, "suppressed") is Severity.INFORMATION


def test_nobody_to_send_to_is_an_error() -> None:
    assert severity(linted(rows=[recipient(1, state=RecipientState.SKIPPED, reason="x")]), "nobody") is Severity.ERROR


def test_a_message_larger_than_the_server_takes_is_an_error() -> None:
    report = linted(size_limit=100)
    (finding,) = found(report, "size")
    assert finding.severity is Severity.ERROR
    assert "100 octets that relay.example.org:587 takes" in finding.sentence
    largest = report.largest
    assert largest is not None
    assert f"It has {largest.octets:,} octets." in [each.sentence for each in finding.examples]
    assert severity(linted(size_limit=100_000), "size") is None


@pytest.mark.parametrize(
    ("html", "check", "words"),
    [
        ("<p>x</p>" * 20_000, "clipped", "102 KiB"),
        ('<img src="https://example.org/x.png" alt="">', "images", "no text"),
        ('<p>x</p><img src="https://example.org/x.png">', "images", "no alt"),
        ('<a href="http://example.org/">x</a>', "links", "http"),
        ('<a href="https://192.0.2.1/">x</a>', "links", "IP address"),
        ('<a href="https://bit.ly/x">x</a>', "links", "bit.ly"),
        ('<a href="https://evil.example/">https://bank.example/</a>', "links", "shows bank.example"),
    ],
    ids=["clipped", "images", "alt", "http", "ip", "shortener", "other host"],
)
def test_html_that_filters_distrust_is_warned_of(html: str, check: str, words: str) -> None:
    report = linted(html=f"<html><body>{html}</body></html>")
    assert any(words in finding.sentence for finding in found(report, check)), report.findings
    assert severity(report, check) is Severity.WARNING


def test_a_program_as_attachment_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "setup.exe").write_bytes(b"MZ")
    template = FINE.replace("SUBJECT", "ATTACHMENT: setup.exe\nSUBJECT")
    assert severity(linted(template, folder=tmp_path), "attachment") is Severity.ERROR
    missing = FINE.replace("SUBJECT", "ATTACHMENT: {{ name }}.pdf\nSUBJECT")
    assert severity(linted(missing, folder=tmp_path), "attachment") is Severity.ERROR


def test_many_at_google_make_unsubscribing_a_must() -> None:
    rows = [recipient(seq, domain="gmail.com") for seq in range(5000)]
    assert severity(linted(rows=rows[:10], unsubscribe=None), "list-unsubscribe") is Severity.WARNING
    report = linted(rows=rows, unsubscribe=None)
    assert severity(report, "list-unsubscribe") is Severity.ERROR
    assert severity(report, "bulk") is Severity.INFORMATION


def test_a_link_to_unsubscribe_is_to_be_seen() -> None:
    assert severity(linted(), "unsubscribe-link") is Severity.WARNING
    assert severity(linted(FINE + "\n{{ unsubscribe }}\n"), "unsubscribe-link") is None
    assert severity(linted(FINE + "\nAbmelden: antworten Sie einfach.\n"), "unsubscribe-link") is None
    assert severity(linted(unsubscribe="https://example.org/leave"), "unsubscribe-token") is Severity.WARNING


@pytest.mark.parametrize(
    ("template", "check", "wanted"),
    [
        (FINE.replace("ada@example.org", "noreply@example.org"), "sender", Severity.WARNING),
        (FINE.replace("ada@example.org", "ada@gmail.com"), "freemail", Severity.ERROR),
        (FINE.replace("SUBJECT: News for {{ name }}\n", ""), "subject", Severity.WARNING),
    ],
)
def test_the_author_and_the_header_are_looked_at(template: str, check: str, wanted: Severity) -> None:
    assert severity(linted(template), check) is wanted


@pytest.mark.parametrize(
    ("domain", "host"),
    [("gmail.com", "smtp.gmail.com"), ("hotmail.com", "smtp.office365.com"), ("icloud.com", "smtp.mail.icloud.com")],
)
def test_a_provider_sends_for_its_own(domain: str, host: str) -> None:
    connection = Connection(host=host, port=465)
    assert severity(linted(FINE.replace("example.org", domain), connection=connection), "freemail") is None


@pytest.mark.parametrize(
    ("connection", "wanted"),
    [
        (Connection(host="relay.example.org", tls=TlsSettings(TlsMode.NONE)), Severity.ERROR),
        (Connection(host="relay.example.org", tls=TlsSettings(TlsMode.STARTTLS, verify=False)), Severity.WARNING),
        (Connection(host="192.168.1.2", tls=TlsSettings(TlsMode.NONE)), Severity.WARNING),
        (Connection(host="mailhog", port=1025, tls=TlsSettings(TlsMode.NONE)), Severity.WARNING),
        (Connection(host="127.0.0.1", tls=TlsSettings(TlsMode.NONE)), None),
        (Connection(host="localhost", tls=TlsSettings(TlsMode.NONE)), None),
    ],
)
def test_tls_to_the_relay_is_looked_at(connection: Connection, wanted: Severity | None) -> None:
    assert severity(linted(connection=connection), "tls") is wanted


def test_a_list_larger_than_a_day_is_told_with_the_days() -> None:
    assert "take 2 days" in found(linted(per_day=1), "days")[0].sentence


def test_bounces_that_go_nowhere_are_warned_of() -> None:
    assert severity(linted(envelope_sender=""), "bounces") is Severity.WARNING
    assert severity(linted(envelope_sender="noreply@example.org"), "bounces") is Severity.WARNING
    assert severity(linted(envelope_sender="bounces@example.org"), "bounces") is None


def test_more_than_one_message_for_somebody_is_warned_of() -> None:
    rows = [recipient(1, address="bob@example.net"), recipient(2, address="Bob@example.net")]
    assert severity(linted(rows=rows), "duplicates") is Severity.WARNING


def test_our_own_signature_covers_the_fields_to_unsubscribe_by() -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = read_dkim_key(pem, domain="example.org", selector="s1")
    assert severity(linted(dkim=(key,)), "unsubscribe-signed") is None
    assert severity(linted(), "unsubscribe-signed") is Severity.INFORMATION


def test_a_line_of_a_thousand_octets_and_a_bare_line_end_are_errors() -> None:
    head = b"From: a@example.org\r\nSubject: x\r\n\r\n"
    assert [seen.check for seen in octet_faults(head + b"x" * 998 + b"\r\n")] == []
    assert [seen.check for seen in octet_faults(head + b"x" * 999 + b"\r\n")] == ["lines"]
    assert [seen.check for seen in octet_faults(head + b"x\ny\r\n")] == ["lines"]
    assert [seen.check for seen in octet_faults(head + b"x\ry\r\n")] == ["lines"]


def test_fields_that_stand_there_once_only_are_counted() -> None:
    fields = header_of(b"From: a@example.org\r\nSubject: x\r\n y\r\nSUBJECT: z\r\nMessage-ID: <1@host>\r\n\r\nTo: x")
    assert fields["subject"] == ["x y", "z"]
    said = [seen.sentence for seen in header_faults(fields)]
    assert said == [
        "Subject stands there more than once.",
        "There is no Date.",
        "The Message-ID has no full domain name.",
    ]
