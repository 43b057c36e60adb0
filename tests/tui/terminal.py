"""The app, or a program that opens it, in a pseudo-terminal of its own, with places of its own."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from smtptui.config import Places

LEFT = b"\x1b[?1049l"
"""What ends the app's hold on the screen: what follows stays on the terminal."""


def environment(places: Places, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment whose app reads and writes these places and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SMTPTUI_")}
    return {
        **kept,
        "HOME": str(places.data.parent),
        "TERM": "xterm-256color",
        "SMTPTUI_PROFILES": str(places.profiles),
        "SMTPTUI_SETTINGS": str(places.settings),
        "SMTPTUI_DATA_DIR": str(places.data),
        **(extra or {}),
    }


class Terminal:
    """``python ARGUMENTS`` in a terminal; ``seen`` is all it has painted."""

    def __init__(
        self, arguments: Sequence[str], environ: Mapping[str, str], *, size: tuple[int, int] = (100, 30)
    ) -> None:
        self.descriptor, inside = pty.openpty()
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env=dict(environ),
            cwd=Path(__file__).parents[2],
            start_new_session=True,
        )
        os.close(inside)
        self.seen = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        os.close(self.descriptor)

    def press(self, keys: bytes) -> None:
        """Send keys as a terminal does."""
        os.write(self.descriptor, keys)

    def until(self, text: bytes, seconds: float = 60.0) -> None:
        """Read until this has been painted."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < end, self.seen[-3000:]
            assert self.process.poll() is None or self._read(), self.seen[-3000:]
            self._read()

    def ended(self, seconds: float = 60.0) -> int:
        """Read until the program ends; returns its exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, self.seen[-3000:]
            self._read()
        while self._read():
            pass
        return self.process.wait(10)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.descriptor], [], [], 0.1)
        try:
            data = os.read(self.descriptor, 65536) if ready else b""
        except OSError:
            data = b""
        self.seen += data
        return bool(data)
