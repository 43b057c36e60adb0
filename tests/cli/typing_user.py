"""Runs a command in a terminal of its own, with somebody who types answers to what it asks."""

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.cli.running import environment


@dataclass(frozen=True, slots=True)
class Session:
    """What stood on the terminal, also what it echoed of the typing, and the exit code."""

    code: int
    screen: str


def smtptui_in_terminal(
    *arguments: str,
    answers: Sequence[tuple[str, str]] = (),
    env: Mapping[str, str] | None = None,
    timeout: float = 30,
) -> Session:
    """Run a command; each answer is typed once its prompt stands on the terminal, in this order."""
    child, terminal = pty.fork()
    if child == 0:
        try:
            # A shell that runs the tests in the background has its children ignore ctrl+c; on a terminal nobody does.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execve(sys.executable, [sys.executable, "-m", "smtptui", *arguments], environment(env))
        finally:
            os._exit(127)
    screen, waiting, seen = b"", list(answers), 0
    deadline = time.monotonic() + timeout
    try:
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    data = os.read(terminal, 4096)
                except OSError:
                    break
                if not data:
                    break
                screen += data
            if waiting and (found := screen.find(waiting[0][0].encode(), seen)) >= 0:
                prompt, answer = waiting.pop(0)
                seen = found + len(prompt.encode())
                # What is typed before the echo is off would be flushed away.
                time.sleep(0.1)
                os.write(terminal, answer.encode())
        else:
            raise TimeoutError(f"still running after {timeout:g} s:\n{screen.decode(errors='replace')}")
    finally:
        os.close(terminal)
        _, status = os.waitpid(child, 0)
    return Session(os.waitstatus_to_exitcode(status), screen.decode().replace("\r\n", "\n"))
