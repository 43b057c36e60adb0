"""A preset whose host is not known fills the form, and shows where the host has to be filled in."""

from pathlib import Path

import pytest

from smtptui.tui.connect import PresetsPicker
from smtptui.tui.connect.profile_editor import ProfileEditor
from tests.tui.connect.steps import alone, opens, sees
from tests.tui.harness import painted, type_text, until


@pytest.mark.parametrize(("preset", "host"), [("akidel", "SERVER"), ("amazon", "email-smtp.us-east-1.amazonaws.com")])
async def test_what_has_to_be_filled_in_is_shown(profiles_file: Path, preset: str, host: str) -> None:
    async with alone() as pilot:
        await pilot.press("ctrl+t")
        await opens(pilot, ProfileEditor)
        await pilot.press("f2")
        await opens(pilot, PresetsPicker)
        await type_text(pilot, preset)
        await sees(pilot, "Fill in")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ProfileEditor))
        await sees(pilot, host)
        assert "Fill in" in painted(pilot.app.screen)
