"""mailmerge's own examples are made into messages, unchanged; only whom a message goes to is a batch's affair."""

import csv
import email
import io
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from smtptui.message import Composer, Facts, Options, read_template

EXAMPLES = Path(__file__).parent.parent / "mailmerge"


def rows(name: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows of a database."""
    table = list(csv.reader(io.StringIO((EXAMPLES / f"{name}.csv").read_text(encoding="utf-8-sig"))))
    return tuple(table[0]), [tuple(row) for row in table[1:]]


def messages(template: str, database: str = "simple", files: Path | None = None) -> list[EmailMessage]:
    """Every message of an example, once it has been looked at and nothing was wrong."""
    columns, table = rows(database)
    source = (EXAMPLES / f"{template}.txt").read_bytes()
    composer = Composer(read_template(source, name=template, files=files or EXAMPLES), columns, Options())
    found = []
    for number, row in enumerate(table):
        address = row[columns.index("email")]
        assert [fault.sentence for fault in composer.check(row, address) if not fault.warning] == []
        facts = Facts(address, f"<{number}@mydomain.com>", f"token{number}", datetime(2026, 1, 1, tzinfo=UTC))
        made = composer.compose(row, facts)
        assert made == composer.build(row, facts)
        assert made.recipients == (address,)
        message = email.message_from_bytes(made.content, policy=default)
        assert isinstance(message, EmailMessage)
        assert message["Bcc"] is None
        found.append(message)
    return found


def said(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_simple() -> None:
    first, second = messages("simple")
    assert (first["To"], first["Subject"]) == ("myself@mydomain.com", "Testing mailmerge")
    assert first["From"] == "My Self <myself@mydomain.com>"
    assert said(first) == "Hi, Myself,\n\nYour number is 17.\n"
    assert said(second) == "Hi, Bob,\n\nYour number is 42.\n"


def test_progress_report() -> None:
    good, borderline, failing = messages("progress_report", "progress_report")
    assert good["Reply-To"] == "My Reply Self <myreplyself@mydomain.com>"
    assert "letter grade is A+." in said(good)
    assert "suggestions for the rest" in said(borderline)
    assert "I am writing because I am concerned" in said(failing)
    assert "concerned" not in said(good)


def test_html() -> None:
    [first, _] = messages("html")
    assert "<p>Hi, Myself,</p>" in said(first, "html")
    assert "Hi, Myself," in said(first)


def test_html_and_text_by_hand() -> None:
    [first, _] = messages("html_and_text")
    assert first.get_content_type() == "multipart/alternative"
    assert "Hi, Myself," in said(first)
    assert "<p>Hi, Myself,</p>" in said(first, "html")


def test_markdown() -> None:
    [first, _] = messages("markdown")
    assert "- Emphasis, aka italics, with asterisks." in said(first)
    html = said(first, "html")
    assert "<em>asterisks</em>" in html
    assert '<a href="http://bit.ly/eecs485-wn19-p6">hyperlinks</a>' in html
    assert "<h2>And another heading.</h2>" in html


def test_inline_images(tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    for name in ("image.jpg", "second/image.jpg"):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff" + name.encode())
    for example in ("inline_images_html", "inline_images_markdown"):
        [first, _] = messages(example, files=tmp_path)
        pictures = [part for part in first.walk() if part.get_content_type() == "image/jpeg"]
        assert pictures
        html = said(first, "html")
        for picture in pictures:
            assert f"cid:{picture['Content-ID'].strip('<>')}" in html


def test_attachments_stay_within_their_folder(tmp_path: Path) -> None:
    """The example takes files from elsewhere, which a batch does not: a list must not be able to name /etc/passwd."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "file1.docx").write_bytes(b"one")
    (tmp_path / "file2.pdf").write_bytes(b"two")
    columns, table = rows("simple")
    source = (EXAMPLES / "attachments.txt").read_text(encoding="utf-8")
    composer = Composer(read_template(source.encode(), name="as it is", files=folder), columns, Options())
    refused = [fault.sentence for fault in composer.check(table[0], "myself@mydomain.com") if not fault.warning]
    assert ["outside of" in sentence for sentence in refused] == [True, True]
    inside = source.replace("../file2.pdf", "file2.pdf").replace("/z/shared/", "")
    for name in ("file2.pdf", "Bob_submission.txt"):
        (folder / name).write_bytes(b"x")
    composer = Composer(read_template(inside.encode(), name="inside", files=folder), columns, Options())
    facts = Facts("bob@bobdomain.com", "<1@mydomain.com>", "token", datetime(2026, 1, 1, tzinfo=UTC))
    message = email.message_from_bytes(composer.compose(table[1], facts).content, policy=default)
    assert isinstance(message, EmailMessage)
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names == ["file1.docx", "file2.pdf", "Bob_submission.txt"]
    [fault] = [fault for fault in composer.check(table[0], "myself@mydomain.com") if not fault.warning]
    assert "Myself_submission.txt" in fault.sentence


def test_a_database_with_a_byte_order_mark() -> None:
    columns, table = rows("with_bom")
    assert (columns, table) == (("name", "email"), [("My Name", "to@test.com")])
