"""Drafts saved and opened: what the file holds, that nothing is lost, and what foreign messages become."""

import contextlib
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.message import Attachment, Draft, Message, MessageError, build, read_draft, write_draft
from tests.message.making import NOW, make, parsed, text_of

TEXT = "Hello,\n\n.a line that begins with a dot\nGrüße\n"
FULL = Draft(
    sender="Ann Bär <ann@example.org>",
    to=("Bob <bob@example.net>", '"Doe, Jane" <jane@example.net>'),
    cc=("carl@example.net",),
    bcc=("dora@example.net",),
    reply_to=("office@example.org",),
    subject="A subject, mit Umläuten",
    text=TEXT,
    headers=(("X-Mailer", "smtptui"), ("Comments", "two  blanks, and =?utf-8?q?no_word?=")),
)


def written(draft: Draft) -> bytes:
    tokens = (f"token{number}" for number in itertools.count(1))
    return write_draft(draft, now=NOW, random_token=lambda: next(tokens))


def built(draft: Draft) -> Message:
    tokens = (f"token{number}" for number in itertools.count(1))
    return build(draft, now=NOW, random_token=lambda: next(tokens), smtputf8=True)


def reopened(draft: Draft) -> Draft:
    found, notes = read_draft(written(draft))
    assert notes == ()
    return found


def test_fields_and_text_come_back_as_they_were() -> None:
    assert reopened(FULL) == FULL


def test_the_file_is_a_draft_with_its_bcc_and_neither_date_nor_id() -> None:
    found = parsed(replace(built(FULL), content=written(FULL)))
    assert found["X-Unsent"] == "1"
    assert found["Bcc"] == "dora@example.net"
    assert found["Date"] is None
    assert found["Message-ID"] is None
    assert text_of(replace(built(FULL), content=written(FULL))) == TEXT


@pytest.mark.parametrize(
    "draft",
    [
        Draft(),
        Draft(text="only a text\n"),
        Draft(to=("bob@example.net",)),
        replace(FULL, markdown=True, text="# Title\n\n*words*\n"),
        replace(FULL, text="", html="<p>Grüße</p>"),
        replace(FULL, text="Another text.\n", html="<p>Grüße</p>\n"),
        replace(FULL, headers=(("Date", "Mon, 06 May 2024 07:08:09 +0000"), ("Message-ID", "<me@example.org>"))),
    ],
    ids=["empty", "no author", "no text", "markdown", "html", "both", "date"],
)
def test_any_stage_of_writing_comes_back(draft: Draft) -> None:
    found = reopened(draft)
    if draft.html and not draft.html.endswith("\n"):
        draft = replace(draft, html=f"{draft.html}\n")
    assert found == draft


def test_files_come_back_octet_for_octet_and_inline_ones_by_their_names() -> None:
    files = (
        Attachment("Übung 1.pdf", bytes(range(256)) * 9, "application/pdf"),
        Attachment("inner.eml", b"Subject: inner\r\n\r\n--=_1_token1\r\nhello\r\n", "message/rfc822"),
        Attachment("empty.bin", b""),
        Attachment("notes.txt", "Grüße\r\n".encode(), "text/plain; charset=utf-8"),
    )
    inline = (Attachment("logo 1.png", b"\x89PNG", "image/png"),)
    html = '<p><img src="cid:logo%201.png"></p>\n'
    assert reopened(replace(FULL, text="", html=html, attachments=files, inline=inline)) == replace(
        FULL, text="", html=html, attachments=files, inline=inline
    )


def test_headers_that_replace_fields_stay_headers_and_nobody_loses_the_message() -> None:
    draft = replace(FULL, headers=(("To", "undisclosed-recipients:;"), ("Subject", "Another")))
    found = reopened(draft)
    assert found.headers == draft.headers
    assert built(found).content == built(draft).content
    assert sorted(built(found).recipients) == sorted(built(draft).recipients)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40)
lines = st.lists(words, max_size=6).map("\n".join)
boxes = st.builds(
    lambda name, local: f'"{name}" <{local}@example.net>' if name.strip() else f"{local}@example.net",
    words.map(lambda text: text.replace('"', "").replace("\\", "")),
    st.from_regex(r"[a-zé][a-z0-9.]{0,5}[a-z]", fullmatch=True).filter(lambda local: ".." not in local),
)
files = st.builds(
    Attachment,
    st.from_regex(r"[a-zé][a-zé =?(),;'\"%-]{0,30}\.[a-z]{3}", fullmatch=True),
    st.binary(max_size=300),
    st.sampled_from(["application/pdf", "image/png", "text/plain", "message/rfc822", "text/html; charset=utf-8"]),
)
drafts = st.builds(
    Draft,
    sender=boxes,
    to=st.lists(boxes, max_size=3).map(tuple),
    cc=st.lists(boxes, max_size=2).map(tuple),
    bcc=st.lists(boxes, max_size=2).map(tuple),
    reply_to=st.lists(boxes, max_size=1).map(tuple),
    subject=words,
    text=lines,
    html=st.none() | lines,
    attachments=st.lists(files, max_size=2).map(tuple),
    inline=st.lists(files, max_size=2, unique_by=lambda file: file.name).map(tuple),
    headers=st.lists(st.tuples(st.sampled_from(["X-One", "Comments", "Keywords"]), words), max_size=3).map(tuple),
) | st.builds(Draft, sender=boxes, text=lines, markdown=st.just(True), subject=words)


@given(drafts)
def test_a_draft_survives_being_saved_and_opened(draft: Draft) -> None:
    found, _ = read_draft(written(draft))
    before, after = built(draft), built(found)
    assert after.content == before.content
    assert (after.sender, after.recipients) == (before.sender, before.recipients)


def test_a_message_that_was_sent_is_opened_without_what_its_journey_left() -> None:
    data = (
        b"Return-Path: <a@example.org>\r\nReceived: from x by y; Mon, 06 May 2024 07:08:09 +0000\r\n"
        b"DKIM-Signature: v=1; d=example.org\r\nDate: Mon, 06 May 2024 07:08:09 +0000\r\n"
        b"Message-ID: <old@example.org>\r\nFrom: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\n"
        b"To: Friends: a@example.net, B (the other) <b@example.net>;\r\nSubject: folded\r\n over lines\r\n"
        b"X-Keep: yes\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n"
    )
    draft, notes = read_draft(data)
    assert draft == Draft(
        sender="Jürgen <j@example.org>",
        to=("a@example.net", "B <b@example.net>"),
        subject="folded over lines",
        text="Grüße\n",
        headers=(("X-Keep", "yes"),),
    )
    assert any("Date and Message-ID" in note for note in notes)
    assert any("Return-Path, Received, DKIM-Signature" in note for note in notes)
    assert any("iso-8859-1 and is sent as UTF-8" in note for note in notes)


def test_what_a_draft_cannot_hold_is_noted_and_kept_as_a_file() -> None:
    data = (
        b"From: a@example.org\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n"
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
        b"--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n--s\r\n"
        b"Content-Type: application/pgp-signature\r\n\r\nxyz\r\n--s--\r\n"
    )
    draft, notes = read_draft(data)
    assert draft.text == "hi"
    assert [(file.name, file.content) for file in draft.attachments] == [
        ("part-2.ics", b"BEGIN:VCALENDAR"),
        ("part-3.asc", b"xyz"),
    ]
    assert any("signed" in note for note in notes)
    assert any("text/calendar" in note for note in notes)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfeF\x00", "UTF-16"),
        (b"just words\r\n", "no header field"),
        (b"\r\nbody\r\n", "no header field"),
        (b"From: a@b\r\n\r\n\0\0", "NUL"),
        (b"From a Mon May  6 07:08:09 2024\nA: b\n\nx\n\nFrom b Mon May  6 07:08:09 2024\nA: b\n\n", "mailbox"),
    ],
)
def test_a_file_that_is_no_message_is_told_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(MessageError, match=says) as caught:
        read_draft(data)
    assert str(caught.value)[-1] in ".;)”" or str(caught.value).endswith("text.")


PIECES = st.lists(
    st.sampled_from(
        [
            b"From: a@example.org\r\n",
            b"To: =?utf-8?b?!!?= <x@y\r\n",
            b"Subject: =?klingon?q?x?=\r\n",
            b"Content-Type: multipart/mixed; boundary=b\r\n",
            b'Content-Type: multipart/related; boundary="b\r\n',
            b"Content-Type: text/html; charset=klingon\r\n",
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Disposition: attachment; filename*=utf-8''%FF%\r\n",
            b"\r\n",
            b"--b\r\n",
            b"--b--\r\n",
            b"<img src=cid:x>",
            b"AAAA",
            b"\xff\x1b]0;x\x07\r",
        ]
    )
    | st.binary(max_size=10),
    max_size=25,
).map(b"".join)


@given(PIECES)
def test_a_broken_file_gives_a_draft_or_a_sentence(data: bytes) -> None:
    try:
        draft, notes = read_draft(b"X: y\r\n" + data)
    except MessageError:
        return
    assert all(note.endswith(".") for note in notes)
    # What was read can be shown and saved, whatever it was, unless an address is to be mended first.
    with contextlib.suppress(MessageError):
        write_draft(draft, now=NOW, random_token=lambda: "token")


def test_a_message_that_was_built_is_opened_with_the_same_words() -> None:
    message = make(to=("bob@example.net",), subject="Hi", text="Hello.\n")
    draft, _ = read_draft(message.content)
    assert (draft.sender, draft.to, draft.subject, draft.text) == (
        "ann@example.org",
        ("bob@example.net",),
        "Hi",
        "Hello.\n",
    )
