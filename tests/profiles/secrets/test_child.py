"""A child is read to its end, bounded in time and output, and leaves nothing behind when it is stopped."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from smtptui.profiles.secrets.child import MOST_OUTPUT, ChildFlood, ChildTimeout, Ended, run_child
from tests.servers.loops import BOTH_LOOPS

ENVIRON = dict(os.environ)
pytestmark = BOTH_LOOPS


async def shell(script: str, *, timeout: float = 10, stdin: bytes | None = None) -> Ended:
    return await run_child(["/bin/sh", "-c", script], environ=ENVIRON, timeout=timeout, stdin=stdin)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pid_file: Path) -> bool:
    pid = int(pid_file.read_text())
    for _ in range(100):
        if not alive(pid):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_output_errors_and_exit_code_are_kept_apart() -> None:
    ended = await shell("echo out; echo err >&2; exit 3")
    assert (ended.code, ended.out, ended.err) == (3, b"out\n", b"err\n")


async def test_what_it_printed_is_in_no_repr() -> None:
    assert "hunter2" not in repr(await shell("echo hunter2; echo hunter2 >&2"))


async def test_standard_input_is_what_was_given_or_nothing() -> None:
    assert (await shell("cat", stdin=b"given")).out == b"given"
    assert (await shell("cat")).out == b""
    assert (await shell("exit 0", stdin=b"x" * 1_000_000)).code == 0


async def test_it_has_no_terminal() -> None:
    assert (await shell("(: < /dev/tty) 2>/dev/null && echo one || echo none")).out == b"none\n"


async def test_a_signal_is_told() -> None:
    assert (await shell("kill -9 $$")).code == -9


async def test_after_the_time_limit_the_whole_group_is_gone(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ChildTimeout):
        await shell(f"trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > {tmp_path}/pid; sleep 60' & wait", timeout=1.5)
    assert time.monotonic() - started < 10
    assert await gone(tmp_path / "pid")


async def test_a_cancelled_caller_leaves_no_child(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await shell(f"echo $$ > {tmp_path}/pid; exec sleep 60", timeout=50)
    assert await gone(tmp_path / "pid")


async def test_a_flood_is_stopped(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ChildFlood):
        await shell(f"echo $$ > {tmp_path}/pid; exec yes", timeout=30)
    assert time.monotonic() - started < 20
    assert await gone(tmp_path / "pid")
    with pytest.raises(ChildFlood):
        await shell(f"head -c {MOST_OUTPUT + 1} /dev/zero")
    assert len((await shell(f"head -c {MOST_OUTPUT} /dev/zero")).out) == MOST_OUTPUT


async def test_many_errors_are_read_and_dropped() -> None:
    ended = await shell("head -c 1000000 /dev/zero >&2; echo done")
    assert (ended.code, ended.out, len(ended.err)) == (0, b"done\n", 4096)


async def test_a_background_process_that_holds_the_pipe_keeps_nobody_waiting() -> None:
    started = time.monotonic()
    ended = await shell("sleep 20 & echo $!", timeout=10)
    assert time.monotonic() - started < 9
    os.kill(int(ended.out), 9)


async def test_what_cannot_start_is_an_error_of_the_system() -> None:
    with pytest.raises(FileNotFoundError):
        await run_child(["/nonexistent/program"], environ=ENVIRON, timeout=5)
