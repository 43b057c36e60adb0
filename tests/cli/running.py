"""Runs the ``smtptui`` command as users do: as a process of its own, with an environment of its own.

It is forked from a process that has loaded the package, unless a test is about the start of an interpreter: see
:mod:`tests.forked`.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.forked import popen

COMMAND = (sys.executable, "-m", "smtptui")


@dataclass(frozen=True, slots=True)
class Ended:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document it should be."""
        return json.loads(self.out)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would change a command, and with ``extra``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SMTPTUI_")}
    return {**kept, "PYTHONWARNINGS": "error", **(extra or {})}


def smtptui(
    *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b"", cwd: Any = None, timeout: float = 30
) -> Ended:
    """Run a command to its end, without a controlling terminal."""
    with popen(
        COMMAND + arguments,
        env=environment(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(stdin, timeout)
        except BaseException:
            process.kill()
            raise
    return Ended(process.returncode, out.decode(), err.decode())


def flawless(*arguments: str, env: Mapping[str, str]) -> Ended:
    """As :func:`smtptui`; a bug of ours fails the test."""
    done = smtptui(*arguments, env=env)
    assert done.code != 70, f"{arguments}: {done.err}"
    assert "Traceback" not in done.err
    return done


def modules_after(code: str, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> set[str]:
    """Names of the modules that are loaded once ``code`` ran with ``arguments`` as its ``sys.argv[1:]``."""
    script = "import sys, atexit\natexit.register(lambda: sys.stderr.write('\\n@' + ' '.join(sys.modules)))\n" + code
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        start_new_session=True,
        check=False,
    )
    return set(done.stderr.decode().rpartition("@")[2].split())


async def smtptui_beside(*arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Ended:
    """As :func:`smtptui`, while the event loop goes on serving."""
    return await asyncio.to_thread(lambda: smtptui(*arguments, env=env, stdin=stdin))
