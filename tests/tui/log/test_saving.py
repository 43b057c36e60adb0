"""Saving a transcript: which form, who may read it, what is never overwritten."""

import json
from pathlib import Path

import pytest
from textual.widgets import Input

from smtptui.tui.widgets.save_dialog import SaveDialog
from tests.tui.harness import TUI, FixedSandbox, painted, said, scripted, type_text, until


async def test_saving_by_keyboard_asks_before_it_replaces(tmp_path: Path) -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)))
        path = tmp_path / "session.txt"
        path.write_text("mine")
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SaveDialog))
        assert "smtp-20261122-091200.txt" in painted(pilot.app.screen)
        await pilot.press("ctrl+u", "ctrl+k")
        await type_text(pilot, "/nonexistent/x.txt")
        await pilot.press("enter")
        await until(pilot, lambda: "Not saved: No such file or directory" in painted(pilot.app.screen))
        await pilot.press("ctrl+u", "ctrl+k")
        await type_text(pilot, str(path))
        await pilot.press("enter")
        await until(pilot, lambda: "The file exists" in painted(pilot.app.screen))
        assert path.read_text() == "mine"
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SaveDialog))
        assert "221 2.0.0 Bye" in path.read_text()


async def _save_as(pilot: TUI, path: Path) -> None:
    await pilot.press("s")
    await until(pilot, lambda: isinstance(pilot.app.screen, SaveDialog))
    pilot.app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(pilot.app.screen, SaveDialog))


async def test_the_suffix_chooses_the_form(tmp_path: Path) -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)))
        for name in ("a.jsonl", "a.HTML", "a.log"):
            await _save_as(pilot, tmp_path / name)
    assert json.loads((tmp_path / "a.jsonl").read_text().splitlines()[-1])["text"] == "221 2.0.0 Bye"
    assert (tmp_path / "a.HTML").read_text().startswith("<!doctype html")
    assert "⇐ 221 2.0.0 Bye" in (tmp_path / "a.log").read_text()


async def test_a_name_like_markup_is_shown_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a[").mkdir()
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)))
        # A closing tag that nothing opened, a style, an action for the mouse.
        for name in ("a[/red].txt", "b[bold].txt", "x[@click=app.quit]y.txt"):
            await _save_as(pilot, Path(name))
            await until(pilot, lambda name=name: name in painted(pilot.app.screen))  # type: ignore[misc]
            assert "221 2.0.0 Bye" in Path(name).read_text()
