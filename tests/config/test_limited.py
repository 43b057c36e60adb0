"""Files are read once and up to a limit, whatever they are."""

import contextlib
import os
import re
import threading
from io import BytesIO
from pathlib import Path

import pytest

from smtptui.config import Intake, TooLargeError, amount


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    for content in (b"", b"x", b"x" * 5000):
        path = tmp_path / "file"
        path.write_bytes(content)
        assert Intake(5000).file(path) == content


def test_a_file_that_is_too_large_is_refused_with_numbers(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    with pytest.raises(TooLargeError) as caught:
        Intake(100_000_000, "raise it with --max-size 2G").file(path)
    assert str(caught.value) == "big.bin is 1.0 GB; smtptui reads at most 100 MB: raise it with --max-size 2G"


def test_the_limit_is_for_all_files_together(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 600)
    intake = Intake(1000)
    intake.file(path)
    said = "file is 600 bytes; smtptui reads at most 1.0 kB, 600 bytes of which are read"
    with pytest.raises(TooLargeError, match=re.escape(said)):
        intake.file(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_a_device_without_an_end_is_refused() -> None:
    with pytest.raises(TooLargeError, match=r"zero is more than 1\.0 MB"):
        Intake(1_000_000).file(Path("/dev/zero"))
    with pytest.raises(OSError, match="not a regular file"):
        Intake().file(Path("/dev/zero"), regular=True)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_a_file_that_says_it_is_empty_is_read() -> None:
    assert b"Name:" in Intake().file(Path("/proc/self/status"))


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_pipe_is_read_to_its_end_or_to_the_limit(tmp_path: Path, size: int) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write() -> None:
        # Nobody reads what is too much.
        with contextlib.suppress(BrokenPipeError):
            path.write_bytes(b"x" * size)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        if size == 10:
            assert Intake(1000).file(path) == b"x" * 10
        else:
            with pytest.raises(TooLargeError):
                Intake(1000).file(path)
    finally:
        writer.join()
    with pytest.raises(OSError, match="not a regular file"):
        Intake().file(path, regular=True)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        Intake().file(tmp_path)


def test_a_stream_is_read_to_the_limit() -> None:
    assert Intake(5).stream(BytesIO(b"12345"), "standard input") == b"12345"
    with pytest.raises(TooLargeError, match="standard input is more than 5 bytes"):
        Intake(5).stream(BytesIO(b"123456"), "standard input")


@pytest.mark.parametrize(
    ("octets", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (100_000_000, "100 MB"), (1_073_741_824, "1.1 GB")],
)
def test_an_amount_is_said_in_decimal_units(octets: int, said: str) -> None:
    assert amount(octets) == said
