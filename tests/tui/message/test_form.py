"""The message form, used by keyboard alone."""

from itertools import pairwise
from pathlib import Path

import pytest
from textual.widgets import Input
from textual.widgets._footer import FooterKey

from smtptui.message import Attachment, Draft, Encoding
from smtptui.protocol import Notify, Ret, Stage
from smtptui.session import ExitAfter
from smtptui.tui.frame.footer import KeyFooter
from smtptui.tui.message import MessageForm
from smtptui.tui.message.file_dialog import FileDialog
from smtptui.tui.message.headers_pane import HeaderRow
from smtptui.tui.message.preview import Preview
from smtptui.tui.widgets.file_picker import FilePicker
from tests.tui.fake_run import Script
from tests.tui.harness import TUI, FixedSandbox, by_palette, painted, said, scripted, session, type_text, until


def message(pilot: TUI) -> MessageForm:
    """The form, which is on the screen in front."""
    return session(pilot).message


async def to_tab(pilot: TUI, right: int) -> None:
    """To a tab by keyboard: from To back to the row of tabs, right, and into it."""
    await pilot.press("shift+tab", "shift+tab")
    await until(pilot, lambda: message(pilot).tabs.has_focus)
    await pilot.press(*["right"] * right, "enter")
    await until(pilot, lambda: not message(pilot).tabs.has_focus)


async def test_the_tabs_are_one_focus_stop_and_tell_what_they_hold() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        form = message(pilot)
        assert "Message  Envelope  Headers  Attachments  Options" in painted(form.tabs)
        await to_tab(pilot, 2)
        await type_text(pilot, "X-One")
        await pilot.press("tab", "a", "tab")
        await type_text(pilot, "X-Two")
        await until(pilot, lambda: "Headers 2" in painted(form.tabs))
        await pilot.press("ctrl+u")
        await until(pilot, lambda: "Headers 1" in painted(form.tabs))
        await pilot.press(*["shift+tab"] * 3)
        await until(pilot, lambda: form.tabs.has_focus)
        await pilot.press("home", "down")
        await until(pilot, lambda: form.to.has_focus)


async def test_the_envelope_says_in_words_what_will_be_said() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await to_tab(pilot, 1)
        await until(pilot, lambda: "RCPT TO:<you@example.net>" in painted(message(pilot)))
        await pilot.press("less_than_sign", "greater_than_sign", "down")
        await type_text(pilot, "a@example.com, b@example.com")
        await until(pilot, lambda: "RCPT TO:<b@example.com>" in painted(message(pilot)))
        text = painted(message(pilot))
        assert "MAIL FROM:<>" in text
        assert "null sender" in text
        assert "you@example.net" not in text
        assert "Envelope •" in text
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.requests))
        envelope = script.requests[0].envelope
        assert envelope.sender == ""
        assert [recipient.address for recipient in envelope.recipients] == ["a@example.com", "b@example.com"]
        assert b"To: you@example.net\r\n" in script.requests[0].content


async def test_a_header_is_checked_while_it_is_typed_and_sent() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await to_tab(pilot, 2)
        await type_text(pilot, "Date")
        await until(pilot, lambda: "✗ Date: '' is no date" in painted(message(pilot)))
        await pilot.press("tab")
        await type_text(pilot, "yesterday")
        await pilot.press("tab")
        await type_text(pilot, "X-One")
        await pilot.press("tab", "o", "n", "e", "f5")
        await until(pilot, lambda: "no date" in said(pilot))
        assert not script.requests
        assert isinstance(pilot.app.focused, Input)
        assert pilot.app.focused.value == "Date", "the focus is at the field that is wrong"
        await pilot.press("tab", "ctrl+u")
        await type_text(pilot, "Sun, 22 Nov 2026 09:12:00 +0000")
        await until(pilot, lambda: "replaces the date of sending" in painted(message(pilot)))
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.requests))
        assert b"X-One: one\r\n" in script.requests[0].content
        assert script.requests[0].content.count(b"Date: ") == 1


async def test_headers_are_moved_and_removed() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await to_tab(pilot, 2)
        for text in ("X-A", "1", "X-B", "2", "X-C", "3"):
            await type_text(pilot, text)
            await pilot.press("tab")
        headers = message(pilot).headers

        def pairs() -> list[tuple[str, str]]:
            return list(headers.headers)

        assert [name for name, _ in pairs()] == ["X-A", "X-B", "X-C"]
        await pilot.press("up", "shift+up", "shift+up", "shift+up")
        assert pairs() == [("X-C", "3"), ("X-A", "1"), ("X-B", "2")]
        await pilot.press("down", "shift+delete")
        assert pairs() == [("X-C", "3"), ("X-B", "2")]
        await until(pilot, lambda: len(headers.query(HeaderRow)) == 3)
        assert isinstance(pilot.app.focused, Input)
        assert pilot.app.focused.value == "X-B"
        await pilot.press("shift+down")
        assert pairs() == [("X-C", "3"), ("X-B", "2")], "not below the empty row"
        await pilot.press("ctrl+u", "tab", "ctrl+u", "tab")
        await until(pilot, lambda: len(headers.query(HeaderRow)) == 2)


async def test_options_reach_the_session() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await to_tab(pilot, 4)
        await pilot.press("right", "space", "right", "space", "down", "right", "tab")
        await type_text(pilot, "q1")
        await pilot.press("enter", "end", "down", "right", "down", "right")
        await until(pilot, lambda: "Says QUIT once RCPT is done: no message is sent." in painted(message(pilot)))
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.requests))
        request = script.requests[0]
        assert request.envelope.recipients[0].notify == (Notify.FAILURE, Notify.DELAY)
        assert (request.envelope.ret, request.envelope.envid) == (Ret.HDRS, "q1")
        assert request.envelope.smtputf8
        assert request.exit_after == ExitAfter(Stage.RCPT)
        assert message(pilot).filled().handling.encoding is Encoding.EIGHT_BIT


async def test_never_notifying_excludes_the_rest() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await to_tab(pilot, 4)
        await pilot.press("space", "right", "right", "right", "space")
        assert message(pilot).filled().handling.notify == (Notify.NEVER,)
        await pilot.press("left", "space")
        assert message(pilot).filled().handling.notify == (Notify.DELAY,)


async def test_an_exit_before_mail_needs_no_address() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        form = message(pilot)
        form.sender.value = form.to.value = ""
        form.options.leave.choose("QUIT")
        form.options.leave_after.value = Stage.EHLO
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.requests))
        assert script.requests[0].content == b""


async def test_cc_and_bcc_stand_in_a_row_that_is_asked_for() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        form = message(pilot)
        assert "Bcc" not in painted(form)
        await by_palette(pilot, "fill in cc")
        await until(pilot, lambda: form.pane.cc.has_focus)
        await type_text(pilot, "c@example.net")
        await pilot.press("enter")
        await type_text(pilot, "b@example.net")
        await pilot.press("enter")
        await type_text(pilot, "office@example.org")
        await pilot.press("enter")
        assert form.subject.has_focus
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.requests))
        request = script.requests[0]
        assert [recipient.address for recipient in request.envelope.recipients] == [
            "you@example.net",
            "c@example.net",
            "b@example.net",
        ]
        assert b"Cc: c@example.net\r\n" in request.content
        assert b"Reply-To: office@example.org\r\n" in request.content
        assert b"b@example.net" not in request.content


async def test_a_file_is_picked_by_typing_and_completing(tmp_path: Path) -> None:
    for name in ("report.pdf", "readme.txt", ".hidden"):
        (tmp_path / name).write_bytes(b"x" * 30000)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inner.txt").write_text("hi\n")
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        message(pilot).drafts.folder = tmp_path
        await by_palette(pilot, "attach a file")
        await until(pilot, lambda: "report.pdf" in painted(pilot.app.screen))
        assert ".hidden" not in painted(pilot.app.screen)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: ".hidden" in painted(pilot.app.screen))
        await type_text(pilot, "rep")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "report.pdf" in painted(message(pilot)))
        await until(pilot, lambda: "1 file · 29.3 KiB · 40.1 KiB on the wire" in painted(message(pilot)))
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilePicker))
        await type_text(pilot, "s")
        await pilot.press("tab")
        await until(pilot, lambda: "inner.txt" in painted(pilot.app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: "Attachments 2" in painted(pilot.app.screen))
        await pilot.press("i")
        assert [(file.name, file.inline) for file in message(pilot).files.files] == [
            ("report.pdf", False),
            ("inner.txt", True),
        ]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FileDialog))
        await pilot.press("tab", "ctrl+u")
        await type_text(pilot, "nonsense")
        await pilot.press("enter")
        await until(pilot, lambda: "no media type" in painted(pilot.app.screen))
        await pilot.press("ctrl+u")
        await type_text(pilot, "text/x-log")
        await pilot.press("enter")
        await until(pilot, lambda: "text/x-log" in painted(message(pilot)))
        await pilot.press("up", "d")
        assert [file.media_type for file in message(pilot).files.files] == ["text/x-log"]
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.requests))
        assert b"Content-Type: text/x-log" in script.requests[0].content


@pytest.mark.parametrize(
    ("path", "says"),
    [("/nonexistent/", "/nonexistent cannot be read: No such file or directory."), ("/etc/passwd/", "cannot be read")],
)
async def test_a_folder_that_cannot_be_read_says_so(path: str, says: str) -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await by_palette(pilot, "attach a file")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilePicker))
        await pilot.press("ctrl+u")
        await type_text(pilot, path)
        await until(pilot, lambda: says in painted(pilot.app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: message(pilot).to.has_focus)


async def test_a_file_that_changed_is_named_once_and_sent_the_second_time(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("one\n")
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        form = message(pilot)
        form.drafts.folder = tmp_path
        await by_palette(pilot, "attach a file")
        await pilot.press("r", "tab", "enter")
        await until(pilot, lambda: bool(form.files.files))
        path.write_text("one and two\n")
        await pilot.press("f5")
        await until(pilot, lambda: "report.txt has changed" in said(pilot))
        assert form.files.view.has_focus
        assert not script.requests
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.requests))
        path.unlink()
        await pilot.press("f5")
        await until(pilot, lambda: "report.txt is gone" in said(pilot))


async def test_the_preview_shows_text_html_and_raw() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        form = message(pilot)
        form.fill(
            Draft(
                sender="Me <me@example.org>", to=("you@example.net",), subject="Grüße", text="# Title\n", markdown=True
            )
        )
        form.drafts.keep(form.letter())
        await pilot.press("f3")
        await until(pilot, lambda: "\n│ Title" in painted(pilot.app.screen.query_one(".dialog")).replace("│  ", "│ "))
        assert "Subject: Grüße" in painted(pilot.app.screen)
        assert "MIME-Version" not in painted(pilot.app.screen)
        assert "# Title" not in painted(pilot.app.screen)
        await pilot.press("v")
        await until(pilot, lambda: "\n│ Title" in painted(pilot.app.screen.query_one(".dialog")).replace("│  ", "│ "))
        await pilot.press("v")
        await until(pilot, lambda: "Subject: =?utf-8?" in painted(pilot.app.screen))
        await pilot.press("escape")
        form.sender.value = ""
        await pilot.press("f3")
        await until(pilot, lambda: "There is nothing to preview. From is empty" in painted(pilot.app.screen))
        assert not isinstance(pilot.app.screen, Preview)


async def test_80x24_the_closed_form_tells_its_gist_and_opens_at_its_tab() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await by_palette(pilot, "go to the header")
        await pilot.press("f6")
        await until(pilot, lambda: message(pilot).size.height == 1)
        assert painted(message(pilot)).strip().endswith("Message  you@example.net · A first message")
        await pilot.press("shift+tab")
        await until(pilot, lambda: message(pilot).size.height > 10)
        assert "Name" in painted(message(pilot))


async def test_80x24_the_footer_fits_in_every_tab() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        form = message(pilot)
        form.fill(Draft(attachments=(Attachment("a.bin", b"x"),), headers=(("X-One", "1"),)))
        footer = session(pilot).query_one(KeyFooter)
        for name, key in (("files", "Attach"), ("headers", "All"), ("options", "All"), ("envelope", "All")):
            form.action_tab(name)
            await until(pilot, lambda key=key: key in painted(footer))  # type: ignore[misc]
            await pilot.pause(0.2)
            entries = list(footer.query(FooterKey))
            for left, right in pairwise(entries):
                assert left.region.right <= right.region.x, painted(footer)


async def test_what_was_filled_in_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hi\n")
    async with scripted(sandbox=FixedSandbox()) as pilot:
        form = message(pilot)
        form.drafts.folder = tmp_path
        await by_palette(pilot, "attach a file")
        await pilot.press("a", "tab", "enter")
        await until(pilot, lambda: bool(form.files.files))
        form.options.encoding.choose(Encoding.EIGHT_BIT)
        form.envelope.sender.value = "<>"
        form.headers.fill((("X-One", "1"),))
        state, before = form.snapshot(), form.filled()
    async with scripted() as pilot:
        message(pilot).restore(state)
        await pilot.pause()
        assert message(pilot).filled() == before
        message(pilot).restore({"files": "nonsense", "format": 7, "whole": "/nonexistent/x.eml", "files_lost": 2})
        await until(pilot, lambda: "2 attachments" in painted(pilot.app.screen))
        await until(pilot, lambda: "x.eml cannot be read" in painted(pilot.app.screen))
