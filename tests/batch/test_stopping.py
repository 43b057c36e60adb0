"""A running batch is stopped: by signals, by a second runner that comes too late, by a disk that is full."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.batch.trial import Trial
from tests.servers.counting import counting

PEOPLE = [f"user{number}@good{number % 9}.test" for number in range(3000)]


@contextlib.contextmanager
def trial_of(folder: Path, *, slow: float = 0.0, count: int = len(PEOPLE)) -> Iterator[Trial]:
    """A batch, made, and its server."""
    with counting(folder / "record", slow=slow) as port:
        trial = Trial(folder, port, folder / "record")
        trial.new(PEOPLE[:count])
        yield trial


def until(met: Callable[[], bool], runner: "subprocess.Popen[str]", seconds: float = 20.0) -> None:
    """Wait while the runner runs."""
    ends = time.monotonic() + seconds
    while not met():
        assert runner.poll() is None, f"it ended with {runner.returncode}: {runner.stderr and runner.stderr.read()}"
        assert time.monotonic() < ends, "it takes too long"
        time.sleep(0.005)


def has_received(trial: Trial, count: int) -> Callable[[], bool]:
    """Whether the server has so many messages."""
    return lambda: sum(trial.received().accepted.values()) >= count


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_what_is_begun_and_leaves_nothing_in_doubt(tmp_path: Path, number: signal.Signals) -> None:
    with trial_of(tmp_path, slow=0.05) as trial:
        with trial.running() as runner:
            until(has_received(trial, 20), runner)
            runner.send_signal(number)
            assert runner.wait(15) == 75, runner.stderr and runner.stderr.read()
        states = trial.audit(PEOPLE)
        assert states.keys() == {"sent", "pending"}
        assert states["sent"] == sum(trial.received().accepted.values()) >= 20
        assert trial.status()["state"] == "paused"


def test_it_goes_on_where_a_signal_stopped_it(tmp_path: Path) -> None:
    with trial_of(tmp_path, slow=0.002, count=400) as trial:
        with trial.running() as runner:
            until(has_received(trial, 50), runner)
            runner.send_signal(signal.SIGTERM)
            runner.wait(15)
        trial.done("batch", "resume", "trial")
        assert trial.audit(PEOPLE[:400]) == {"sent": 400}


def test_a_second_interrupt_stops_at_once_and_names_the_doubt(tmp_path: Path) -> None:
    with trial_of(tmp_path, slow=60.0, count=50) as trial:
        with trial.running() as runner:
            until(has_received(trial, trial.connections), runner)
            runner.send_signal(signal.SIGINT)
            time.sleep(0.5)
            assert runner.poll() is None, "what is on its way may still be answered"
            runner.send_signal(signal.SIGINT)
            assert runner.wait(5) == 76, runner.stderr and runner.stderr.read()
        trial.kills = 1
        states = trial.audit(PEOPLE[:50])
        assert states == {"uncertain": trial.connections, "pending": 50 - trial.connections}


def test_a_second_runner_is_refused(tmp_path: Path) -> None:
    with trial_of(tmp_path, slow=0.15, count=200) as trial:
        with trial.running() as runner:
            until(has_received(trial, 5), runner)
            refused = trial.command("batch", "run", "trial", "--untested")
            assert refused.code == 75
            assert "by another process" in refused.err
            assert runner.wait(60) == 0, "the first one does not mind"
        assert trial.audit(PEOPLE[:200]) == {"sent": 200}


def test_a_full_disk_stops_it_and_nothing_is_sent_that_is_not_recorded(tmp_path: Path) -> None:
    with trial_of(tmp_path) as trial:
        with trial.running() as runner:
            until(has_received(trial, 100), runner)
            # No file may grow from here on; the journal's log does with every message.
            log = trial.journal.with_name(trial.journal.name + "-wal")
            limit = log.stat().st_size + 4096
            resource.prlimit(runner.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            code = runner.wait(30)
            said = runner.stderr.read() if runner.stderr is not None else ""
        assert code == 74, said
        assert "full" in said
        assert str(trial.journal) in said
        received = trial.received()
        states = {address: row.state for address, row in trial.rows().items()}
        assert all(states[address] in ("sent", "inflight", "uncertain") for address in received.accepted)
        # What is told is what is on the disk.
        assert f"{sum(state == 'sent' for state in states.values())} of {len(PEOPLE)} recipients sent" in said
        assert len(received.accepted) < len(PEOPLE)
        # With room again, it goes on; only what was under way then is in doubt.
        trial.kills = 1
        trial.done("batch", "resume", "trial", code=76 if "inflight" in states.values() else 0)
        counts = trial.audit(PEOPLE)
        assert counts["sent"] + counts["uncertain"] == len(PEOPLE)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a file system of its own")
def test_no_space_left_on_the_device(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", data], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        with trial_of(tmp_path, count=1000) as trial:
            with trial.running() as runner:
                until(has_received(trial, 100), runner)
                fill(data / "filler")
                code = runner.wait(30)
                said = runner.stderr.read() if runner.stderr is not None else ""
            assert (code, "full" in said) == (74, True), said
            received = trial.received()
            assert len(received.accepted) < 1000
            (data / "filler").unlink()
            trial.kills = 1
            trial.command("batch", "resume", "trial")
            counts = trial.audit(PEOPLE[:1000])
            assert counts["sent"] + counts["uncertain"] == 1000
    finally:
        subprocess.run(["umount", data], check=True)


def fill(path: Path) -> None:
    """Take what room there is."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
