"""The editor in a real terminal: the app steps aside, the editor has the terminal, the text comes back."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_F4, _CTRL_Q = b"\x1bOS", b"\x11"
_EDITOR = """\
import sys
from pathlib import Path
assert sys.stdin.isatty() and sys.stdout.isatty()
print("the editor has the terminal", flush=True)
path = Path(sys.argv[1])
path.write_text(path.read_text() + "edited elsewhere\\n")
"""


class Terminal:
    """The app in a pseudo-terminal, and all it has painted since the last look."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        self._app = subprocess.Popen(
            [sys.executable, "-m", "smtptui", "demo"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environ,
            start_new_session=True,
        )
        os.close(slave)

    def press(self, keys: bytes) -> None:
        """Send keys as a terminal does."""
        os.write(self._master, keys)

    def until(self, seen: Callable[[bytes], bool], seconds: float = 40.0) -> None:
        """Read what is painted until it satisfies ``seen``."""
        painted, end = b"", time.monotonic() + seconds
        while not seen(painted):
            assert time.monotonic() < end, painted[-3000:]
            ready, _, _ = select.select([self._master], [], [], 0.2)
            if ready:
                painted += os.read(self._master, 65536)

    def close(self) -> int:
        """Leave; returns the exit code."""
        self.press(_CTRL_Q)
        end = time.monotonic() + 20
        while self._app.poll() is None and time.monotonic() < end:
            ready, _, _ = select.select([self._master], [], [], 0.2)
            if ready:
                try:
                    os.read(self._master, 65536)
                except OSError:
                    break
        if self._app.poll() is None:
            self._app.send_signal(signal.SIGKILL)
        code = self._app.wait(10)
        os.close(self._master)
        return code


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The app with an editor that adds a line."""
    editor = tmp_path / "editor.py"
    editor.write_text(_EDITOR)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SMTPTUI_")}
    environ |= {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TMPDIR": str(tmp_path),
        "EDITOR": f"{sys.executable} {editor}",
        "TERM": "xterm-256color",
        "COLUMNS": "100",
        "LINES": "36",
    }
    environ.pop("VISUAL", None)
    running = Terminal(environ)
    yield running
    assert running.close() == 0


def test_the_editor_takes_the_terminal_and_gives_it_back(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until(lambda painted: b"this goes no further" in painted)
    terminal.press(_F4)
    terminal.until(lambda painted: b"the editor has the terminal" in painted and b"edited elsewhere" in painted)
    assert not list(tmp_path.rglob("message.txt")), "the private file is gone"
