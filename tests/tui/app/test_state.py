"""The state file: what is there comes back; whatever else is there is no reason not to start."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtptui.tui.app.memory import Memory
from smtptui.tui.app.state import SIZE_LIMIT, StateFile

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=6), JSON, max_size=4))
def test_what_is_written_comes_back(tmp_path: Path, form: dict[str, object]) -> None:
    path = tmp_path / "data" / "state.json"
    StateFile(path).write({"form": form})
    file = StateFile(path)
    assert file.read() == {"form": form}
    assert not file.trouble
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_no_file_is_no_trouble(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    assert file.read() is None
    assert not file.trouble
    assert Memory(file).fresh


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_a_sentence_and_is_replaced(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(data)
    memory = Memory(StateFile(path))
    assert not memory.recall("form")
    assert "damaged or not smtptui's" in memory.lost
    assert not memory.fresh, "somebody was here before"
    memory.note("form", {"a": "b"})
    memory.close()
    assert Memory(StateFile(path)).recall("form") == {"a": "b"}


@pytest.mark.parametrize(
    "data",
    [b"[" * 100_000, b'{"format": 1, "form": {"a": "' + b"x" * SIZE_LIMIT + b'"}}', b'{"format": 2, "form": {}}'],
    ids=["deep", "huge", "newer"],
)
def test_deep_huge_and_foreign_files_are_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(data)
    assert "the last form is lost" in Memory(StateFile(path)).lost


def test_a_pipe_or_a_directory_does_not_hold_the_app(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "damaged" in Memory(StateFile(tmp_path / "pipe")).lost
    assert "cannot be read" in Memory(StateFile(tmp_path)).lost


def test_two_apps_write_their_own_sections_and_spoil_none(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    one, other = Memory(StateFile(path)), Memory(StateFile(path))
    one.note("form", {"to": "a@example.org"})
    one.close()
    other.note("theme", {"name": "nord"})
    other.close()
    assert StateFile(path).read() == {"form": {"to": "a@example.org"}, "theme": {"name": "nord"}}

    def write(name: str) -> None:
        file = StateFile(path)
        for number in range(20):
            file.write({name: {"number": number}})

    threads = [threading.Thread(target=write, args=(name,)) for name in ("form", "theme")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The last one to write may not have seen the other's last; the file is whole in any case.
    file = StateFile(path)
    assert file.read() is not None
    assert not file.trouble


async def test_nothing_is_written_that_has_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    memory = Memory(StateFile(path))
    memory.note("form", {"to": "x"})
    assert await memory.write() == ""
    before = path.stat()
    memory.note("form", {"to": "x"})
    assert await memory.write() == ""
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    memory.note("form", {"to": "y"})
    memory.note("form", {"to": "x"})
    memory.close()
    assert Memory(StateFile(path)).recall("form") == {"to": "x"}


async def test_a_place_that_cannot_be_written_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no directory")
    memory = Memory(StateFile(blocked / "state.json"))
    memory.note("form", {"to": "x"})
    assert "The form will not be remembered" in await memory.write()
    memory.note("form", {"to": "y"})
    assert await memory.write() == ""
    memory.close()
    assert capsys.readouterr().err == ""


def test_at_the_end_it_is_told_on_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no directory")
    memory = Memory(StateFile(blocked / "state.json"))
    memory.note("form", {"to": "x"})
    memory.close()
    assert capsys.readouterr().err.startswith("smtptui: The form will not be remembered")


def test_a_form_too_large_is_told_and_the_old_one_stays(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    file.write({"form": {"body": "small"}})
    file.write({"form": {"body": "x" * SIZE_LIMIT}})
    assert "too large" in file.trouble
    assert file.read() == {"form": {"body": "small"}}
