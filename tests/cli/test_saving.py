"""``--save``: the file is made first, filled last, and private."""

import json
from pathlib import Path

import pytest

from smtptui.cli.errors import CommandError
from smtptui.cli.observing import SaveFile
from smtptui.protocol import EventKind, Stage
from smtptui.transcript import Transcript
from tests.cli.sessions import STARTED, outcome


@pytest.fixture
def transcript() -> Transcript:
    found = Transcript(started=STARTED)
    found.add(EventKind.REPLY, Stage.BANNER, "220 <b>mx</b> \x1b[31m\udcff", at=0.1, code=220)
    return found


@pytest.mark.parametrize("name", ["session.txt", "session", "session.LOG"])
def test_text_unless_the_suffix_says_otherwise(tmp_path: Path, transcript: Transcript, name: str) -> None:
    SaveFile(tmp_path / name).write(transcript, outcome())
    text = (tmp_path / name).read_text()
    assert "2026-03-04 05:06:07 UTC" in text
    assert "← 220 <b>mx</b> \\x1b[31m\\xff" in text


def test_json_lines(tmp_path: Path, transcript: Transcript) -> None:
    SaveFile(tmp_path / "s.jsonl").write(transcript, outcome())
    (line,) = (tmp_path / "s.jsonl").read_text().splitlines()
    assert json.loads(line)["stage"] == "banner"


@pytest.mark.parametrize("suffix", ["html", "htm", "HTML"])
def test_html(tmp_path: Path, transcript: Transcript, suffix: str) -> None:
    path = tmp_path / f"s.{suffix}"
    SaveFile(path).write(transcript, None)
    text = path.read_text()
    assert text.startswith("<!doctype html>")
    assert "<b>mx</b>" not in text


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path, transcript: Transcript) -> None:
    path = tmp_path / "s.txt"
    save = SaveFile(path)
    assert [each.stat().st_mode & 0o777 for each in tmp_path.iterdir()] == [0o600]
    save.write(transcript, None)
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_old_file_keeps_its_text_until_there_is_a_new_one(tmp_path: Path, transcript: Transcript) -> None:
    path = tmp_path / "s.txt"
    path.write_text("old " * 1000)
    save = SaveFile(path)
    assert path.read_text().startswith("old ")
    save.write(transcript, None)
    assert "old" not in path.read_text()


def test_without_a_session_the_old_file_stays_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_text("old")
    SaveFile(path).discard()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("s.txt", "old")]


def test_a_place_that_does_not_exist_is_73_at_once(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"--save: .*s\.txt cannot be written: No such file") as caught:
        SaveFile(tmp_path / "nowhere" / "s.txt")
    assert caught.value.code == 73


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_74(transcript: Transcript) -> None:
    with pytest.raises(CommandError, match="No space left") as caught:
        SaveFile(Path("/dev/full")).write(transcript, None)
    assert caught.value.code == 74
