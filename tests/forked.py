"""Processes of ours in a fraction of the time: forked from one that has loaded the package already."""

import atexit
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smtptui.config import child_environment
from tests.forkserver import LENGTH, NUMBER, Wanted

_COMMANDS = {
    (sys.executable, "-m", "smtptui"): "smtptui.cli",
    (sys.executable, "-P", "-m", "smtptui.batch.composer.worker"): "smtptui.batch.composer.worker",
    (sys.executable, "-m", "tests.servers.counting"): "tests.servers.counting",
}
"""What can be forked, and the module that has its ``main``."""
_OF_THE_INTERPRETER = ("PYTHON", "LC_", "LANG")
"""Variables that an interpreter looks at when it starts."""
_ROOT = Path(__file__).parent.parent


def popen(command: Sequence[str], *, env: Mapping[str, str], **options: Any) -> "subprocess.Popen[Any]":
    """As :class:`subprocess.Popen`, forked if it is a command of ours that would start as the server has started."""
    for begin, module in _COMMANDS.items():
        if tuple(command[: len(begin)]) == begin and _as_the_server(env):
            return _Forked(command, module, len(begin), env, options)
    return subprocess.Popen(command, env=env, **options)


def composer(command: Sequence[str], files: Sequence[int]) -> "subprocess.Popen[bytes]":
    """As :meth:`smtptui.batch.ComposerProcess.start`."""
    return popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=files,
        env=child_environment(os.environ),
    )


def _as_the_server(env: Mapping[str, str]) -> bool:
    def of_the_interpreter(environ: Mapping[str, str]) -> dict[str, str]:
        return {
            name: value
            for name, value in environ.items()
            if name.startswith(_OF_THE_INTERPRETER) and (name, value) != ("PYTHONWARNINGS", "error")
        }

    return of_the_interpreter(env) == of_the_interpreter(_environ)


class _Forked(subprocess.Popen[Any]):
    """A process whose parent is the server, and which is asked after there."""

    def __init__(
        self, command: Sequence[str], module: str, begin: int, env: Mapping[str, str], options: dict[str, Any]
    ) -> None:
        self._module = module
        self._begin = begin
        super().__init__(command, env=env, **options)

    def _execute_child(self, command: Sequence[str], *given: Any) -> None:
        # The positions are those of the standard library, 3.11 to 3.14.
        pass_fds, cwd, env = given[3:6]
        pipes = given[9:15]
        standard = [pipe if pipe >= 0 else number for number, pipe in enumerate((pipes[0], pipes[3], pipes[5]))]
        wanted = Wanted(
            self._module,
            command[self._begin :],
            dict(env),
            os.fspath(cwd or os.getcwd()),
            given[20],
            [0, 1, 2, *pass_fds],
        )
        text = wanted.encoded()
        try:
            self._asking = socket.socket(socket.AF_UNIX)
            self._asking.connect(_server())
            socket.send_fds(self._asking, [LENGTH.pack(len(text))], [*standard, *pass_fds])
            self._asking.sendall(text)
            self.pid = self._number()
            self._child_created = True
        finally:
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def _number(self) -> int:
        octets = self._asking.recv(NUMBER.size, socket.MSG_WAITALL)
        assert octets, "the server of the forks has ended"
        return int(NUMBER.unpack(octets)[0])

    def _try_wait(self, flags: int) -> tuple[int, int]:
        if flags & os.WNOHANG and not select.select([self._asking], [], [], 0)[0]:
            return 0, 0
        status = self._number()
        self._asking.close()
        return self.pid, status

    def _internal_poll(self, _deadstate: int | None = None, **_: Any) -> int | None:
        if self.returncode is None and self._waitpid_lock.acquire(False):  # type: ignore[attr-defined]
            try:
                if self.returncode is None:
                    pid, status = self._try_wait(os.WNOHANG)
                    if pid == self.pid:
                        self.returncode = os.waitstatus_to_exitcode(status)
            finally:
                self._waitpid_lock.release()  # type: ignore[attr-defined]
        return self.returncode


_environ = {name: value for name, value in os.environ.items() if not name.startswith("SMTPTUI_")}
_path = ""


def serve_from(path: str) -> None:
    """Have this process ask the server that is there already."""
    global _path
    _path = path


def _measured() -> list[str]:
    """Files of the coverage that is measured, if it is."""
    if "coverage" not in sys.modules:
        return []
    from coverage import Coverage

    current = Coverage.current()
    if current is None:
        return []
    return [str(_ROOT / "pyproject.toml"), str(current.get_option("run:data_file"))]


def _server() -> str:
    """Where the server listens; it is started when it is first needed, and ends with this process."""
    if not _path:
        folder = tempfile.mkdtemp(prefix="smtptui-forks-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        path = f"{folder}/socket"
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.forkserver", path, *_measured()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env={**_environ, "PYTHONWARNINGS": "error"},
            start_new_session=True,
        )
        assert server.stdout is not None
        assert server.stdin is not None
        assert server.stdout.readline() == b"ready\n", "the server of the forks does not start"
        atexit.register(server.wait)
        atexit.register(server.stdin.close)
        serve_from(path)
    return _path
