"""An older file survives: the new one is written beside it and renamed, through the user's own links."""

import contextlib
import fcntl
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtptui.config import Replacement, WriteError

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for two users")
NOBODY = 65534
LEFT = "0123456789abcdef"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write(
    path: Path, data: bytes = b"new", *, patient: bool = True, regular: bool = False, overwrite: bool = True
) -> None:
    with Replacement(path, patient=patient, regular=regular, overwrite=overwrite) as file:
        file.write(data)


def refusal(path: Path, *, patient: bool = True, regular: bool = False) -> str:
    with pytest.raises(WriteError) as error:
        write(path, patient=patient, regular=regular)
    return str(error.value)


@pytest.mark.parametrize("before", [0o600, 0o640, 0o644, 0o666, 0o755])
def test_an_existing_file_keeps_its_mode_and_a_new_one_is_private(tmp_path: Path, before: int) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"old")
    old.chmod(before)
    write(old)
    write(new)
    assert (mode(old), mode(new), old.read_bytes()) == (before, 0o600, b"new")
    assert sorted(os.listdir(tmp_path)) == ["new", "old"]


def test_the_old_content_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    file = Replacement(path)
    file.write(b"x" * 1_000_000)
    assert path.read_bytes() == b"old"
    file.discard()
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"old", ["file"])


def test_links_of_the_user_stay_through_several_and_in_folders(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "real" / "file").write_bytes(b"old")
    (tmp_path / "second").symlink_to(tmp_path / "folder" / "file")
    (tmp_path / "first").symlink_to("folder/../second")
    write(tmp_path / "first")
    assert (tmp_path / "real" / "file").read_bytes() == b"new"
    assert (tmp_path / "first").is_symlink()
    assert (tmp_path / "second").is_symlink()
    assert os.listdir(tmp_path / "real") == ["file"]


def test_a_link_to_nothing_makes_what_it_names_and_a_loop_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("later")
    write(tmp_path / "link")
    assert (tmp_path / "later").read_bytes() == b"new"
    (tmp_path / "loop").symlink_to("loop")
    assert "Too many levels of symbolic links" in refusal(tmp_path / "loop")


def test_another_hard_link_keeps_the_old_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    os.link(tmp_path / "a", tmp_path / "b")
    write(tmp_path / "a")
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()) == (b"new", b"old")


def test_a_directory_is_a_sentence(tmp_path: Path) -> None:
    assert "it is a directory; name a file in it" in refusal(tmp_path)
    assert "No such file or directory" in refusal(tmp_path / "none" / "file")


def test_a_pipe_is_written_in_place(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "no program reads from it" in refusal(pipe, patient=False)
    assert "not a regular file" in refusal(pipe, regular=True)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe, b"through")
    reader.join()
    assert read == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_devices_and_open_files_are_written_in_place(tmp_path: Path) -> None:
    write(Path("/dev/null"))
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    reading, writing = os.pipe()
    with open(reading, "rb") as end:
        with open(writing, "wb"):
            # As a shell's process substitution, also by way of the user's own link.
            (tmp_path / "link").symlink_to(f"/dev/fd/{writing}")
            write(Path(f"/dev/fd/{writing}"), b"one ")
            write(tmp_path / "link", b"two ")
            if Path("/proc/self/fd").exists():
                write(Path(f"/proc/self/fd/{writing}"), b"three")
        assert end.read() in (b"one two three", b"one two ")
    assert "Bad file descriptor" in refusal(Path("/dev/fd/987"))


def test_an_open_regular_file_is_added_to(tmp_path: Path) -> None:
    """As “{ echo first; command --output /dev/stdout; } > file”."""
    path = tmp_path / "file"
    with path.open("wb", buffering=0) as file:
        file.write(b"first ")
        write(Path(f"/dev/fd/{file.fileno()}"), b"second ")
        file.write(b"third")
    assert path.read_bytes() == b"first second third"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_device_is_a_sentence() -> None:
    assert "No space left on device" in refusal(Path("/dev/full"))


def test_without_overwriting_a_file_that_is_there_stays_also_one_that_came_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        Replacement(path, overwrite=False)
    (tmp_path / "link").symlink_to("nothing")
    with pytest.raises(FileExistsError):
        Replacement(tmp_path / "link", overwrite=False)
    path.unlink()
    file = Replacement(path, overwrite=False)
    file.write(b"ours")
    path.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        file.commit()
    assert (path.read_bytes(), sorted(os.listdir(tmp_path))) == (b"theirs", ["file", "link"])
    path.unlink()
    write(path, overwrite=False)
    assert (path.read_bytes(), mode(path), sorted(os.listdir(tmp_path))) == (b"new", 0o600, ["file", "link"])


def test_leftovers_of_killed_commands_are_removed_and_nothing_else(tmp_path: Path) -> None:
    ours = [f".other.csv.{LEFT}.smtptui", f".file.{LEFT}", f".file.{LEFT[:8]}.part"]
    theirs = [
        f".other.csv.{LEFT}",
        f".other.csv.{LEFT[:8]}.part",
        f"file.{LEFT}.smtptui",
        f".file.{LEFT[:15]}g.smtptui",
        f".filex.{LEFT}",
        ".file.swp",
    ]
    for name in (*ours, *theirs):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / f".link.{LEFT}.smtptui").symlink_to(tmp_path / ".file.swp")
    os.mkfifo(tmp_path / f".pipe.{LEFT}.smtptui")
    (tmp_path / f".folder.{LEFT}.smtptui").mkdir()
    theirs += [f".link.{LEFT}.smtptui", f".pipe.{LEFT}.smtptui", f".folder.{LEFT}.smtptui"]
    write(tmp_path / "file")
    assert sorted(os.listdir(tmp_path)) == sorted(["file", *theirs])
    assert (tmp_path / ".file.swp").read_bytes() == b"x"


def test_what_another_process_is_writing_is_no_leftover(tmp_path: Path) -> None:
    with Replacement(tmp_path / "slow") as slow:
        write(tmp_path / "quick")
        slow.write(b"slow")
    assert (tmp_path / "slow").read_bytes() == b"slow"
    held = tmp_path / f".held.{LEFT}.smtptui"
    with held.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write(tmp_path / "quick")
        assert held.exists()
    write(tmp_path / "quick")
    assert not held.exists()


@ROOT
def test_what_another_user_planted_in_a_shared_folder_is_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    for name, target in (("out.csv", victim), ("folder", tmp_path), ("dangling", tmp_path / "made")):
        (shared / name).symlink_to(target)
        os.chown(shared / name, NOBODY, NOBODY, follow_symlinks=False)
    (shared / "plain").write_bytes(b"theirs")
    os.mkfifo(shared / "pipe")
    for name in ("plain", "pipe"):
        os.chown(shared / name, NOBODY, NOBODY)
    (tmp_path / "mine").symlink_to(shared / "out.csv")
    for name in ("shared/out.csv", "shared/dangling", "shared/folder/victim", "mine"):
        assert "is a symbolic link that the user nobody made" in refusal(tmp_path / name), name
    for name in ("plain", "pipe"):
        assert "it belongs to the user nobody" in refusal(shared / name, patient=False)
    assert (victim.read_bytes(), (shared / "plain").read_bytes()) == (b"precious", b"theirs")
    assert not (tmp_path / "made").exists()
    # The user's own link in the same folder is fine, and so is another's in a folder that only they can write to.
    (shared / "own").symlink_to(victim)
    write(shared / "own")
    assert victim.read_bytes() == b"new"
    home = tmp_path / "home"
    home.mkdir()
    (home / "link").symlink_to("file")
    for path in (home, home / "link"):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    write(home / "link")
    assert (home / "file").read_bytes() == b"new"


@ROOT
def test_root_does_not_take_a_users_file_from_them(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o640)
    os.chown(path, NOBODY, NOBODY)
    write(path)
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (NOBODY, NOBODY, 0o640)


def child(code: str, *arguments: str, uid: int | None = None) -> str:
    script = f"import sys\nfrom pathlib import Path\nfrom smtptui.config import Replacement, WriteError\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True, user=uid, group=uid
    )
    return done.stdout


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter: those of pytest are closed by each run that begins."""
    with tempfile.TemporaryDirectory(prefix="replacement-") as name:
        os.chmod(name, 0o755)
        yield Path(name)


@ROOT
def test_a_folder_or_file_that_may_not_be_written_is_a_sentence_and_the_file_stays(open_folder: Path) -> None:
    """Writing over the file itself would work in the first, and lose it on a full disk."""
    code = (
        "import os\nos.setuid(65534)\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n        Replacement(Path(name))\n"
        "    except WriteError as error:\n        print(error.creating, error.reason)\n"
    )
    folder, free = open_folder / "folder", open_folder / "free"
    for each in (folder, free):
        each.mkdir()
        (each / "file").write_bytes(b"old")
        os.chown(each / "file", NOBODY, NOBODY)
    free.chmod(0o777)
    (free / "file").chmod(0o444)
    first, second = child(code, str(folder / "file"), str(free / "file")).splitlines()
    assert first == (
        f"True its folder {folder} cannot be written to, and writing over the file itself could lose it; "
        "choose another folder"
    )
    assert second == "True it is read-only; make it writable (chmod u+w), or name another file"
    assert [(each / "file").read_bytes() for each in (folder, free)] == [b"old", b"old"]


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    code = (
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "for size in (199_999, 1_000_000):\n"
        "    try:\n"
        "        with Replacement(Path(sys.argv[1])) as file:\n"
        "            for _ in range(size // 1000): file.write(b'x' * 1000)\n"
        "        Path(sys.argv[1]).write_bytes(b'old')\n"
        "    except WriteError as error:\n        print(error.creating, error)\n"
    )
    assert child(code, str(path)) == f"False {path} cannot be written: File too large. Nothing was changed.\n"
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"old", ["file"])


@ROOT
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        (disk / "file").write_bytes(b"old")
        with pytest.raises(WriteError, match="No space left on device"):
            write(disk / "file", b"x" * 1_000_000)
        assert ((disk / "file").read_bytes(), os.listdir(disk)) == (b"old", ["file"])
        write(disk / "file", b"y" * 100_000)
        assert (disk / "file").stat().st_size == 100_000
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def killed_at_random(folder: Path, times: int, seed: int) -> None:
    """Kill a process that replaces a file again and again: the file is always whole, and the next one tidies up."""
    path = folder / "file"
    chance = random.Random(seed)
    code = (
        "number = 0\n"
        "while True:\n"
        "    number += 1\n"
        "    with Replacement(Path(sys.argv[1])) as file:\n"
        "        for _ in range(20): file.write(f'{number} '.encode() * 5000)\n"
        "    if number == 1: print('begun', flush=True)\n"
    )
    script = f"import sys\nfrom pathlib import Path\nfrom smtptui.config import Replacement\n{code}"
    for _ in range(times):
        with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.random() * 0.03)
            process.send_signal(signal.SIGKILL)
        found = path.read_bytes().split()
        assert len(found) == 100_000
        assert len(set(found)) == 1
        write(folder / "another")
        assert sorted(os.listdir(folder)) == ["another", "file"]


def test_killed_at_any_moment_the_file_is_the_old_or_the_new(tmp_path: Path) -> None:
    killed_at_random(tmp_path, 3, seed=1)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [2, 3])
def test_killed_a_hundred_times(tmp_path: Path, seed: int) -> None:
    killed_at_random(tmp_path, 100, seed)


def test_a_name_as_long_as_can_be_is_written(tmp_path: Path) -> None:
    for name in ("n" * 255, "é" * 127, "x\n\udcff[", "-"):
        with contextlib.suppress(FileNotFoundError):
            write(tmp_path / name)
        assert (tmp_path / name).read_bytes() == b"new"
