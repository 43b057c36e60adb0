"""The app with the real engine on the real sandbox, from the form to the message caught."""

from smtptui.protocol import Secret
from smtptui.tui.sandbox.sandbox_screen import SandboxScreen
from tests.tui.harness import form, log, painted, real, said, session, until


async def test_what_is_sent_is_caught_and_read_parsed_and_raw() -> None:
    async with real() as (pilot, sandbox):
        await pilot.press("f5")
        await until(pilot, lambda: "Accepted" in said(pilot), 10)
        assert "✓ accepted 250" in painted(log(pilot))
        assert sandbox.password not in painted(pilot.app.screen)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(pilot.app.screen, SandboxScreen))
        await until(pilot, lambda: "this goes no further than the sandbox." in painted(pilot.app.screen))
        text = painted(pilot.app.screen)
        assert "1 message" in text
        assert "me@example.org → you@example.net" in text
        assert "Subject: A first message" in text
        assert "as demo" in text
        await pilot.press("v")
        await until(pilot, lambda: "MIME-Version: 1.0" in painted(pilot.app.screen))
        assert "MAIL FROM" not in painted(pilot.app.screen)
        await pilot.press("f6", "end", "1")
        await until(pilot, lambda: pilot.app.screen is not None and pilot.app.current_mode == "session")


async def test_all_three_listeners_take_mail_with_their_certificates_verified() -> None:
    async with real() as (pilot, sandbox):
        for number, name in enumerate(("submission", "smtp", "smtps"), 1):
            await pilot.press("f2", "home", *["down"] * (number - 1), "enter")
            await pilot.pause()
            await pilot.press("f5")
            await until(pilot, lambda count=number: len(sandbox.store) == count, 10)  # type: ignore[misc]
            await until(pilot, lambda: "Accepted" in said(pilot), 10)
            assert sandbox.store[-1].listener == name
            assert sandbox.store[-1].tls
            assert sandbox.store[-1].user == (None if name == "smtp" else "demo")


async def test_a_wrong_password_is_told_as_such() -> None:
    async with real() as (pilot, sandbox):
        screen = session(pilot)
        screen.state.credentials.keep(form(pilot).profile(), Secret("wrong-password"))
        await pilot.press("f5")
        await until(pilot, lambda: "535" in painted(log(pilot)), 10)
        await until(pilot, lambda: bool(said(pilot)), 10)
        assert session(pilot).outcome.has_class("-permanent")
        assert "wrong-password" not in painted(pilot.app.screen)
        assert len(sandbox.store) == 0


async def test_a_list_that_is_empty_says_so() -> None:
    async with real() as (pilot, _):
        await pilot.press("f6", "2")
        await until(pilot, lambda: "No message yet" in painted(pilot.app.screen))
        assert "0 messages" in painted(pilot.app.screen)


async def test_a_message_that_comes_later_appears_at_the_end() -> None:
    async with real(size=(80, 24)) as (pilot, sandbox):
        for count in (1, 2):
            await pilot.press("f5")
            await until(pilot, lambda count=count: len(sandbox.store) == count, 10)  # type: ignore[misc]
            await until(pilot, lambda: "Accepted" in said(pilot), 10)
            await pilot.press("2")
            await until(pilot, lambda: isinstance(pilot.app.screen, SandboxScreen))
            await until(pilot, lambda count=count: f"{count} message" in painted(pilot.app.screen))  # type: ignore[misc]
            await until(pilot, lambda count=count: f"   {count}  " in painted(pilot.app.screen))  # type: ignore[misc]
            await pilot.press("1")
            await until(pilot, lambda: pilot.app.current_mode == "session")
