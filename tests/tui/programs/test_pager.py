"""Which pager is taken, and a real one in a real terminal: it gets the whole transcript in a private file."""

import stat
from pathlib import Path

import pytest

from smtptui.tui.programs.pager import PagerError, pager_command
from tests.bench.terminal import run_in_terminal


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


def test_a_pager_gets_the_terminal_and_a_file_that_nobody_else_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, program = tmp_path / "result", tmp_path / "pager"
    # test -t: the pager has a terminal to itself.
    program.write_text(
        f'#!/bin/sh\ntest -t 0 && test -t 1 && ls -l "$2" | cut -c1-10 > {result} && cat "$2" >> {result}\n'
    )
    program.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PAGER", f"{program} --now")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run_in_terminal(["-m", "tests.tui.programs.lending"], seconds=60)
    mode, head, *lines = result.read_text().splitlines()
    assert mode == "-rw-------"
    assert head.startswith("# SMTP session of 2026-11-22")
    assert lines[-1].endswith("⇐ 221 2.0.0 Bye  [18 ms]")
    assert {path.name for path in tmp_path.iterdir()} == {"result", "pager"}, "the file is gone again"
