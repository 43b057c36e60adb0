"""A file of the user is written whole or not at all, for its owner alone, and never over another's change."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smtptui.config import ChangedMeanwhile, WriteError, read_file, unchanged, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _usual_umask() -> None:
    os.umask(0o022)


def test_a_new_file_and_its_directories_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.yaml"
    result = write_private(path, b"x")
    assert (path.read_bytes(), mode(path), mode(path.parent), mode(path.parent.parent)) == (b"x", 0o600, 0o700, 0o700)
    assert not result.closed
    assert os.listdir(path.parent) == ["file.yaml"]


def test_a_file_others_could_read_is_closed_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)
    assert write_private(path, b"new").closed
    assert (path.read_bytes(), mode(path)) == (b"new", 0o600)
    assert not write_private(path, b"newer").closed


def test_a_narrow_umask_does_not_lock_the_owner_out(tmp_path: Path) -> None:
    os.umask(0o777)
    try:
        write_private(tmp_path / "file", b"x")
    finally:
        os.umask(0o022)
    assert mode(tmp_path / "file") == 0o600


def test_a_symbolic_link_stays_and_what_it_names_is_written(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "real.yaml"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link = tmp_path / "link.yaml"
    link.symlink_to("dotfiles/real.yaml")
    write_private(link, b"new", expected=read_file(link))
    assert (os.readlink(link), target.read_bytes()) == ("dotfiles/real.yaml", b"new")
    target.unlink()
    write_private(link, b"again")
    assert (link.is_symlink(), target.read_bytes()) == (True, b"again")


def test_what_another_wrote_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    image = read_file(path)
    path.write_bytes(b"theirs")
    with pytest.raises(ChangedMeanwhile, match="changed by another program meanwhile"):
        write_private(path, b"ours", expected=image)
    assert path.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["file"]


def test_also_where_size_and_time_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    image, times = read_file(path), path.stat()
    path.write_bytes(b"new")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_mtime_ns == times.st_mtime_ns
    assert not unchanged(path, image)
    with pytest.raises(ChangedMeanwhile):
        write_private(path, b"our", expected=image)
    assert path.read_bytes() == b"new"


def test_a_file_that_came_or_went_meanwhile_counts_as_changed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    absent = read_file(path)
    assert unchanged(path, absent)
    path.write_bytes(b"theirs")
    assert not unchanged(path, absent)
    with pytest.raises(ChangedMeanwhile):
        write_private(path, b"ours", expected=absent)
    there = read_file(path)
    path.unlink()
    assert not unchanged(path, there)
    with pytest.raises(ChangedMeanwhile):
        write_private(path, b"ours", expected=there)
    assert not path.exists()


def test_a_file_touched_or_rewritten_as_it_was_is_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"same")
    image = read_file(path)
    path.unlink()
    path.write_bytes(b"same")
    os.utime(path, (1, 1))
    assert unchanged(path, image)
    write_private(path, b"ours", expected=image)


def test_what_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_bytes(b"x")
    with pytest.raises(WriteError, match="cannot be created: Not a directory") as caught:
        write_private(blocker / "below", b"y")
    assert caught.value.creating
    with pytest.raises(WriteError, match="is a directory; name a file in it"):
        write_private(tmp_path, b"y")
    with pytest.raises(WriteError, match="not a regular file"):
        write_private(Path("/dev/null"), b"y")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    with pytest.raises(WriteError):
        write_private(loop / "x", b"y")
    assert sorted(os.listdir(tmp_path)) == ["file", "loop"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from smtptui.config import WriteError, write_private\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try:\n"
        "    write_private(Path(sys.argv[1]), b'x' * 1000)\n"
        "except WriteError as error:\n"
        "    print(error.creating, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == f"False {path} cannot be written: File too large. Nothing was changed.\n"
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"old", ["file"])


def test_killed_in_the_midst_it_is_the_old_file_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "file"
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from smtptui.config import write_private\n"
        "path = Path(sys.argv[1])\n"
        "number = 0\n"
        "while True:\n"
        "    number += 1\n"
        "    write_private(path, f'{number} '.encode() * 20000)\n"
        "    if number == 1:\n"
        "        print('begun', flush=True)\n"
    )
    for attempt in range(12):
        with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * attempt)
            process.send_signal(signal.SIGKILL)
        found = path.read_bytes().split()
        assert len(found) == 20000
        assert len(set(found)) == 1
        assert mode(path) == 0o600


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    """Each adds lines to what it read; who was overtaken reads again."""
    path = tmp_path / "file"
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from smtptui.config import ChangedMeanwhile, read_file, write_private\n"
        "path = Path(sys.argv[1])\n"
        "for number in range(30):\n"
        "    while True:\n"
        "        image = read_file(path)\n"
        "        try:\n"
        "            write_private(path, (image.data or b'') + f'{sys.argv[2]}{number}\\n'.encode(), expected=image)\n"
        "        except ChangedMeanwhile:\n"
        "            continue\n"
        "        break\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "abc"]
    for process in running:
        assert process.wait(60) == 0
    assert sorted(path.read_text().split()) == sorted(f"{name}{number}" for name in "abc" for number in range(30))


def test_a_pipe_does_not_hold_the_reader(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="no regular file"):
        read_file(pipe)
    with pytest.raises(WriteError):
        write_private(pipe, b"x")
    # A device has an end here, too.
    assert len(read_file(Path("/dev/zero")).data or b"") < 1_000_000
    with contextlib.suppress(FileNotFoundError):
        os.unlink(pipe)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_root_does_not_take_a_users_file_from_them(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, 65534, 65534)
    write_private(path, b"new", expected=read_file(path))
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (65534, 65534, 0o600)
