"""A daemon started for the tests: as a child process, on free ports, with its log at hand when it fails."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# Below the range from which systems take the ports of outgoing connections: nobody grabs one by accident
# between the moment it is found free and the moment the daemon listens.
_PORTS = range(20000, 32000)


class DaemonError(RuntimeError):
    """A daemon did not start or stop; the message has its log."""


def find_program(name: str) -> str | None:
    """The path of a program, also where only root looks for it."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
    return shutil.which(name, path=path)


def free_port() -> int:
    """A loopback port on which nothing listens now."""
    for port in random.sample(_PORTS, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DaemonError(f"no free loopback port among 200 tried between {_PORTS.start} and {_PORTS.stop}")


class Daemon:
    """A child process in a session of its own, known by its process id alone.

    One that is only the launcher of the daemon proper, and waits for it, has the daemon's ``pid_file``.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        output: Path,
        pid_file: Path | None = None,
        environ: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> None:
        self._name = Path(command[0]).name
        self._output = output
        self._pid_file = pid_file
        with output.open("wb") as sink:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=environ,
                start_new_session=True,
            )
        if self._process.stdin is not None:
            self._process.stdin.write(stdin)
            self._process.stdin.close()

    def wait_ready(self, ready: Callable[[], bool], log: Path, timeout: float = 20.0) -> None:
        """Wait until ``ready``; raises :class:`DaemonError` with the log after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while not ready():
            if self._process.poll() is not None:
                raise DaemonError(f"{self._name} ended with {self._process.returncode} at its start:\n{self.log(log)}")
            if time.monotonic() > deadline:
                raise DaemonError(f"{self._name} did not start in {timeout:g} s:\n{self.log(log)}")
            time.sleep(0.02)

    def log(self, *files: Path) -> str:
        """What it printed and logged, the last 8000 characters of each."""
        texts = [path.read_text(errors="replace")[-8000:] for path in (self._output, *files) if path.exists()]
        return "\n".join(text for text in texts if text)

    def stop(self, timeout: float = 10.0) -> None:
        """End it, forcibly after ``timeout`` seconds."""
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.kill()
            self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is not None:
            return
        if self._pid_file is None or not self._pid_file.exists():
            self._process.send_signal(number)
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(self._pid_file.read_text()), number)


def listening(*ports: int) -> bool:
    """Whether something accepts connections on all these loopback ports."""
    for port in ports:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return False
    return True
