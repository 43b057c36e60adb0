"""How much processor time and memory another process has taken: from /proc on Linux, else from ``ps``."""

import os
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

from smtptui.config import child_environment

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a process has taken so far."""

    seconds: float
    """Of processor time."""
    resident: int
    """Octets of memory that are its own now."""


def taken_by(pid: int) -> Taken | None:
    """What a child of ours has taken; None if it has ended, or if nobody says so."""
    try:
        # The name of the program, which comes before, may have blanks and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _by_ps(pid)
    except OSError:
        return None
    if fields[0] == "Z":
        return None
    return Taken((int(fields[11]) + int(fields[12])) / _TICKS, int(fields[21]) * resource.getpagesize())


def _by_ps(pid: int) -> Taken | None:
    command = ["/bin/ps", "-o", "time=,rss=", "-p", str(pid)]
    try:
        done = subprocess.run(  # noqa: S603 - the system's own program
            command, capture_output=True, text=True, timeout=5, check=True, env=child_environment(os.environ)
        )
        time, rss = done.stdout.split()
        seconds = 0.0
        for part in time.replace("-", ":").split(":"):
            # Days, which only a process of days has, are counted as hours: too few, and never reached.
            seconds = seconds * 60 + float(part)
        return Taken(seconds, int(rss) * 1024)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
