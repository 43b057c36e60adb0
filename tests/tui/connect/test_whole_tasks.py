"""Whole tasks by keyboard alone, with a real server."""

import asyncio
from pathlib import Path

from smtptui.tui.connect.confirm_send import ConfirmSend
from smtptui.tui.connect.profile_editor import ProfileEditor
from smtptui.tui.connect.secret_dialog import SecretDialog
from smtptui.tui.widgets.question import Question
from tests.servers.certificates import Certificates
from tests.servers.dovecot import PASSWORDS
from tests.servers.postfix import Postfix
from tests.tui.connect.steps import alone, enters, opens, sees, told
from tests.tui.harness import TUI, form, painted, said, session, type_text, until


async def _writes(pilot: TUI, recipient: str) -> None:
    """Fill in the message, from the rows of the connection on."""
    await pilot.press("f6", "shift+tab")
    await type_text(pilot, "alice@good.test")
    await pilot.press("enter")
    await type_text(pilot, recipient)
    await pilot.press("enter")
    await type_text(pilot, "By keyboard")


async def test_from_nothing_to_a_message_sent_with_starttls_and_auth(
    postfix: Postfix, certificates: Certificates, profiles_file: Path
) -> None:
    async with alone() as pilot:
        await sees(pilot, "No profiles yet")
        await type_text(pilot, "localhost")
        await pilot.press("tab")
        await type_text(pilot, str(postfix.ports.submission))
        await pilot.press("tab", "home", "right", "right")
        await until(pilot, lambda: form(pilot).tls.value == "starttls")
        await pilot.press("ctrl+t")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "ca_file", str(certificates.ca_file))
        await enters(pilot, "user", "alice")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: form(pilot).user.value == "alice")
        await sees(pilot, "encrypts before logging in, stops if the server can't")
        await _writes(pilot, "test-from-nothing@good.test")
        await pilot.press("f5")
        await opens(pilot, ConfirmSend)
        await sees(pilot, f"localhost:{postfix.ports.submission}")
        await pilot.press("y")
        await opens(pilot, SecretDialog)
        await type_text(pilot, PASSWORDS["alice"])
        assert PASSWORDS["alice"] not in painted(pilot.app.screen)
        await pilot.press("enter")
        await until(pilot, lambda: "Accepted" in said(pilot))
        delivered = await asyncio.to_thread(postfix.delivered, "test-from-nothing@good.test")
        assert b"By keyboard" in delivered.stored
        await sees(pilot, "starttls")
        # What was set up is kept, and the password is not.
        await pilot.press("f2", "escape")
        await pilot.press("ctrl+s")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "name", "postfix here")
        await pilot.press("ctrl+s")
        await told(pilot, "postfix here is kept")
        text = profiles_file.read_text("utf-8")
        assert f"port: {postfix.ports.submission}" in text
        assert str(certificates.ca_file) in text
        assert PASSWORDS["alice"] not in text
        await sees(pilot, "postfix here · localhost")


async def test_a_wrong_password_is_found_and_mended(
    postfix: Postfix, certificates: Certificates, profiles_file: Path
) -> None:
    profiles_file.parent.mkdir()
    profiles_file.write_text(
        f"profiles:\n  relay:\n    host: localhost\n    port: {postfix.ports.submission}\n    tls: starttls\n"
        f"    user: alice\n    secret: ask\n    ca_file: {certificates.ca_file}\n    from: Alice <alice@good.test>\n"
    )
    async with alone(size=(80, 24)) as pilot:
        await pilot.press("f2", "t")
        await opens(pilot, SecretDialog)
        await type_text(pilot, "wrong")
        await pilot.press("enter")
        await until(pilot, lambda: "535" in said(pilot))
        assert "p gives another" in said(pilot)
        await until(pilot, lambda: "p Password" in painted(pilot.app.screen).splitlines()[-1])
        await pilot.press("p")
        await opens(pilot, SecretDialog)
        await sees(pilot, "refused the password of alice")
        await type_text(pilot, PASSWORDS["alice"])
        await pilot.press("enter")
        await until(pilot, lambda: "Kept for this sitting" in said(pilot))
        await pilot.press("f2", "t")
        await until(pilot, lambda: "the login succeeded" in said(pilot))
        assert "No message was sent" in said(pilot)
        await pilot.press("f2", "enter")
        await until(pilot, lambda: session(pilot).message.sender.value == "Alice <alice@good.test>")
        await type_text(pilot, "test-mended@good.test")
        await pilot.press("f5")
        await opens(pilot, ConfirmSend)
        await pilot.press("y")
        await until(pilot, lambda: "Accepted" in said(pilot))
        await asyncio.to_thread(postfix.delivered, "test-mended@good.test")


COMMENTED = """\
# My servers. Keep this line.
profiles:
  first:   # the one for tests
    host: one.example.org
    port: 587   # submission
    user: me

  second:
    host: two.example.org  # old
# the end
"""


async def test_a_profile_is_added_edited_copied_and_removed_and_comments_stay(profiles_file: Path) -> None:
    profiles_file.parent.mkdir()
    profiles_file.write_text(COMMENTED)
    async with alone() as pilot:
        await pilot.press("f2", "a")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "name", "third")
        await enters(pilot, "host", "three.example.org")
        await pilot.press("ctrl+s")
        await told(pilot, "third is kept")
        await sees(pilot, "three.example.org:25")
        assert "third" in profiles_file.read_text()

        await pilot.press("home", "e")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "port", "2525")
        await pilot.press("ctrl+s")
        await sees(pilot, "one.example.org:2525")

        await pilot.press("c")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "host", "copied.example.org")
        await pilot.press("ctrl+s")
        await told(pilot, "first copy is kept")
        await sees(pilot, "copied.example.org:2525")
        for name, way in (("first copy", ("home", "down")), ("third", ("end",))):
            await pilot.press(*way, "d")
            await opens(pilot, Question)
            await sees(pilot, f"{name} ·")
            await pilot.press("d")
            await told(pilot, f"{name} was removed")
    left = [line for line in profiles_file.read_text().splitlines() if line]
    assert left == [line for line in COMMENTED.replace("port: 587 ", "port: 2525 ").splitlines() if line]
