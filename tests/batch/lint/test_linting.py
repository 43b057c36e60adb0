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
    ListSettings,
    MessageSettings,
    Recipient,
    RecipientState,
    Relay,
    Severity,
    SizeLimit,
    SourceFile,
    Tally,
    Value,
    first_error,
    lint_batch,
    message_id,
    next_step,
    step_after_errors,
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
    assert f"{largest.octets:,} octets." in [each.sentence for each in finding.examples]
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


def test_a_value_that_is_put_in_as_html_is_warned_of_and_is_no_message_that_cannot_be_made() -> None:
    template = FINE.replace("\n\n", "\nCONTENT-TYPE: text/html\n\n<p>", 1)
    report = linted(template, [recipient(1, "<b>x</b>"), recipient(2)])
    (finding,) = found(report, "html-value")
    assert finding.sentence == "HTML: a value is put in as HTML."
    assert [example.line for example in finding.examples] == [2]
    assert (finding.severity, report.messages) == (Severity.WARNING, 2)


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
        "Subject occurs more than once.",
        "There is no Date.",
        "The Message-ID has no full domain name.",
    ]


HTML = "<p>Hi {{ name }} <img src='https://a.example/b.png'> <a href='http://a.example/{{ name }}'>x</a></p>"


def test_what_is_the_templates_is_counted_in_all_messages_and_marked_so() -> None:
    rows = [recipient(seq) for seq in range(1, 351)]
    report = linted(FINE, rows, html=HTML, kept=3)
    for check in ("images", "links", "unsubscribe-link"):
        (finding,) = found(report, check)
        assert (finding.count, finding.everyone, len(finding.examples)) == (350, True, 3)


def test_what_is_in_some_rows_is_counted_exactly() -> None:
    picture = "<img src='https://a.example/b.png'>"
    rows = [recipient(seq, picture if seq % 7 == 0 else "Bob") for seq in range(1, 351)]
    template = FINE.replace("SUBJECT: News for {{ name }}", "CONTENT-TYPE: text/html\nSUBJECT: x")
    report = linted(template, rows, kept=2)
    (images,) = [finding for finding in found(report, "images") if "alt" in finding.sentence]
    assert (images.count, images.everyone) == (50, False)
    assert [example.line for example in images.examples] == [8, 15]


def test_an_empty_cell_is_counted_in_all_rows() -> None:
    rows = [recipient(seq, " " if seq % 10 == 0 else "Bob") for seq in range(1, 301)]
    text, subject = found(linted(rows=rows, kept=1), "empty-cell")
    assert {text.sentence.partition(",")[0], subject.sentence.partition(",")[0]} == {"Text", "SUBJECT"}
    for finding in (text, subject):
        assert (finding.count, finding.severity, [row.line for row in finding.examples]) == (30, Severity.WARNING, [11])


def test_findings_that_differ_in_each_row_do_not_fill_the_memory() -> None:
    rows = [recipient(seq, f"http://h{seq}.example/") for seq in range(1, 301)]
    report = linted(FINE, rows, html="<a href='{{ name }}'>x</a> {{ unsubscribe }}", kept=2)
    links = found(report, "links")
    assert len(links) == 51
    assert sum(finding.count for finding in links) == 300


def test_a_message_by_itself_is_not_everyone() -> None:
    (finding,) = found(linted(FINE, [recipient(1)], html=HTML), "images")
    assert (finding.count, finding.everyone) == (1, False)


def test_the_first_message_that_cannot_be_made() -> None:
    composer = Composer(read_template(FINE.encode(), name="t"), ("email", "name"), Options())
    rows = [
        recipient(1),
        recipient(2, None, state=RecipientState.SENT),
        recipient(3, "Longer"),
        recipient(4, ""),
        recipient(5, None),
    ]

    def facts(row: Recipient) -> Facts:
        return Facts(row.address, message_id(row.token, "example.org"), row.token, datetime(2026, 1, 1, tzinfo=UTC))

    bad = first_error(rows, composer, facts)
    assert bad.recipient is rows[4]
    assert bad.fault is not None
    assert not bad.fault.warning
    good = first_error(rows[:4], composer, facts)
    assert (good.recipient, good.fault) == (None, None)
    assert good.largest is not None
    assert good.largest.line == 4


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (BatchState.DRAFT, "batch test members --to YOU"),
        (BatchState.LINTED, "batch test members --to YOU"),
        (BatchState.TESTED, "batch run members"),
        (BatchState.RUNNING, "batch status members --watch"),
        (BatchState.PAUSED, "batch resume members"),
        (BatchState.DONE, "batch export members"),
        (BatchState.CANCELLED, "batch export members"),
    ],
)
def test_the_next_step_fits_the_state(state: BatchState, said: str) -> None:
    assert said in next_step("members", state, Tally({RecipientState.PENDING: 2}))


def test_uncertain_recipients_come_first_when_nothing_else_is_left() -> None:
    tally = Tally({RecipientState.UNCERTAIN: 1, RecipientState.SENT: 3})
    assert "batch resolve members" in next_step("members", BatchState.DONE, tally)
    assert "--changes take" in step_after_errors("members", BatchState.TESTED)
    assert "new batch" in step_after_errors("members", BatchState.PAUSED)


def test_a_place_is_a_line_of_a_text_and_a_row_of_a_sheet() -> None:
    book = SourceFile(path=Path("/x/List.XLSX"), sha256="")
    assert ListSettings(kind="csv").place(4) == "line 4"
    assert ListSettings(kind="jsonl").place(4) == "line 4"
    assert ListSettings(kind="xlsx").place(4) == "row 4"
    # A batch of an older version does not say; the file's name does.
    assert ListSettings(file=book).place(4) == "row 4"
    assert ListSettings().place(4) == "line 4"


def test_what_is_the_templates_is_everyones_also_beside_a_row_without_a_message() -> None:
    report = linted(FINE, [recipient(1), recipient(2, None), recipient(3)], html=HTML)
    (images,) = found(report, "images")
    assert (images.count, images.everyone) == (2, True)
    # One row of three lacks its value; that is nobody else's fault.
    assert not any(finding.everyone for finding in found(report, "empty-value"))
