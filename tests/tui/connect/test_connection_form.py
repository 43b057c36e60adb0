"""The connection rows: an unsaved profile."""

from pathlib import Path

import pytest

from smtptui.protocol import TlsMode
from smtptui.tui.connect.presets_picker import PresetsPicker
from smtptui.tui.connect.profile_editor import ProfileEditor
from smtptui.tui.connect.secret_dialog import SecretDialog
from smtptui.tui.widgets.question import Question
from tests.tui.connect.steps import enters, opens, sees, told
from tests.tui.harness import FixedSandbox, form, painted, said, scripted, session, type_text, until

RELAY = """\
profiles:
  relay:
    host: mail.example.org
    port: 587
    user: me
    ehlo: laptop.example   # as the firewall knows it
    limits:
      per_minute: 30
"""


@pytest.fixture
def kept(profiles_file: Path) -> Path:
    profiles_file.parent.mkdir()
    profiles_file.write_text(RELAY, "utf-8")
    return profiles_file


async def test_a_profile_fills_the_rows_and_what_has_no_row_is_used_too(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "enter")
        await until(pilot, lambda: form(pilot).host.value == "mail.example.org")
        assert form(pilot).connection().ehlo_name == "laptop.example"
        assert form(pilot).profile().limits.per_minute == 30
        assert form(pilot).secret.words == "keyring"
        await sees(pilot, "relay · mail.example.org:587")


async def test_rows_that_differ_say_so_and_can_be_reverted_or_saved(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "enter")
        await until(pilot, lambda: form(pilot).host.value == "mail.example.org")
        await pilot.press("f2", "escape", "tab", "home", "right")
        await sees(pilot, "relay • · mail.example.org:465")
        assert form(pilot).tls.value == TlsMode.IMPLICIT
        await form(pilot).run_action("revert")
        await sees(pilot, "relay · mail.example.org:587")
        assert kept.read_text() == RELAY

        await pilot.press("home", "right", "ctrl+s")
        await opens(pilot, Question)
        await pilot.press("c")
        await told(pilot, "relay is kept")
        await sees(pilot, "relay · mail.example.org:465")
        assert kept.read_text() == RELAY.replace("587", "465")


async def test_tls_is_given_back_to_the_port_with_backspace() -> None:
    async with scripted() as pilot:
        await pilot.press("tab", "end", "left", "tab", "home")
        await until(pilot, lambda: "TLS•" in painted(form(pilot)))
        assert form(pilot).tls.value == TlsMode.NONE
        await pilot.press("backspace")
        await until(pilot, lambda: form(pilot).tls.value == TlsMode.STARTTLS)
        assert "TLS•" not in painted(form(pilot))
        await pilot.press("shift+tab", "home", "right")
        await until(pilot, lambda: form(pilot).tls.value == TlsMode.IMPLICIT)


@pytest.mark.parametrize(
    ("typed", "host", "port", "tls"),
    [
        ("mail.example.org:465", "mail.example.org", "465", TlsMode.IMPLICIT),
        ("mail.example.org:39999", "mail.example.org", "39999", TlsMode.OPPORTUNISTIC),
        ("[::1]:587", "::1", "587", TlsMode.STARTTLS),
        ("::1", "::1", "25", TlsMode.OPPORTUNISTIC),
        ("mail.example.org:smtp", "mail.example.org:smtp", "25", TlsMode.OPPORTUNISTIC),
    ],
)
@pytest.mark.parametrize("key", ["enter", "f5"])
async def test_a_port_typed_after_the_host_goes_to_the_port(
    typed: str, host: str, port: str, tls: TlsMode, key: str
) -> None:
    async with scripted() as pilot:
        form(pilot).host.focus()
        form(pilot).host.value = typed
        await pilot.press(key)
        await until(pilot, lambda: form(pilot).host.value == host)
        await until(pilot, lambda: form(pilot).port.value == port)
        await until(pilot, lambda: form(pilot).tls.value == tls)


async def test_details_are_set_without_a_profile() -> None:
    async with scripted() as pilot:
        await type_text(pilot, "mail.example.org")
        await pilot.press("ctrl+t")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "ca_file", "/etc/ca.pem")
        await enters(pilot, "source", "192.0.2.7")
        await enters(pilot, "sni", "mx.example.org")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: form(pilot).connection().source == "192.0.2.7")
        connection = form(pilot).connection()
        assert connection.host == "mail.example.org"
        assert connection.tls.ca_file == Path("/etc/ca.pem")
        assert connection.tls.sni == "mx.example.org"


async def test_a_secret_is_typed_for_the_sitting_and_never_shown() -> None:
    async with scripted() as pilot:
        await type_text(pilot, "mail.example.org")
        form(pilot).user.focus()
        await type_text(pilot, "me")
        await until(pilot, lambda: form(pilot).secret.words == "asks")
        await pilot.press("tab", "enter")
        await opens(pilot, Question)
        await pilot.press("t")
        await opens(pilot, SecretDialog)
        await type_text(pilot, "hunter2")
        await pilot.press("enter")
        await until(pilot, lambda: form(pilot).secret.words == "typed")
        assert "hunter2" not in painted(pilot.app.screen)
        assert "hunter2" not in repr(form(pilot).snapshot())
        # It belongs to this server.
        form(pilot).host.value = "elsewhere.example.org"
        await until(pilot, lambda: form(pilot).secret.words == "asks")


async def test_a_snapshot_brings_the_rows_back(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "enter")
        await until(pilot, lambda: form(pilot).host.value == "mail.example.org")
        form(pilot).user.value = "somebody"
        await until(pilot, lambda: "relay •" in painted(session(pilot).top))
        before, values = form(pilot).snapshot(), form(pilot).values()
    async with scripted() as pilot:
        form(pilot).restore(before)
        await sees(pilot, "relay • · mail.example.org:587")
        assert form(pilot).values() == values
        assert form(pilot).snapshot() == before


@pytest.mark.parametrize(
    "garbage",
    [
        {},
        {"values": None},
        {"values": {"host": 7}},
        {"values": {"host": ["x"], "port": "many", "auth": "NOPE", "tls": "maybe"}},
        {"values": {"port": "99999", "user": "me"}},
        {"values": {"host": "two words", "limits": "none", "nonsense": "x"}},
        {"profile": {"a": 1}, "values": {"host": "h", "limits": {"per_day": "x"}, "name": "other"}},
        {"values": {"host": "h", "socket": "/s", "client_key": "k", "fingerprint": "zz"}},
        {"values": {"verify": True, 3: 4}},
    ],
)
async def test_restoring_takes_what_makes_sense_and_leaves_the_rest(garbage: dict[str, object]) -> None:
    async with scripted() as pilot:
        form(pilot).restore(garbage)
        await pilot.pause()
        # Whatever came in, the rows can be used.
        form(pilot).profile()
        assert form(pilot).label


async def test_the_sandbox_leaves_no_trace_in_a_snapshot() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        assert form(pilot).own is not None
        assert form(pilot).snapshot() == {}


@pytest.mark.parametrize(
    ("address", "host", "says"),
    [
        ("me@gmail.com", "smtp.gmail.com", "app password"),
        ("me@example.org", "mail.example.org", "is a guess"),
    ],
)
async def test_an_address_is_enough_to_begin_with(address: str, host: str, says: str) -> None:
    async with scripted() as pilot:
        session(pilot).begin_with_address(address)
        await until(pilot, lambda: form(pilot).host.value == host)
        assert form(pilot).user.value == address
        assert says in said(pilot)


async def test_rows_filled_over_by_a_slip_come_back(kept: Path) -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        form(pilot).host.value = "typed.example.org"
        form(pilot).user.value = "somebody"
        await pilot.press("f2", "end", "enter")
        await until(pilot, lambda: form(pilot).host.value == "mail.example.org")
        await form(pilot).run_action("former")
        await until(pilot, lambda: form(pilot).host.value == "typed.example.org")
        assert form(pilot).user.value == "somebody"
        assert "relay" not in form(pilot).label
        await form(pilot).run_action("former")
        await until(pilot, lambda: form(pilot).label == "relay · mail.example.org:587")


async def test_a_relative_path_is_kept_as_what_it_means_now(profiles_file: Path) -> None:
    async with scripted() as pilot:
        form(pilot).fill_values({"host": "mail.example.org", "ca_file": "ca.pem"})
        await pilot.press("f2", "escape", "ctrl+s")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "name", "new")
        await pilot.press("ctrl+s")
        await told(pilot, "new is kept")
    assert f"ca_file: {Path('ca.pem').absolute()}\n" in profiles_file.read_text()


@pytest.mark.parametrize(("preset", "host"), [("gmail", "smtp.gmail.com"), ("mailpit", "localhost")])
async def test_a_preset_becomes_a_profile_with_its_advice(profiles_file: Path, preset: str, host: str) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "a")
        await opens(pilot, ProfileEditor)
        await pilot.press("f2")
        await opens(pilot, PresetsPicker)
        await type_text(pilot, preset)
        await until(pilot, lambda: host in painted(pilot.app.screen))
        await pilot.press("enter")
        await opens(pilot, ProfileEditor)
        await until(pilot, lambda: host in painted(pilot.app.screen))
        await pilot.press("ctrl+s")
        await told(pilot, "is kept")
    assert f"host: {host}\n" in profiles_file.read_text()


async def test_the_port_of_a_preset_is_chosen_and_the_user_known_from_the_sender(profiles_file: Path) -> None:
    async with scripted() as pilot:
        session(pilot).message.sender.value = "Me <me@gmail.com>"
        await pilot.press("f2", "n")
        await opens(pilot, PresetsPicker)
        await type_text(pilot, "gmail")
        await until(pilot, lambda: "587 starttls" in painted(pilot.app.screen))
        await pilot.press("tab", "right", "enter")
        await until(pilot, lambda: form(pilot).host.value == "smtp.gmail.com")
        assert form(pilot).port.value == "587"
        assert form(pilot).tls.value == TlsMode.STARTTLS
        assert form(pilot).user.value == "me@gmail.com"
