"""The readers of smtptui, each as a function of bytes: it returns, or raises what it says that it raises."""

import contextlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from smtptui.batch import ListError, ListKind, Row, SettingsError, address_column, open_list
from smtptui.batch.lint.bodies import parts_of as body_parts
from smtptui.batch.lint.content import header_of, octet_faults
from smtptui.batch.settings import BatchSettings
from smtptui.config import YamlFault, decoded, parse
from smtptui.explain.keywords import keyword, parameters_in_words
from smtptui.message import (
    Composer,
    Facts,
    MessageError,
    Options,
    attachments_of,
    body_text,
    build,
    headers_text,
    letter_text,
    load_eml,
    parts_of,
    raw_text,
    read_dkim_key,
    read_draft,
    read_template,
    write_draft,
)
from smtptui.message import html_text as html_of
from smtptui.profiles import ProfilesError, ProfileStore
from smtptui.profiles.importers.formats import Format, guess_format, import_text
from smtptui.protocol import Capabilities, MailboxError, ReplyParser, parse_mailboxes
from smtptui.protocol.reply import ReplyError
from smtptui.sandbox.arguments import ArgumentError, mail_argument, rcpt_argument
from smtptui.session.certificate import read_chain
from smtptui.transcript import ReadError, Reading, render
from smtptui.tui.app.settings import load_settings
from smtptui.tui.app.state import StateFile
from smtptui.tui.message.state import from_state, lost_of, to_state, whole_of

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader, what it may raise, and beginnings to break."""

    read: Callable[[bytes], object]
    raises: tuple[type[Exception], ...] = ()
    words: tuple[bytes, ...] = ()
    """What is put in here and there, besides what is odd everywhere."""


def _file(data: bytes, suffix: str = "") -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    path = folder / f"file{suffix}"
    path.write_bytes(data)
    return path


def _removed(path: Path) -> None:
    for each in path.parent.iterdir():
        each.unlink()
    path.parent.rmdir()


def _eml(data: bytes) -> None:
    load_eml(data, keep_bcc=len(data) % 2 == 0)


def _shown(data: bytes) -> None:
    """Never raises, whatever the message: the sandbox shows what anybody sent."""
    for show in (headers_text, body_text, html_of, letter_text, raw_text, parts_of, attachments_of):
        show(data)
    body_text(data, prefer_html=True)


def _draft(data: bytes) -> None:
    draft, _ = read_draft(data)
    # What was read can be saved and read again; what cannot be sent is a sentence.
    with contextlib.suppress(MessageError):
        written = write_draft(draft, now=WHEN, random_token=lambda: "0" * 24)
        read_draft(written)
    with contextlib.suppress(MessageError):
        build(draft, now=WHEN, random_token=lambda: "0" * 24)


def _transcript(data: bytes) -> None:
    path = _file(data)
    try:
        transcript = Reading(path).read()
        for suffix in (".txt", ".jsonl", ".html"):
            render(transcript, None, suffix)
    finally:
        _removed(path)


def _list(kind: ListKind | None) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        with open_list(io.BytesIO(data), kind=kind) as reader:
            for row in reader:
                assert not isinstance(row, Row) or len(row.values) == len(reader.columns)
            with contextlib.suppress(ListError):
                address_column(reader)

    return read


def _zipped(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in entries.items():
            packed.writestr(name, data)
    return file.getvalue()


def _sheet(data: bytes) -> None:
    """The XML within a workbook: what is broken outside of it seldom gets past the checks of a ZIP file."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    links = "".join(
        f'<Relationship Type="{kind}{name}" Id="{name}" Target="{name}.xml"/>'
        for name in ("worksheet", "styles", "sharedStrings")
    )
    names = ("xl/worksheet.xml", "xl/styles.xml", "xl/sharedStrings.xml")
    # One text has all three, each after a line of its own.
    parts = [*data.split(b"\n=\n"), b"", b""][:3]
    entries = {
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>".encode(),
        "xl/workbook.xml": b'<workbook><sheets><sheet name="S" id="worksheet"/></sheets></workbook>',
        **{name: part or b"<x/>" for name, part in zip(names, parts, strict=True)},
    }
    _list(None)(_zipped(**entries))


def _ods(data: bytes) -> None:
    _list(None)(_zipped(**{"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": data}))


def _settings(data: bytes) -> None:
    path = _file(data, ".yaml")
    try:
        load_settings(path)
    finally:
        _removed(path)


def _profiles(data: bytes) -> None:
    path = _file(data, ".yaml")
    try:
        store = ProfileStore(path)
        with contextlib.suppress(ProfilesError):
            store.load()
        for profile in store.readable:
            profile.connection()
    finally:
        _removed(path)


def _state(data: bytes) -> None:
    path = _file(data, ".json")
    try:
        file = StateFile(path)
        for section in (file.read() or {}).values():
            again = to_state(from_state(section))
            json.dumps(again).encode()
            whole_of(section)
            lost_of(section)
        file.write({"form": {}})
        assert not file.trouble
    finally:
        _removed(path)


def _reply(data: bytes) -> None:
    parser = ReplyParser()
    cut = len(data) // 2
    for piece in (data[:cut], data[cut:]):
        for reply in parser.feed(piece):
            _ = (reply.lines, reply.enhanced, reply.codes, reply.text, str(reply))
            capabilities = Capabilities.from_reply(reply)
            _ = (capabilities.size_limit, capabilities.auth)
            for name, parameters in capabilities.extensions.items():
                if keyword(name) is not None:
                    parameters_in_words(name, parameters, spoken=())


def _template(data: bytes) -> None:
    columns = ("email", "name", "number")
    template = read_template(data, name="letter.txt", html=data if data.startswith(b"<") else None)
    composer = Composer(template, columns, Options(sender="ann@example.org"))
    values = ("bob@example.org", "Bob", "17")
    _, message = composer.look(values, Facts("bob@example.org", "<1@example.org>", "0" * 24, WHEN))
    if message is not None:
        # What the preflight takes apart is what a template and a row have made of it.
        list(octet_faults(message.content))
        body_parts(message.content, header_of(message.content))


def _importers(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    guess_format(text)
    for form in Format:
        import_text(text, form)


def _addresses(data: bytes) -> None:
    parse_mailboxes(data.decode("utf-8", "surrogateescape"))


def _commands(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for read in (mail_argument, rcpt_argument):
        with contextlib.suppress(ArgumentError):
            read(text, extended=True)


def _batch_settings(data: bytes) -> None:
    BatchSettings.from_json(data.decode("utf-8", "replace"))


def _yaml(data: bytes) -> None:
    parse(decoded(data))


READERS = {
    "eml": Reader(_eml, (MessageError,), (b"To: ", b"Resent-To: ", b"Bcc: a@b\n", b"From ", b"\n\n")),
    "shown": Reader(_shown, (), (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b"=?utf-8?b?4pyT?=", b"--b--")),
    "draft": Reader(
        _draft,
        (MessageError,),
        (
            b"Content-Type: text/plain; format*=utf-8''flowed; charset*=x''y\n",
            b"Content-Disposition: attachment; filename*0*=utf-8''a; filename*1=b\n",
            b"Content-Type: multipart/mixed; boundary*=''b\n\n--b\n",
            b"Content-ID: <a@b>\n",
            b"charset=",
            b"X-Unsent: 1\n",
            b"=?x?q?y?=",
        ),
    ),
    "transcript": Reader(
        _transcript, (ReadError,), (b'"seq": ', b'"at": ', b'"kind": "reply"', b"\xe2\x86\x90 ", b"<p")
    ),
    "csv": Reader(_list(ListKind.CSV), (ListError,), (b'"', b"\r", b"sep=;\n", b"\xff\xfe")),
    "jsonl": Reader(_list(ListKind.JSON_LINES), (ListError,), (b'{"email": ', b"\\ud800", b"[" * 50)),
    "xlsx": Reader(_list(None), (ListError,), (b"PK\x03\x04",)),
    "sheet": Reader(
        _sheet,
        (ListError,),
        (b'<row r="', b'<c t="s">', b"<v>", b"<f>", b' s="1"', b"[$-407]", b"General", b"yyyy", b"#,##0.00;", b"_(*"),
    ),
    "ods": Reader(_ods, (ListError,), (b'table:number-columns-repeated="', b"<text:p>", b"<table:table-row>", b"</a>")),
    "settings": Reader(_settings, (), (b"keymap:\n  send: ", b"theme: ", b"&a ", b"*a", b"<<: ")),
    "profiles": Reader(_profiles, (), (b"profiles:\n  a:\n    host: ", b"&a ", b"*a", b"<<: *a", b"port: ", b"!!int ")),
    "yaml": Reader(_yaml, (YamlFault,), (b"? ", b"- ", b"&a [", b"*a", b"|2\n", b"%YAML 1.1\n---\n", b"\xc2\x85")),
    "state": Reader(_state, (), (b'"format": 1', b'"files": [', b'"headers": [["a", "b"]]', b"\\udc00")),
    "reply": Reader(_reply, (ReplyError,), (b"250-", b"250 ", b"5.1.1 ", b"AUTH=", b"SIZE ", b"LIMITS ", b"\r\n")),
    "template": Reader(
        _template,
        (MessageError,),
        (
            b"{{ name }}",
            b"{% if name %}",
            b"{% endif %}",
            b"{{ name|",
            b"Attachment: ",
            b"To: {{email}}\n",
            b"{#",
            b"![a](b)",
        ),
    ),
    "importers": Reader(
        _importers, (), (b"account ", b"default", b"swaks --server ", b"'", b'"', b"\\", b"$(", b"--au ")
    ),
    "addresses": Reader(_addresses, (MailboxError,), (b"<", b">", b'"', b"@", b"(", b",", b";", b"[IPv6:", b"xn--")),
    "commands": Reader(_commands, (), (b"FROM:<", b"TO:<", b"> ", b"SIZE=", b"ORCPT=rfc822;", b'"', b"[")),
    "batch settings": Reader(_batch_settings, (SettingsError,), (b'"limits": {', b"1e999", b"-1", b"null")),
    "DKIM key": Reader(
        lambda data: read_dkim_key(data, domain="example.org", selector="s"),
        (MessageError,),
        (b"-----BEGIN PRIVATE KEY-----", b"-----END", b"ENCRYPTED", b"Proc-Type: 4,ENCRYPTED\n", b"PUBLIC KEY"),
    ),
    "certificate": Reader(
        lambda data: read_chain([data]), (), (b"\x30\x82", b"\x06\x03U\x1d\x11", b"\x17\r", b"\x18\x0f")
    ),
}
