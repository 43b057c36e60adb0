"""A process that has loaded the package once, and forks for each command that is run.

``-m tests.forkserver SOCKET [CONFIG DATA]``: where it listens, and the files of the coverage that is to be measured.

A fork is a process as any other, with its own descriptors, environment, directory and session. What it lacks is the
second that an interpreter takes to load the package. It ends, as its parent does, when standard input is closed.
"""

import atexit
import contextlib
import fcntl
import gc
import importlib
import itertools
import os
import pkgutil
import selectors
import signal
import socket
import struct
import sys
import threading
import traceback
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from json import dumps, loads
from typing import TYPE_CHECKING, NoReturn

import smtptui
from smtptui.batch import ComposerProcess

if TYPE_CHECKING:
    from coverage import Coverage

LENGTH = struct.Struct("<I")
NUMBER = struct.Struct("<i")
"""How a request is preceded by its length, and what the answers are: the number of a process, then its status."""
_MOST_FILES = 64
_NOT_LOADED = ("smtptui.tui", "smtptui.__main__")
"""The app opens a terminal of its own, which is no matter of forks; the other module runs the command."""

_coverage: "Coverage | None" = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A process that is wanted: ``module.main(arguments)``."""

    module: str
    arguments: Sequence[str]
    environ: dict[str, str]
    cwd: str
    new_session: bool
    files: Sequence[int]
    """Which descriptor each of those that are sent along becomes."""

    def encoded(self) -> bytes:
        """As the server reads it."""
        return dumps(asdict(self)).encode()


def serve(path: str) -> None:
    """Fork for whoever connects, until standard input is closed."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen(64)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waiting: dict[int, socket.socket] = {}
    print("ready", flush=True)
    with selectors.DefaultSelector() as selector:
        for each in (listening.fileno(), woken, 0):
            selector.register(each, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == 0:
                    os._exit(0)
                elif key.fd == woken:
                    os.read(woken, 4096)
                    _tell_who_has_ended(waiting)
                else:
                    asking, _ = listening.accept()
                    _fork(asking, waiting)


def _tell_who_has_ended(waiting: dict[int, socket.socket]) -> None:
    while waiting:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with waiting.pop(pid) as asking, contextlib.suppress(OSError):
            asking.sendall(NUMBER.pack(status))


def _fork(asking: socket.socket, waiting: dict[int, socket.socket]) -> None:
    head, files, _, _ = socket.recv_fds(asking, LENGTH.size, _MOST_FILES)
    text = b""
    (length,) = LENGTH.unpack(head)
    while len(text) < length:
        text += asking.recv(length - len(text))
    pid = os.fork()
    if pid == 0:
        _become(Wanted(**loads(text)), files)
    waiting[pid] = asking
    for each in files:
        os.close(each)
    asking.sendall(NUMBER.pack(pid))


def _become(wanted: Wanted, files: list[int]) -> NoReturn:
    """Be the process that is wanted, to its end."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if wanted.new_session:
            os.setsid()
        _take(files, wanted.files)
        os.chdir(wanted.cwd)
        os.environ.clear()
        os.environ.update(wanted.environ)
        if "PYTHONWARNINGS" not in wanted.environ:
            sys.warnoptions.clear()
            warnings.simplefilter("default")
        module = importlib.import_module(wanted.module)
        sys.argv[1:] = wanted.arguments
        code = _ended(module.main, list(wanted.arguments))
    finally:
        if _coverage is not None:
            with contextlib.suppress(Exception):
                _coverage.stop()
                _coverage.save()
        os._exit(code)


def _take(files: list[int], wanted: Sequence[int]) -> None:
    """Have each of the files at the number that is wanted, and no other file."""
    above = max(*wanted, *files) + 1
    moved = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, above) for each in files]
    for each, number in zip(moved, wanted, strict=True):
        os.dup2(each, number)
    for lower, upper in itertools.pairwise(sorted({*wanted, max(moved) + 64})):
        os.closerange(lower + 1, upper)
    # As an interpreter makes them at its start, where it looks whether it is a terminal and whether it has a position.
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        before = getattr(sys, name)
        mode, newline = ("w", "\n") if number else ("r", None)
        buffering = 1 if number == 2 or os.isatty(number) else -1
        after = open(number, mode, buffering, before.encoding, before.errors, newline, closefd=False)  # noqa: SIM115
        setattr(sys, name, after)
        setattr(sys, f"__{name}__", after)


def _ended(main: "object", arguments: list[str]) -> int:
    """What a process that runs ``main`` ends with, once threads, exit functions and buffers are done with."""
    assert callable(main)
    code = 0
    try:
        main(arguments)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            code = (end.code or 0) & 0xFF
        else:
            print(end.code, file=sys.stderr)
            code = 1
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = 120
    return code


def _have_forks_ask_here(path: str) -> None:
    # It imports this module.
    from tests.forked import composer, serve_from

    serve_from(path)
    ComposerProcess.start = staticmethod(composer)  # type: ignore[method-assign]


def _load() -> None:
    for each in pkgutil.walk_packages(smtptui.__path__, "smtptui."):
        if not each.name.startswith(_NOT_LOADED):
            importlib.import_module(each.name)


def _measured_to(config: str, data: str) -> "Coverage":
    """Measure what is covered from here on, in forks too."""
    from coverage import Coverage

    coverage = Coverage(data, data_suffix=True, config_file=config)
    coverage.start()
    return coverage


if __name__ == "__main__":
    path, *measured = sys.argv[1:]
    if measured:
        _coverage = _measured_to(*measured)
    _load()
    _have_forks_ask_here(path)
    if _coverage is not None:
        # What was covered so far is this process's, and not written once more by each fork.
        _coverage.save()
    gc.collect()
    gc.freeze()
    serve(path)
