"""Which pager is taken, and a real one in a real terminal: it gets the whole transcript in a private file."""

import stat
from pathlib import Path

import pytest

from smtptui.tui.log.pager import PagerError, pager_command


def _programs(directory: Path, *names: str) -> str:
    directory.mkdir(exist_ok=True)
    for name in names:
        (directory / name).write_text("#!/bin/sh\n")
        (directory / name).chmod(stat.S_IRWXU)
    return str(directory)


@pytest.mark.parametrize(
    ("pager", "installed", "command"),
    [
        ("most -s", ("most", "less"), ["most", "-s"]),
        ('"my pager" -x', ("my pager",), ["my pager", "-x"]),
        ("", ("more", "less"), ["less"]),
        ("  ", ("more",), ["more"]),
    ],
)
def test_the_users_own_then_less_then_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pager: str, installed: tuple[str, ...], command: list[str]
) -> None:
    monkeypatch.setenv("PATH", _programs(tmp_path / "bin", *installed))
    assert pager_command({"PAGER": pager}) == command


@pytest.mark.parametrize(
    ("pager", "says"),
    [("", "There is no pager"), ("most", r"\$PAGER names most"), ('most "', r"\$PAGER cannot be read")],
)
def test_without_one_a_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pager: str, says: str
) -> None:
    monkeypatch.setenv("PATH", _programs(tmp_path / "bin"))
    with pytest.raises(PagerError, match=says):
        pager_command({"PAGER": pager})
