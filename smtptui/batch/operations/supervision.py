"""A runner under supervision: another program starts it, gives it the secret, and ends it by closing its input.

The first line of the runner's standard input is the secret, empty if there is none. When the input ends, the program
that watched it is gone: what is on its way is finished then, and the batch stops.
"""

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence

from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind
from smtptui.batch.running import BatchRun
from smtptui.config import child_environment
from smtptui.profiles import LoginPlan
from smtptui.protocol import Credentials, Secret

_LONGEST = 65536
"""Octets that a secret may have."""
_STDIN = 0


def start_runner(
    command: Sequence[str], secret: Secret | None, *, environ: Mapping[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start a runner, and give it the secret. While the ``stdin`` of what is returned is open, it goes on.

    The command is that of the runner with ``--supervised``; the secret is neither an argument nor in the environment.
    What it prints is dropped: the journal has it. Raises :class:`OSError` if it cannot be started.
    """
    runner = subprocess.Popen(  # noqa: S603 - the caller's own command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # The secret comes by its input; those of others are none of its business.
        env=child_environment(os.environ if environ is None else environ),
        # Signals of the terminal are for the program that watches.
        start_new_session=True,
    )
    assert runner.stdin is not None
    try:
        runner.stdin.write((secret.reveal() if secret is not None else "").encode() + b"\n")
        runner.stdin.flush()
    except BrokenPipeError:
        # It has ended already; its exit code says why.
        pass
    return runner


def supervised_credentials(login: LoginPlan, descriptor: int = _STDIN) -> Credentials | None:
    """Who logs in, with the secret from the first line of the input; nobody is asked, and nothing else looked at.

    The line is there also if nobody logs in, and empty then. Raises :class:`BatchError`.
    """
    secret = _first_line(descriptor)
    if login.wants_secret and not secret:
        raise BatchError(
            BatchErrorKind.USAGE,
            f"Standard input has no secret of {login.user} in its first line, which --supervised wants there.",
        )
    return login.with_secret(secret)


def stop_unwatched(run: BatchRun, descriptor: int = _STDIN) -> None:
    """Stop a run when the input ends. Called in the event loop of the run, once it is under way."""
    loop = asyncio.get_running_loop()

    def gone() -> None:
        # The loop may have ended with the batch before the watcher did.
        if not loop.is_closed():
            loop.call_soon_threadsafe(run.stop, "the program that watched it is gone")

    threading.Thread(target=_await_end, args=(gone, descriptor), name="watcher", daemon=True).start()


def _await_end(gone: Callable[[], None], descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        # A terminal that hung up, or a closed descriptor: nobody is there either.
        pass
    gone()


def _first_line(descriptor: int) -> Secret:
    # Octet by octet from the descriptor: a buffer would take what comes after the line, and with it the end.
    line = bytearray()
    while len(line) <= _LONGEST:
        try:
            octet = os.read(descriptor, 1)
        except OSError as error:
            raise BatchError(
                BatchErrorKind.USAGE, "Standard input cannot be read, and --supervised wants the secret there."
            ) from error
        if octet in (b"", b"\n"):
            break
        line += octet
    try:
        return Secret(line.decode().removesuffix("\r"))
    except UnicodeDecodeError:
        raise BatchError(BatchErrorKind.INPUT, "The secret on standard input is not UTF-8.") from None
