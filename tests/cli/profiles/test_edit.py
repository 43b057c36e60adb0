"""``profiles edit NAME`` alone: the user's editor on the file, a look at it afterwards, and no text lost."""

import os
import shlex
import sys
from pathlib import Path

import pytest

from tests.cli.profiles.test_filing import BROKEN, TWO, Home
from tests.cli.running import Ended, smtptui
from tests.cli.typing_user import smtptui_in_terminal


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    found.write(TWO)
    return found


@pytest.fixture
def vi(tmp_path: Path) -> Path:
    """An editor called vi: it writes its arguments down, then does to the file what the next of its scripts says."""
    program = tmp_path / "bin" / "vi"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "here = pathlib.Path(__file__).parent\n"
        "with (here / 'called').open('a') as log:\n"
        "    print(*sys.argv[1:], file=log)\n"
        "scripts = sorted(here.glob('script*'))\n"
        "if scripts:\n"
        "    source = scripts[0].read_text()\n"
        "    scripts[0].unlink()\n"
        "    exec(source, {'path': pathlib.Path(sys.argv[-1])})\n"
    )
    program.chmod(0o755)
    return program


def script(vi: Path, number: int, source: str) -> None:
    (vi.parent / f"script{number}").write_text(source)


def calls(vi: Path) -> list[str]:
    return (vi.parent / "called").read_text().splitlines()


def edit(home: Home, vi: Path, *arguments: str) -> Ended:
    return home.run("edit", "office", *arguments, VISUAL="", EDITOR=str(vi))


def test_it_opens_where_the_profile_begins(home: Home, vi: Path) -> None:
    script(vi, 1, "path.write_text(path.read_text().replace('587', '25'))")
    done = edit(home, vi)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"Profile office is edited in {home.path}.\n"
    assert calls(vi) == [f"+4 {home.path}"]
    assert home.text == TWO.replace("587", "25")
    assert edit(home, vi).out == f"Profile office is as it was in {home.path}.\n"


def test_what_the_user_wrote_stays_and_is_said_to_be_wrong(home: Home, vi: Path) -> None:
    script(vi, 1, "path.write_text(path.read_text().replace('587', '66000'))")
    done = edit(home, vi)
    assert (done.code, done.out) == (78, "")
    assert f"{home.path} line 6: office: port: 66000 is not allowed" in done.err
    assert "What you wrote is in the file." in done.err
    assert home.text == TWO.replace("587", "66000")
    # The next time it begins where the fault is.
    script(vi, 1, "path.write_text(path.read_text().replace('66000', 'x: y: z'))")
    document = edit(home, vi, "--json").document
    assert (document["exit"], document["error"]["kind"]) == (78, "profiles")
    script(vi, 1, "path.write_text(path.read_text().replace('x: y: z', '25'))")
    assert edit(home, vi).code == 0
    assert calls(vi)[1:] == [f"+4 {home.path}", f"+6 {home.path}"]


def test_on_a_terminal_it_offers_to_edit_again(home: Home, vi: Path) -> None:
    script(vi, 1, "path.write_text(path.read_text().replace('587', 'many'))")
    script(vi, 2, "path.write_text(path.read_text().replace('many', '26'))")
    env = {"SMTPTUI_PROFILES": str(home.path), "VISUAL": str(vi), "EDITOR": "false", "TERM": "dumb"}
    done = smtptui_in_terminal("profiles", "edit", "office", answers=[("Edit again?", "\n")], env=env)
    assert done.code == 0
    assert "line 6: office: port: many is not allowed" in done.screen
    assert f"Profile office is edited in {home.path}." in done.screen
    assert calls(vi) == [f"+4 {home.path}", f"+6 {home.path}"]
    script(vi, 1, "path.write_text(path.read_text().replace('26', 'many'))")
    done = smtptui_in_terminal("profiles", "edit", "office", answers=[("Edit again?", "n\n")], env=env)
    assert done.code == 78
    assert "port: many" in home.text


def test_a_broken_file_can_be_opened_and_mended(home: Home, vi: Path) -> None:
    home.write(BROKEN + "\t: [\n")
    script(vi, 1, f"path.write_text({BROKEN!r})")
    assert edit(home, vi).code == 78
    assert calls(vi) == [f"+7 {home.path}"]


def test_an_editor_with_arguments_and_one_that_knows_no_line(home: Home, vi: Path, tmp_path: Path) -> None:
    other = tmp_path / "my editor"
    os.symlink(vi, other)
    done = home.run("edit", "office", VISUAL=f"{shlex.quote(str(other))} --wait", EDITOR="false")
    assert done.code == 0
    assert (tmp_path / "called").read_text() == f"--wait {home.path}\n"


@pytest.mark.parametrize(
    ("editor", "code", "why"),
    [
        ("/nowhere/editor", 78, "The editor /nowhere/editor cannot be started: No such file or directory."),
        ("'", 78, "EDITOR cannot be read: No closing quotation"),
        ("false", 75, "The editor false ended with 1"),
        ("", 64, "Say what to change, as with --note TEXT"),
    ],
)
def test_editors_that_do_not_work(editor: str, code: int, why: str, home: Home) -> None:
    done = home.run("edit", "office", VISUAL="", EDITOR=editor)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(f"smtptui: {why}")
    assert home.text == TWO


def test_an_unknown_name_opens_nothing(home: Home, vi: Path) -> None:
    done = home.run("edit", "offic", EDITOR=str(vi), VISUAL="")
    assert (done.code, done.err) == (64, "smtptui: There is no profile 'offic'. Did you mean office?\n")
    assert not (vi.parent / "called").exists()
    home.path.unlink()
    assert smtptui("profiles", "edit", "a", env={"SMTPTUI_PROFILES": str(home.path), "EDITOR": str(vi)}).code == 66
