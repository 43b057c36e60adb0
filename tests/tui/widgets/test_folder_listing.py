"""What is in a folder, and what a half-typed path may mean."""

import threading
from pathlib import Path

import pytest

from smtptui.tui.widgets.folder_listing import completed, matching, read_folder, taken_apart


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Report.pdf", "readme", "real", ".hidden"):
        (tmp_path / name).write_bytes(b"x" * len(name))
    (tmp_path / "Zoo").mkdir()
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    return tmp_path


def names(folder: Path, beginning: str = "", *, hidden: bool = False) -> list[str]:
    return [entry.name for entry in matching(read_folder(folder, threading.Event()), beginning, hidden=hidden)]


def test_folders_come_first_and_hidden_files_only_when_wanted(folder: Path) -> None:
    assert names(folder) == ["Zoo", "broken", "readme", "real", "Report.pdf"]
    assert names(folder, hidden=True)[1] == ".hidden"
    assert names(folder, ".h") == [".hidden"]
    assert names(folder, "RE") == ["readme", "real", "Report.pdf"]


def test_sizes_are_those_of_the_files(folder: Path) -> None:
    sizes = {entry.name: entry.size for entry in read_folder(folder, threading.Event())}
    assert (sizes["Report.pdf"], sizes["Zoo"], sizes["broken"]) == (10, None, None)


def test_reading_ends_when_it_is_not_wanted_any_more(folder: Path) -> None:
    stop = threading.Event()
    stop.set()
    assert read_folder(folder, stop) == []


@pytest.mark.parametrize(
    ("beginning", "text"),
    [("r", "r"), ("rea", "rea"), ("read", "readme"), ("z", "Zoo/"), ("x", "x"), ("Rep", "Report.pdf")],
)
def test_completion_goes_as_far_as_the_names_agree(folder: Path, beginning: str, text: str) -> None:
    entries = matching(read_folder(folder, threading.Event()), beginning, hidden=False)
    # "r" stays, since one of the names begins with a capital.
    assert completed(entries, beginning) == text


def test_a_path_is_taken_apart_from_where_one_is() -> None:
    home, here = Path.home(), Path("/some/where")
    assert taken_apart("ab", here) == (here, "ab")
    assert taken_apart("/etc/ho", here) == (Path("/etc"), "ho")
    assert taken_apart("/ho", here) == (Path("/"), "ho")
    assert taken_apart("~/x", here) == (home, "x")
    assert taken_apart("~nobody-of-that-name/x", here) == (here / "~nobody-of-that-name", "x")
    assert taken_apart("../x", here) == (Path("/some"), "x")
    assert taken_apart("sub/", here) == (here / "sub", "")
