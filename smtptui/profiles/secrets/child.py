"""Runs a child process to its end or its time limit; what it prints is bounded and kept apart."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smtptui.config import child_environment
from smtptui.profiles.secrets.terminal import lent

MOST_OUTPUT = 65536
"""Octets of output from which on a child is stopped."""
MOST_ERRORS = 4096
"""Octets of standard error that are kept; the rest is read and dropped."""
_POLITE = 0.3
"""Seconds between SIGTERM and SIGKILL: a program that changed the terminal's mode can restore it."""
_REST = 0.25
"""Seconds for the rest of the output once the child has ended. A background process that it left behind, like the
master of an ssh connection, may hold the pipe open for ever."""


class ChildTimeout(Exception):
    """The child did not end in time; its process group has been killed."""


class ChildFlood(Exception):
    """The child printed more than :data:`MOST_OUTPUT`; its process group has been killed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A child that ended. What it printed may be a secret, and is in no repr."""

    code: int
    """As the shell has it, negative for a signal."""
    out: bytes = field(repr=False)
    err: bytes = field(repr=False)


class _Sink(asyncio.Protocol):
    """Keeps the first octets of a pipe; ``full`` is set by one more."""

    def __init__(self, most: int) -> None:
        self.data = bytearray()
        self.full = asyncio.Event()
        self.ended = asyncio.Event()
        self._most = most

    def data_received(self, data: bytes) -> None:
        room = self._most - len(self.data)
        self.data += data[:room]
        if len(data) > room:
            self.full.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()


async def run_child(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    timeout: float,
    stdin: bytes | None = None,
    terminal: int | None = None,
) -> Ended:
    """Run ``command`` in a session of its own, without a terminal, with ``stdin`` (None: the null device).

    It gets ``environ`` without the secrets of any profile (:func:`smtptui.config.child_environment`).
    With a ``terminal`` it has that instead, also for its errors, of which none is kept then. Raises
    :class:`ChildTimeout` after ``timeout`` seconds, :class:`ChildFlood`, and OSError where it cannot start.
    """
    out, err = _Sink(MOST_OUTPUT), _Sink(MOST_ERRORS)
    async with contextlib.AsyncExitStack() as stack:
        # Pipes of our own: asyncio's may keep wait() from returning for as long as a grandchild holds them open.
        ends = [await _pipe(stack, sink) for sink in (out, err)]
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=terminal if terminal is not None else _stdin(stdin),
                stdout=ends[0],
                stderr=terminal if terminal is not None else ends[1],
                env=child_environment(environ),
                # A new session has no terminal; a group of its own can be stopped as a whole all the same.
                **({"start_new_session": True} if terminal is None else {"process_group": 0}),
            )
        finally:
            for end in ends:
                os.close(end)
        with contextlib.nullcontext() if terminal is None else lent(terminal, process.pid):
            await _see_through(process, out, stdin, timeout)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REST):
                await out.ended.wait()
                await err.ended.wait()
        if out.full.is_set():
            raise ChildFlood
    assert process.returncode is not None
    return Ended(process.returncode, bytes(out.data), bytes(err.data))


async def _pipe(stack: contextlib.AsyncExitStack, sink: _Sink) -> int:
    """Connect ``sink`` to a new pipe; returns the end to write to."""
    reading, writing = os.pipe()
    stream = os.fdopen(reading, "rb", 0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: sink, stream)
    stack.callback(transport.close)
    return writing


async def _see_through(process: asyncio.subprocess.Process, out: _Sink, stdin: bytes | None, timeout: float) -> None:
    try:
        async with asyncio.timeout(timeout):
            if stdin is not None:
                await _feed(process, stdin)
            await _end_or_flood(process, out)
    except TimeoutError:
        await _kill(process)
        raise ChildTimeout from None
    except BaseException:
        await _kill(process)
        raise


def _stdin(data: bytes | None) -> int:
    return asyncio.subprocess.DEVNULL if data is None else asyncio.subprocess.PIPE


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    assert process.stdin is not None
    # A child that does not read what it is given says why in another way. uvloop has a RuntimeError for it.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, RuntimeError):
        process.stdin.write(data)
        await process.stdin.drain()
    with contextlib.suppress(RuntimeError):
        process.stdin.close()


async def _end_or_flood(process: asyncio.subprocess.Process, out: _Sink) -> None:
    """Wait until the child has ended; raises :class:`ChildFlood` as soon as it has printed too much."""
    async with asyncio.TaskGroup() as group:
        flooded = group.create_task(out.full.wait())
        ended = group.create_task(process.wait())
        await asyncio.wait({flooded, ended}, return_when=asyncio.FIRST_COMPLETED)
        flooded.cancel()
        ended.cancel()
    if process.returncode is None:
        raise ChildFlood


async def _kill(process: asyncio.subprocess.Process) -> None:
    """End the whole process group, also what the child has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        # The group may outlive its first process, so the second signal is sent in any case.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLITE):
                await process.wait()
