"""Saving a transcript: which form, who may read it, what is never overwritten."""

import json
import stat
from pathlib import Path

import pytest

from smtptui.protocol import EventKind, Stage
from smtptui.session import Transcript
from smtptui.tui.save_dialog import SaveDialog
from smtptui.tui.saving import rendered, write_private
from tests.tui.fake_run import STARTED
from tests.tui.harness import FixedSandbox, painted, said, scripted, type_text, until


@pytest.fixture
def transcript() -> Transcript:
    transcript = Transcript(started=STARTED)
    transcript.add(EventKind.COMMAND, Stage.EHLO, "EHLO laptop.example", at=0.1)
    return transcript


def test_the_suffix_chooses_the_form(transcript: Transcript) -> None:
    assert json.loads(rendered(transcript, None, Path("a.jsonl")))["text"] == "EHLO laptop.example"
    assert rendered(transcript, None, Path("a.HTML")).lstrip().lower().startswith("<!doctype html")
    assert "→ EHLO laptop.example" in rendered(transcript, None, Path("a.log"))


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_private(path, "ä\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == "ä\n".encode()


def test_a_file_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("mine")
    path.chmod(0o644)
    with pytest.raises(FileExistsError):
        write_private(path, "new")
    assert path.read_text() == "mine"
    write_private(path, "new", overwrite=True)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(OSError, match="link"):
        write_private(link, "new")
    write_private(link, "new", overwrite=True)
    assert target.read_text() == "mine"


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
