"""The text in the user's editor: which one, what comes back, and that nothing is lost or left behind."""

import stat
import sys
import tempfile
from pathlib import Path

import pytest

from smtptui.tui.message.model import Format
from smtptui.tui.programs.editor import EditorError, edit, editor_command


@pytest.fixture(autouse=True)
def _private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()


def script(tmp_path: Path, code: str) -> list[str]:
    """An editor that runs this with ``path`` set to the file."""
    path = tmp_path / "editor.py"
    path.write_text(f"import os, sys\nfrom pathlib import Path\npath = Path(sys.argv[1])\n{code}\n")
    return [sys.executable, str(path)]


def left(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()]


@pytest.mark.parametrize(("form", "suffix"), [(Format.TEXT, ".txt"), (Format.MARKDOWN, ".md"), (Format.HTML, ".html")])
def test_the_text_comes_back_as_it_was_saved(tmp_path: Path, form: Format, suffix: str) -> None:
    facts = tmp_path / "facts"
    code = (
        "modes = [f'{each.stat().st_mode:o}' for each in (path, path.parent)]\n"
        f"Path({str(facts)!r}).write_text(' '.join([path.suffix, *modes]))\n"
        "path.write_bytes(path.read_bytes().upper() + b'\\r\\nmore\\n')"
    )
    assert edit("grüße", form.suffix, script(tmp_path, code)) == "GRüßE\nmore\n"
    found, file_mode, folder_mode = facts.read_text().split()
    assert found == suffix
    assert stat.S_IMODE(int(file_mode, 8)) == 0o600
    assert stat.S_IMODE(int(folder_mode, 8)) == 0o700
    assert left(tmp_path) == []


def test_a_text_that_was_not_touched_is_the_same(tmp_path: Path) -> None:
    assert edit("no line end", ".txt", script(tmp_path, "pass")) == "no line end"
    ends = script(tmp_path, "path.write_bytes(path.read_bytes() + b'\\n')")
    assert edit("no line end", ".txt", ends) == "no line end"


@pytest.mark.parametrize(
    ("code", "says", "kept"),
    [
        ("sys.exit(3)", "failed with exit code 3", False),
        ("os.kill(os.getpid(), 9)", "ended by signal 9", False),
        ("path.write_text('mine'); sys.exit(3)", "is kept in", True),
        ("path.unlink()", "left no file", False),
        ("path.write_bytes(b'ok\\n\\xff')", "no UTF-8 in line 2", True),
    ],
)
def test_a_failure_is_told_and_nothing_is_lost(tmp_path: Path, code: str, says: str, kept: bool) -> None:
    with pytest.raises(EditorError) as caught:
        edit("text", ".txt", script(tmp_path, code))
    assert says in str(caught.value)
    assert ("is kept in" in str(caught.value)) is kept
    files = left(tmp_path)
    assert bool(files) is kept
    assert not kept or str(files[0]) in str(caught.value)


def test_a_text_without_end_is_refused_with_its_size_and_kept(tmp_path: Path) -> None:
    huge = script(tmp_path, "path.open('r+b').truncate(3_000_000_000)")
    with pytest.raises(
        EditorError, match=r"message.txt is 3\.0 GB; smtptui reads at most 100 MB\. The text is as it was"
    ):
        edit("short", ".txt", huge)
    assert [path.stat().st_size for path in left(tmp_path)] == [3_000_000_000]
    (left(tmp_path)[0]).unlink()


def test_an_editor_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    nothing = tmp_path / "no-program"
    nothing.write_text("")
    with pytest.raises(EditorError, match="no-program could not be started: Permission denied"):
        edit("text", ".txt", [str(nothing)])
    assert left(tmp_path) == []


def test_which_editor_it_is() -> None:
    def there(name: str) -> str | None:
        return name if name in ("vim", "emacs", "vi") else None

    assert editor_command({"VISUAL": "vim -f", "EDITOR": "emacs"}, there) == ("vim", "-f")
    assert editor_command({"VISUAL": " ", "EDITOR": "emacs -nw"}, there) == ("emacs", "-nw")
    assert editor_command({}, there) == ("vi",)
    with pytest.raises(EditorError, match=r"\$EDITOR names code, and there is no such program"):
        editor_command({"EDITOR": "code --wait"}, there)
    with pytest.raises(EditorError, match="cannot be read as a command"):
        editor_command({"EDITOR": "vim '"}, there)
    with pytest.raises(EditorError, match="No editor is set"):
        editor_command({}, lambda name: None)
