"""The Session screen, used by keyboard alone."""

from pathlib import Path

import pytest
from textual.widgets import Input

from smtptui.protocol import Credentials, Secret, Stage, TlsMode
from smtptui.tui.connect import ServerList
from smtptui.tui.connect.confirm_send import ConfirmSend
from smtptui.tui.connect.secret_dialog import SecretDialog
from smtptui.tui.frame.help_screen import HelpScreen
from smtptui.tui.log.details_dialog import DetailsDialog
from smtptui.tui.session.session_screen import SessionScreen
from tests.tui.fake_run import REFUSED, Script
from tests.tui.harness import FixedSandbox, by_palette, form, log, painted, said, scripted, session, type_text, until


async def test_a_message_typed_from_scratch_is_confirmed_and_sent() -> None:
    script = Script()
    async with scripted(script) as pilot:
        await type_text(pilot, "mail.example.org")
        await pilot.press("tab", "end", "left")
        await pilot.press("f6", "shift+tab")
        await type_text(pilot, "me@example.org")
        await pilot.press("enter")
        await type_text(pilot, "you@example.net, them@example.net")
        await pilot.press("enter")
        await type_text(pilot, "Hi")
        await pilot.press("enter")
        await type_text(pilot, "Hello.")
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmSend))
        question = painted(pilot.app.screen)
        assert "mail.example.org:587" in question
        assert "2 recipients" in question
        assert not script.requests, "nothing is sent before the answer"
        await pilot.press("y")
        await until(pilot, lambda: "Accepted" in said(pilot))
        request = script.requests[0]
        assert [recipient.address for recipient in request.envelope.recipients] == [
            "you@example.net",
            "them@example.net",
        ]
        assert request.envelope.sender == "me@example.org"
        assert request.connection.port == 587
        assert b"Subject: Hi\r\n" in request.content
        assert request.content.endswith(b"Hello.\r\n")


async def test_external_acts_as_the_user() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        for user in ("", "ann"):
            form(pilot).auth.value = "EXTERNAL"
            form(pilot).user.value = user
            await pilot.press("f5")
            await until(pilot, lambda: "Accepted" in said(pilot))
        assert [request.credentials for request in script.requests] == [
            Credentials(),
            Credentials("ann", authorization_id="ann"),
        ]


async def test_no_as_answer_sends_nothing() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        form(pilot).host.value = "mail.example.org"
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmSend))
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SessionScreen)
        assert not script.requests


async def test_the_own_sandbox_is_sent_to_without_asking() -> None:
    script = Script()
    sandbox = FixedSandbox()
    async with scripted(script, sandbox=sandbox) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: "Accepted" in said(pilot))
        request = script.requests[0]
        assert request.connection.tls.ca_file == sandbox.ca_file
        assert request.connection.tls_mode is TlsMode.STARTTLS
        assert request.credentials is not None
        assert request.credentials.user == "demo"
        text = painted(log(pilot))
        assert "✓ accepted 250 2.0.0" in text
        assert "⇒  QUIT" in text
        assert "(+4 lines)" in text


async def test_another_host_takes_neither_the_sandboxes_authority_nor_its_consent() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        form(pilot).host.value = "mail.example.org"
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmSend))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SecretDialog))
        # Nor its password.
        await until(pilot, lambda: "mail.example.org:8587" in painted(pilot.app.screen))
        await type_text(pilot, "secret")
        await pilot.press("enter")
        await until(pilot, lambda: bool(script.requests))
        assert script.requests[0].connection.tls.ca_file is None
        assert script.requests[0].credentials == Credentials("demo", password=Secret("secret"))


@pytest.mark.parametrize("key", ["escape", "n", "ctrl+c"])
async def test_a_send_that_is_not_confirmed_sends_nothing(key: str) -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        form(pilot).host.value = "mail.example.org"
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmSend))
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))
        await pilot.pause(0.2)
        assert not script.requests


async def test_a_refusal_shows_in_badge_and_bar() -> None:
    async with scripted(Script(rcpt=REFUSED), sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: "refused" in said(pilot))
        text = painted(log(pilot))
        assert "✗ refused 550 5.1.1 RCPT" in text
        assert "✗ 550 5.1.1 <you@example.net>" in text
        assert session(pilot).outcome.has_class("-permanent")


async def test_a_temporary_failure_is_no_refusal() -> None:
    async with scripted(Script(rcpt="451 4.7.1 Greylisted"), sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)))
        assert "! deferred 451 4.7.1 RCPT" in painted(log(pilot))
        assert session(pilot).outcome.has_class("-temporary")


async def test_a_session_that_hangs_is_cancelled_with_control_c() -> None:
    script = Script(hang_at=Stage.MAIL)
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: "MAIL" in painted(log(pilot).badge))
        await until(pilot, lambda: "^c Stop" in painted(pilot.app.screen))
        await pilot.press("f5")
        assert len(script.requests) == 1, "one session at a time"
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "cancelled" in said(pilot))
        await until(pilot, lambda: "F5 Send" in painted(pilot.app.screen).splitlines()[-1])


async def test_leaving_ends_the_session_that_runs() -> None:
    script = Script(hang_at=Stage.MAIL)
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.runs))
        await pilot.press("ctrl+q")
    assert script.runs[0].outcome is not None


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("#to", "", "To is empty"),
        ("#from", "", "From is empty"),
        ("#to", "you@@example.net", "you@@example.net"),
        ("#host", "mail example", "host"),
        ("#user", "", ""),
    ],
)
async def test_what_cannot_be_sent_is_said_at_its_field(field: str, value: str, says: str) -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        session(pilot).query_one(field, Input).value = value
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)) or isinstance(pilot.app.screen, ConfirmSend))
        if says:
            assert "Nothing was sent" in said(pilot)
            assert says.lower() in said(pilot).lower()
            assert session(pilot).query_one(field, Input).has_focus
            assert not script.requests
        else:
            assert len(script.requests) == 1


async def test_tls_follows_the_port_until_the_user_sets_it() -> None:
    async with scripted() as pilot:
        tls, port = form(pilot).tls, form(pilot).port
        await pilot.press("tab")
        assert port.has_focus
        assert tls.value == TlsMode.OPPORTUNISTIC
        await pilot.press("right")
        await until(pilot, lambda: tls.value == TlsMode.IMPLICIT)
        await pilot.press("right")
        await until(pilot, lambda: tls.value == TlsMode.STARTTLS)
        await pilot.press("2", "5", "2", "6")
        await until(pilot, lambda: tls.value == TlsMode.OPPORTUNISTIC)
        assert port.value == "2526"
        await pilot.press("tab", "home")
        await until(pilot, lambda: tls.value == TlsMode.NONE)
        await pilot.press("shift+tab", "home", "right")
        await pilot.pause()
        assert port.value == "465"
        assert tls.value == TlsMode.NONE
        assert "hangs: 465 waits for TLS" in painted(form(pilot))


async def test_a_server_fills_the_connection_rows() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f2")
        assert session(pilot).query_one(ServerList).has_focus
        await pilot.press("end", "enter")
        await until(pilot, lambda: form(pilot).port.value == "8465")
        assert form(pilot).tls.value == TlsMode.IMPLICIT
        assert form(pilot).secret.words == "typed"
        await until(pilot, lambda: "sandbox smtps · 127.0.0.1:8465" in painted(session(pilot).top))
        assert "not-so-secret" not in painted(pilot.app.screen)


async def test_at_the_relay_nobody_logs_in() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f2", "home", "down", "enter")
        await until(pilot, lambda: form(pilot).port.value == "8025")
        assert form(pilot).secret.words == "none"
        assert form(pilot).user.value == ""


async def test_80x24_shows_one_pane_at_a_time() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        assert session(pilot).message.size.height > 10
        assert log(pilot).size.height == 1
        assert not session(pilot).servers.display
        await pilot.press("f6")
        await until(pilot, lambda: log(pilot).size.height > 10)
        assert session(pilot).message.size.height == 1
        assert "you@example.net · A first message" in painted(session(pilot).message)
        await pilot.press("f6", "f6")
        await until(pilot, lambda: session(pilot).message.size.height > 10)
        await pilot.press("f5")
        await until(pilot, lambda: log(pilot).size.height > 10)


async def test_tab_into_a_closed_pane_opens_it() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await pilot.press("f6")
        await until(pilot, lambda: log(pilot).view.has_focus)
        await pilot.press("shift+tab")
        await until(pilot, lambda: session(pilot).message.size.height > 10)
        assert session(pilot).message.body.has_focus
        assert session(pilot).message.scroll_offset.y == 0


async def test_80x24_servers_come_over_the_rest_and_go_with_escape() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        servers = session(pilot).servers
        await pilot.press("f2")
        await until(pilot, lambda: servers.display and servers.list.has_focus)
        assert form(pilot).region.x == 0, "an overlay moves nothing"
        await pilot.press("escape")
        await until(pilot, lambda: not servers.display)


async def test_a_terminal_too_small_says_so() -> None:
    async with scripted(size=(50, 12)) as pilot:
        assert "Too small: 50x12" in painted(pilot.app.screen)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Connection" in painted(pilot.app.screen) or "Host" in painted(pilot.app.screen))


async def test_details_show_every_line_of_a_reply() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)))
        await pilot.press("g", *["down"] * 6, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DetailsDialog))
        await until(pilot, lambda: "250 SMTPUTF8" in painted(pilot.app.screen))
        text = painted(pilot.app.screen)
        assert "reply at EHLO-TLS" in text
        assert "250-PIPELINING" in text
        assert "inside TLS" in text
        assert "took 18 ms" in text
        await pilot.press("escape")
        await pilot.pause()
        assert log(pilot).view.has_focus


async def test_copy_takes_the_line_or_the_session() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)))
        await pilot.press("y")
        assert "221 2.0.0 Bye" in pilot.app.clipboard
        assert "QUIT" not in pilot.app.clipboard
        await pilot.press("Y")
        assert "MAIL FROM:<me@example.org>" in pilot.app.clipboard
        assert "221 2.0.0 Bye" in pilot.app.clipboard


async def test_help_lists_the_keys_that_exist() -> None:
    async with scripted() as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        text = painted(pilot.app.screen)
        assert "F5 ctrl+r" in text
        assert "Sandbox" not in text
        await pilot.press("escape")
        await pilot.pause()
        await type_text(pilot, "1")
        assert form(pilot).host.value == "1", "a digit in a field is a digit"


async def test_the_palette_finds_the_actions() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await by_palette(pilot, "send the message")
        await until(pilot, lambda: bool(script.requests))


async def test_following_stops_when_looking_back_and_resumes_at_the_end() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)))
        view = log(pilot).view
        await pilot.press("up", "up", "up")
        await until(pilot, lambda: not view.following)
        await until(pilot, lambda: "3 below" in painted(log(pilot)))
        await pilot.press("end")
        await until(pilot, lambda: view.following)
        await until(pilot, lambda: "below" not in painted(log(pilot)))


async def test_exactly_those_who_are_left_come_into_the_envelope() -> None:
    script = Script(left=("them@example.net",))
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        message = session(pilot).message
        message.to.value = "you@example.net, them@example.net"
        assert not session(pilot).check_action("only_left", ())
        await pilot.press("f5")
        await until(pilot, lambda: bool(session(pilot).check_action("only_left", ())))
        await by_palette(pilot, "put those who are left")
        assert message.envelope.recipients.value == "them@example.net"
        assert message.to.value == "you@example.net, them@example.net"
        script.left = ()
        await pilot.press("f5")
        await until(pilot, lambda: len(script.requests) == 2)
        assert [each.address for each in script.requests[1].envelope.recipients] == ["them@example.net"]


async def test_a_message_counts_for_the_daily_cap_of_its_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPTUI_DATA_DIR", str(tmp_path))
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: "Accepted" in said(pilot))
        # Without a cap nothing is counted, nor loaded to count.
        assert not (tmp_path / "shared.sqlite").exists()
        form(pilot).change({"host": "mail.example.org", "port": "587", "limits": {"per_day": "1"}})
        await until(pilot, lambda: bool(session(pilot).check_action("send", ())))
        for number in (2, 3):
            await pilot.press("f5")
            await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmSend))
            await pilot.press("y")
            await until(pilot, lambda sent=number: len(script.requests) == sent)  # type: ignore[misc]
            await until(
                pilot,
                lambda: isinstance(pilot.app.screen, SessionScreen) and bool(session(pilot).check_action("send", ())),
            )
        assert not script.requests[1].notes
        assert "more than the daily cap of 1" in script.requests[2].notes[-1]
