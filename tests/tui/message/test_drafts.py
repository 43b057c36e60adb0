"""Drafts opened and saved by keyboard, and that changes are never lost silently."""

import os
import stat
from pathlib import Path

from smtptui.message import Attachment, Draft, read_draft, write_draft
from smtptui.tui.message.draft_dialogs import AskOpening, AskUnsaved
from smtptui.tui.message.model import Format
from smtptui.tui.widgets.file_picker import FilePicker
from smtptui.tui.widgets.save_dialog import SaveDialog
from tests.tui.fake_run import STARTED, Script
from tests.tui.harness import TUI, FixedSandbox, by_palette, painted, said, scripted, session, type_text, until
from tests.tui.message.test_form import message

SIGNED = (
    b"From: a@example.org\nTo: b@example.net\nSubject: signed\nContent-Type: multipart/signed; boundary=s\n\n--s\n"
    b"Content-Type: text/plain\n\nhi\n--s\nContent-Type: application/pgp-signature\n\nxyz\n--s--\n"
)


async def save_as(pilot: TUI, path: Path) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, SaveDialog))
    await pilot.press("ctrl+u", "ctrl+k")
    await type_text(pilot, str(path))
    await pilot.press("enter")


async def open_from(pilot: TUI, folder: Path, name: str) -> None:
    message(pilot).drafts.folder = folder
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(pilot.app.screen, (FilePicker, AskUnsaved)))
    if isinstance(pilot.app.screen, AskUnsaved):
        return
    await until(pilot, lambda: name in painted(pilot.app.screen))
    await type_text(pilot, name)
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(pilot.app.screen, FilePicker))


async def test_a_draft_is_saved_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.eml"
    async with scripted(sandbox=FixedSandbox()) as pilot:
        form = message(pilot)
        form.fill(
            Draft(
                sender="Me <me@example.org>",
                to=("you@example.net",),
                bcc=("hidden@example.net",),
                subject="Kept",
                text="# Words\n",
                markdown=True,
                headers=(("X-One", "1"),),
                attachments=(Attachment("a.bin", b"\0\1\2", "application/x-a"),),
            )
        )
        await pilot.pause()
        before = form.letter()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "kept.eml" in painted(pilot.app.screen))
        await save_as(pilot, path)
        await until(pilot, lambda: "mine.eml" in painted(form.query_one("#draft-name")))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        draft, notes = read_draft(path.read_bytes())
        assert (draft.bcc, notes) == (("hidden@example.net",), ())
        await by_palette(pilot, "begin a new")
        await until(pilot, lambda: form.to.value == "")
        await open_from(pilot, tmp_path, "mine.eml")
        await until(pilot, lambda: form.to.value == "you@example.net")
        assert form.letter() == before
        assert form.letter().format is Format.MARKDOWN


async def test_an_existing_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "mine.eml"
    path.write_text("other")
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("ctrl+s")
        await save_as(pilot, path)
        await until(pilot, lambda: "The file exists" in painted(pilot.app.screen))
        assert path.read_text() == "other"
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SaveDialog))
        assert path.read_text().startswith("X-Unsent: 1")


async def test_what_cannot_be_saved_is_told_and_can_be_mended() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        message(pilot).to.value = "you@@example.net"
        await pilot.press("ctrl+s", "enter")
        await until(pilot, lambda: "Not saved: To: “you@@example.net”" in painted(pilot.app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: message(pilot).to.has_focus)


async def test_changes_are_not_lost_when_another_draft_is_opened(tmp_path: Path) -> None:
    other = tmp_path / "other.eml"
    other.write_bytes(write_draft(Draft(subject="Other"), now=STARTED, random_token=lambda: "t"))
    mine = tmp_path / "mine.eml"
    async with scripted(sandbox=FixedSandbox()) as pilot:
        form = message(pilot)
        await type_text(pilot, "them@example.net")
        await open_from(pilot, tmp_path, "other.eml")
        assert isinstance(pilot.app.screen, AskUnsaved)
        await pilot.press("escape")
        await until(pilot, lambda: form.to.has_focus)
        assert form.to.value == "them@example.net"
        await open_from(pilot, tmp_path, "other.eml")
        await pilot.press("s")
        await save_as(pilot, mine)
        await until(pilot, lambda: isinstance(pilot.app.screen, FilePicker))
        await type_text(pilot, "oth")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: form.subject.value == "Other")
        assert read_draft(mine.read_bytes())[0].to == ("them@example.net",)
        await type_text(pilot, "x")
        await by_palette(pilot, "begin a new")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskUnsaved))
        await pilot.press("d")
        await until(pilot, lambda: form.subject.value == "")


async def test_a_broken_file_is_told_in_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.eml").write_bytes(b"\xff\xfe\0")
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await open_from(pilot, tmp_path, "broken.eml")
        await until(pilot, lambda: "broken.eml is no draft. The file is UTF-16" in painted(pilot.app.screen))
        assert message(pilot).subject.value == "A first message"


async def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.eml")
    async with scripted(sandbox=FixedSandbox()) as pilot:
        before = message(pilot).letter()
        await open_from(pilot, tmp_path, "pipe.eml")
        await until(pilot, lambda: "pipe.eml cannot be read: is no ordinary file." in painted(pilot.app.screen))
        assert message(pilot).letter() == before


async def test_what_a_draft_cannot_hold_can_be_edited_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "signed.eml").write_bytes(SIGNED)
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await open_from(pilot, tmp_path, "signed.eml")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskOpening))
        await until(pilot, lambda: "The message is signed" in painted(pilot.app.screen))
        await pilot.press("e")
        await until(pilot, lambda: message(pilot).body.text == "hi")
        assert [file.name for file in message(pilot).files.files] == ["part-2.asc"]


async def test_a_file_can_be_sent_as_it_is_with_another_envelope(tmp_path: Path) -> None:
    (tmp_path / "signed.eml").write_bytes(SIGNED)
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await open_from(pilot, tmp_path, "signed.eml")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskOpening))
        await pilot.press("w")
        await until(pilot, lambda: "signed.eml, 200 octets, goes out as it is." in painted(message(pilot)))
        assert "boundary=s" in painted(message(pilot))
        await by_palette(pilot, "go to the envelope")
        await pilot.press("down")
        await type_text(pilot, "c@example.net")
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.requests))
        request = script.requests[0]
        assert request.content == SIGNED.replace(b"\n", b"\r\n")
        assert request.envelope.sender == "a@example.org"
        assert [recipient.address for recipient in request.envelope.recipients] == ["c@example.net"]
        assert any("LF line ends became CRLF" in note for note in request.notes)
        await until(pilot, lambda: bool(said(pilot)))
        await by_palette(pilot, "go to the message's text")
        await pilot.press("shift+tab", "enter")
        await until(pilot, lambda: message(pilot).to.has_focus)
        assert session(pilot).message.filled().whole is None
