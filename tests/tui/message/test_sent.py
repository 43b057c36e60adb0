"""What the form makes, sent with the real engine and found in the real sandbox."""

from pathlib import Path

from smtptui.message import load_eml, parts_of
from smtptui.tui.message.model import Whole
from smtptui.tui.widgets.question import Question
from tests.tui.harness import by_palette, log, painted, real, said, session, type_text, until
from tests.tui.message.test_form import message, to_tab


async def test_a_message_with_header_attachment_and_notification_is_caught_as_it_was_made(tmp_path: Path) -> None:
    content = bytes(range(256)) * 20
    (tmp_path / "data.bin").write_bytes(content)
    async with real() as (pilot, sandbox):
        form = message(pilot)
        form.drafts.folder = tmp_path
        await to_tab(pilot, 2)
        await type_text(pilot, "X-One")
        await pilot.press("tab")
        await type_text(pilot, "once")
        await by_palette(pilot, "attach a file")
        await pilot.press("d", "tab", "enter")
        await until(pilot, lambda: bool(form.files.files))
        await by_palette(pilot, "go to the options")
        await pilot.press("right", "space")
        await pilot.press("f5")
        await until(pilot, lambda: len(sandbox.store) == 1)
        caught = sandbox.store[-1]
        assert b"X-One: once\r\n" in caught.content
        assert [(part.name, part.size) for part in parts_of(caught.content)][1:] == [("data.bin", len(content))]
        assert "NOTIFY=FAILURE ORCPT=rfc822;you@example.net" in caught.rcpt_parameters[0]


async def test_the_text_goes_out_as_it_is_with_eight_bits() -> None:
    async with real() as (pilot, sandbox):
        form = message(pilot)
        form.body.text = "Grüße\n"
        await to_tab(pilot, 4)
        await pilot.press("down", "down", "end")
        await pilot.press("f5")
        await until(pilot, lambda: len(sandbox.store) == 1)
        caught = sandbox.store[-1]
        assert "Grüße\r\n".encode() in caught.content
        assert "BODY=8BITMIME" in caught.mail_parameters


async def test_another_envelope_is_what_the_server_sees() -> None:
    async with real() as (pilot, sandbox):
        await to_tab(pilot, 1)
        await type_text(pilot, "<>")
        await pilot.press("enter")
        await type_text(pilot, "a@example.com, b@example.com")
        await pilot.press("f5")
        await until(pilot, lambda: len(sandbox.store) == 1)
        caught = sandbox.store[-1]
        assert (caught.sender, caught.recipients) == ("", ("a@example.com", "b@example.com"))
        assert b"To: you@example.net\r\n" in caught.content


async def test_the_app_asks_before_it_leaves_out_whoever_cannot_be_read() -> None:
    data = b"From: me@example.org\r\nTo: 'ann@example.com', b..b@example.com\r\nBcc: c@\r\n\r\nHi.\r\n"
    async with real() as (pilot, sandbox):
        message(pilot).take_whole(Whole(Path("/home/me/news.eml"), load_eml(data)))
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        shown = painted(pilot.app.screen)
        assert "2 recipients cannot be read" in shown
        assert "b..b@example.com" in shown
        await pilot.press("enter")
        await until(pilot, lambda: "Nothing was sent." in painted(session(pilot).outcome))
        assert len(sandbox.store) == 0
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        await pilot.press("s")
        await until(pilot, lambda: len(sandbox.store) == 1)
        assert sandbox.store[-1].recipients == ("ann@example.com",)
        assert b"Bcc" not in sandbox.store[-1].content
        await until(pilot, lambda: "were left out, since" in painted(session(pilot).outcome))


async def test_an_early_exit_leaves_nothing_behind() -> None:
    async with real() as (pilot, sandbox):
        await to_tab(pilot, 4)
        await pilot.press(*["down"] * 4, "right")
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)))
        text = painted(log(pilot))
        assert "RCPT TO:<you@example.net>" in text
        assert "QUIT" in text
        assert "DATA" not in text
        assert len(sandbox.store) == 0
