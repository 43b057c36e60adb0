"""The list of servers and the file behind it."""

from pathlib import Path

import pytest

from smtptui.tui.connect.profile_editor import ProfileEditor
from smtptui.tui.connect.secret_dialog import SecretDialog
from smtptui.tui.widgets.question import Question
from tests.servers.secret_service import SecretService
from tests.tui.connect.steps import enters, opens, sees, told
from tests.tui.harness import FixedSandbox, form, painted, real, said, scripted, session, type_text, until

TWO = """\
profiles:
  one:
    host: one.example.org
    user: me
  two:
    host: two.example.org
"""


@pytest.fixture
def kept(profiles_file: Path) -> Path:
    profiles_file.parent.mkdir()
    profiles_file.write_text(TWO, "utf-8")
    return profiles_file


async def test_servers_of_the_sandbox_come_first_and_are_in_no_file(kept: Path) -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        names = [server.name for server in session(pilot).servers.servers]
        assert names == ["sandbox submission", "sandbox relay", "sandbox smtps", "one", "two"]
        await pilot.press("f2", "home", "e", "d", "c", "p")
        await pilot.pause()
        assert pilot.app.screen is session(pilot), "the sandbox is not edited"
        assert "e Edit" not in painted(pilot.app.screen).splitlines()[-1]
        await pilot.press("end")
        await until(pilot, lambda: "e Edit" in painted(pilot.app.screen).splitlines()[-1])


async def test_a_change_by_another_program_is_noticed_and_read(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "enter")
        await until(pilot, lambda: form(pilot).host.value == "one.example.org")
        kept.write_text(
            TWO.replace("one.example.org", "changed.example.org") + "  three:\n    host: three.example.org\n"
        )
        await told(pilot, "was changed by another program and read again")
        await sees(pilot, "three.example.org:25")
        await until(pilot, lambda: form(pilot).host.value == "changed.example.org")


async def test_what_was_set_in_the_rows_survives_a_change_of_their_profile(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "enter")
        await until(pilot, lambda: form(pilot).host.value == "one.example.org")
        form(pilot).user.value = "somebody else"
        kept.write_text(TWO.replace("one.example.org", "changed.example.org"))
        await told(pilot, "what you set in the rows stays")
        assert form(pilot).user.value == "somebody else"
        assert form(pilot).host.value == "one.example.org"


async def test_a_file_changed_while_editing_is_not_overwritten_and_nothing_typed_is_lost(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "e")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "note", "mine")
        other = TWO + "# theirs\n"
        kept.write_text(other)
        await pilot.press("ctrl+s")
        await opens(pilot, Question)
        await sees(pilot, "Changed meanwhile")
        assert kept.read_text() == other
        await pilot.press("r")
        await opens(pilot, ProfileEditor)
        await pilot.press("ctrl+s")
        await told(pilot, "one is kept")
        assert kept.read_text() == other.replace("user: me", "user: me\n    note: mine")


async def test_of_a_broken_file_the_good_profiles_are_shown_and_the_faults_told(profiles_file: Path) -> None:
    profiles_file.parent.mkdir()
    good = "profiles:\n  good:\n    host: good.example.org\n"
    profiles_file.write_text(f"{good}  bad:\n    port: many\n    password: hunter2\n")
    async with scripted() as pilot:
        await sees(pilot, "good.example.org:25")
        await told(pilot, "faults")
        await pilot.press("f2", "x")
        await opens(pilot, Question)
        await sees(pilot, "line 5")
        text = painted(pilot.app.screen)
        assert "line 6" in text
        assert "hunter2" not in text
        # A test has no terminal to lend, and that is said; mended elsewhere, all is well again.
        await pilot.press("f4")
        await told(pilot, "cannot be lent to an editor")
        profiles_file.write_text(good)
        await until(pilot, lambda: "x shows" not in painted(pilot.app.screen))


async def test_a_file_that_is_no_yaml_is_told_and_left_alone(profiles_file: Path) -> None:
    profiles_file.parent.mkdir()
    profiles_file.write_text("profiles: [\n")
    async with scripted() as pilot:
        await told(pilot, "fault")
        await pilot.press("f2", "a")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "name", "new")
        await enters(pilot, "host", "new.example.org")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "line" in painted(pilot.app.screen.query_one("#editor-says")))
    assert profiles_file.read_text() == "profiles: [\n"


async def test_a_test_logs_in_and_sends_nothing(kept: Path) -> None:
    async with real() as (pilot, sandbox):
        await pilot.press("f2", "home", "t")
        await until(pilot, lambda: "the login succeeded" in said(pilot))
        assert "No message was sent" in said(pilot)
        assert len(sandbox.store) == 0


async def test_at_80x24_the_list_does_not_cover_why_a_test_cannot_begin(kept: Path) -> None:
    kept.write_text(f"{TWO}    user: me\n    password_command: exit 3\n", "utf-8")
    async with scripted(size=(80, 24)) as pilot:
        await pilot.press("f2", "end", "t")
        await until(pilot, lambda: "failed with exit code" in said(pilot))
        await sees(pilot, "Nothing was sent. The password_command of profile two")


@pytest.mark.parametrize(
    ("more", "why"),
    [("", "nobody logs in"), ("    user: me\n    secret: ask\n", "its secret comes from elsewhere")],
)
async def test_a_profile_whose_secret_is_not_in_the_keyring_says_so(kept: Path, more: str, why: str) -> None:
    kept.write_text(f"profiles:\n  plain:\n    host: mail.example.org\n{more}", "utf-8")
    async with scripted() as pilot:
        await pilot.press("f2", "home", "p")
        await told(pilot, f"The keyring has nothing of plain: {why}")


async def test_the_keyring_keeps_replaces_and_forgets(
    kept: Path, secret_service: SecretService, use_keyring: None
) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "home")
        for password, word in (("first secret", "the"), ("second secret", "another")):
            await pilot.press("p")
            await opens(pilot, Question)
            await pilot.press("s")
            await opens(pilot, SecretDialog)
            await type_text(pilot, password)
            await pilot.press("enter")
            await told(pilot, f"The keyring has {word} password of me now")
            assert list(secret_service.entries().values()) == [password]
        assert "second secret" not in painted(pilot.app.screen)
        await pilot.press("p")
        await opens(pilot, Question)
        await pilot.press("f")
        await told(pilot, "The keyring forgot the password of me")
        assert secret_service.entries() == {}
    assert "secret" not in kept.read_text()
