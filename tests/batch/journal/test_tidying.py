"""Whatever a killed command leaves beside the journals is gone after the next one, and what is in use stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smtptui.batch.journal import Journal, JournalError, RunnerLock, delete_batch, tidy_folder
from tests.batch.journal.making import create

KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from tests.batch.journal.making import create
from smtptui.batch.journal import RunnerLock, delete_batch

what, folder = sys.argv[1], Path(sys.argv[2])
EVENTS = ("open", "os.rename", "os.remove", "os.link", "os.truncate", "sqlite3.connect")


def act(path):
    if what == "create":
        create(path, 20)
    else:
        with RunnerLock(path, pid=1, host="here"):
            delete_batch(path)


def killed(number):
    place = folder / str(number)
    place.mkdir()
    path = place / "june.sqlite"
    if what == "delete":
        create(path, 20)
        (place / "june.sqlite-wal").write_bytes(b"user1@example.test" * 100)
    if (child := os.fork()) == 0:
        seen = 0

        def hook(event, arguments):
            nonlocal seen
            if event in EVENTS and "june" in str(arguments[0]):
                seen += 1
                if seen > number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            act(path)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


number = 0
while killed(number) == -signal.SIGKILL:
    number += 1
"""


def killed_at_every_step(what: str, folder: Path) -> list[Path]:
    """A folder for each step in the file system at which the process was killed; in the last one it was not."""
    subprocess.run([sys.executable, "-c", KILLED, what, str(folder)], check=True, cwd=os.getcwd())
    return [folder / str(number) for number in range(len(os.listdir(folder)))]


def test_a_batch_whose_deleting_was_killed_is_untouched_or_gone(tmp_path: Path) -> None:
    places = killed_at_every_step("delete", tmp_path)
    assert len(places) > 5
    untouched = 0
    for place in places:
        path = place / "june.sqlite"
        if path.exists():
            # Not even its log is shorter: half a journal would send again what it has forgotten.
            assert (place / "june.sqlite-wal").stat().st_size == 1800
            untouched += 1
            continue
        tidy_folder(place)
        assert os.listdir(place) == []
    assert 0 < untouched < len(places)


def test_a_batch_whose_making_was_killed_is_whole_or_not_there(tmp_path: Path) -> None:
    places = killed_at_every_step("create", tmp_path)
    assert len(places) > 5
    for place in places:
        path = place / "june.sqlite"
        whole = path.exists()
        tidy_folder(place)
        assert {each.name for each in place.iterdir()} <= {"june.sqlite", "june.lock"}
        if whole:
            with Journal.open(path, readonly=True) as journal:
                assert journal.tally().total == 20
        else:
            assert os.listdir(place) == []
            create(path, 3)


def test_the_next_batch_of_any_name_tidies_up(tmp_path: Path) -> None:
    for name in (".june.sqlite.new", ".june.sqlite.new-journal", ".may.sqlite.deleted", "may.sqlite-wal", "may.lock"):
        (tmp_path / name).write_bytes(b"user1@example.test")
    kept = [".hidden", "april.sqlite-wal", ".june.sqlite.newer", "notes.txt"]
    for name in kept:
        (tmp_path / name).write_bytes(b"x")
    create(tmp_path / "next.sqlite", 1)
    assert sorted(os.listdir(tmp_path)) == sorted([*kept, "next.sqlite", "next.lock"])


def test_what_another_process_is_making_or_deleting_stays(tmp_path: Path) -> None:
    path = tmp_path / "june.sqlite"
    left = [".june.sqlite.new", ".june.sqlite.deleted", "june.sqlite-wal"]
    for name in left:
        (tmp_path / name).write_bytes(b"x")
    with RunnerLock(path, pid=1, host="here"):
        tidy_folder(tmp_path)
        assert sorted(os.listdir(tmp_path)) == sorted([*left, "june.lock"])
    tidy_folder(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    folder = tmp_path / "batches"
    folder.mkdir()
    for name in (".june.sqlite.new", ".may.sqlite.deleted", "may.sqlite-wal"):
        (folder / name).symlink_to(precious)
    tidy_folder(folder)
    assert (os.listdir(folder), precious.read_bytes()) == ([], b"precious")
    (folder / "april.sqlite").symlink_to(create(tmp_path / "elsewhere.sqlite"))
    with pytest.raises(JournalError, match="is a symbolic link, and nothing was deleted"):
        delete_batch(folder / "april.sqlite")
    with Journal.open(tmp_path / "elsewhere.sqlite", readonly=True) as journal:
        assert journal.tally().total == 3


def test_a_folder_that_is_not_there_or_not_one_is_no_trouble(tmp_path: Path) -> None:
    tidy_folder(tmp_path / "none")
    (tmp_path / "file").write_bytes(b"")
    tidy_folder(tmp_path / "file")
