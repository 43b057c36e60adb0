"""Temporary folders are for the user alone, and those of killed commands are removed by the next one."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from smtptui.config import ScratchFolder, write_scratch


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_it_is_private_and_gone_at_the_end(tmp_path: Path) -> None:
    with ScratchFolder("pager") as folder:
        write_scratch(folder.path / "file", [b"x", b"y"])
        assert (folder.path / "file").read_bytes() == b"xy"
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder.path / "file").stat().st_mode) == 0o600
        with pytest.raises(FileExistsError):
            write_scratch(folder.path / "file", [b"z"])
    assert os.listdir(tmp_path) == []


def test_leftovers_of_the_same_purpose_are_removed_but_no_folder_in_use_and_nothing_else(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    for name in ("smtptui-pager-abcdefgh", "smtptui-message-abcdefgh", "smtptui-pager-notours", "pager-abcdefgh"):
        (tmp_path / name).mkdir(mode=0o700)
        (tmp_path / name / "text").write_text("x")
    (tmp_path / "smtptui-pager-linklink").symlink_to(precious)
    with ScratchFolder("pager") as first, ScratchFolder("pager") as second:
        assert first.path.exists()
        assert second.path.exists()
    assert sorted(os.listdir(tmp_path)) == [
        "pager-abcdefgh",
        "precious",
        "smtptui-message-abcdefgh",
        "smtptui-pager-linklink",
        "smtptui-pager-notours",
    ]
