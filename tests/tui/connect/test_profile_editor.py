"""The profile editor: nothing is lost by a slip, and all that is wrong is said at once."""

from pathlib import Path

import pytest

from smtptui.tui.connect.profile_editor import ProfileEditor
from smtptui.tui.widgets.question import Question
from tests.tui.connect.steps import enters, goes_to, opens, sees, told
from tests.tui.harness import painted, scripted, session, type_text, until

FILE = """\
profiles:
  relay:
    host: mail.example.org
    verify: false
    color: pink
    limits:
      per_day: 500
"""


@pytest.fixture
def kept(profiles_file: Path) -> Path:
    profiles_file.parent.mkdir()
    profiles_file.write_text(FILE, "utf-8")
    return profiles_file


async def test_escape_leaves_at_once_where_nothing_was_changed(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "e")
        await opens(pilot, ProfileEditor)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is session(pilot))


async def test_escape_asks_before_changes_are_lost(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "e")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "note", "important")
        await pilot.press("escape")
        await opens(pilot, Question)
        await pilot.press("escape")
        await opens(pilot, ProfileEditor)
        assert "important" in painted(pilot.app.screen)
        await pilot.press("escape")
        await opens(pilot, Question)
        await pilot.press("d")
        await until(pilot, lambda: pilot.app.screen is session(pilot))
        assert kept.read_text() == FILE
        await pilot.press("e")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "note", "important")
        await pilot.press("escape")
        await opens(pilot, Question)
        await pilot.press("s")
        await told(pilot, "relay is kept")
        assert "    note: important\n" in kept.read_text()


async def test_choices_are_changed_and_given_back_to_their_default(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "e")
        await opens(pilot, ProfileEditor)
        await goes_to(pilot, "tls")
        await pilot.press("end")
        await goes_to(pilot, "verify")
        await pilot.press("right")
        await enters(pilot, "limits.per_day", "")
        await enters(pilot, "limits.per_minute", "30")
        await pilot.press("ctrl+s")
        await told(pilot, "relay is kept")
    text = kept.read_text()
    assert "tls: implicit" in text
    assert "verify" not in text
    assert "per_day" not in text
    assert "per_minute: 30" in text
    assert "color: pink" in text


async def test_a_field_that_was_left_wrong_says_so_and_the_focus_goes_to_the_first(kept: Path) -> None:
    async with scripted() as pilot:
        await pilot.press("f2", "e")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "timeout", "soon")
        await enters(pilot, "port", "0")
        await pilot.press("tab")
        await sees(pilot, "allowed: a whole number from 1 to 65535")
        await pilot.press("ctrl+s")
        await sees(pilot, "2 fields to mend")
        editor = pilot.app.screen
        assert isinstance(editor, ProfileEditor)
        assert editor.rows["port"].control.has_focus
        await pilot.press("home", "shift+end", "delete")
        await type_text(pilot, "25")
        await sees(pilot, "1 field to mend")
        assert kept.read_text() == FILE
