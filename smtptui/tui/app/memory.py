"""The app's memory: what it writes down while it runs, so that the next start is like the end of this one."""

import asyncio
import contextlib
import sys
import threading

from smtptui.tui.app.state import Section, StateFile

RHYTHM = 5.0
"""Seconds between looks at the form: what a crash may cost."""


class Memory:
    """What is in the state file, and what shall be. Nothing is written that has not changed."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        found = file.read()
        self.fresh = found is None and not file.trouble
        """Whether the app was never used here."""
        self.lost = file.trouble
        """A sentence, where there was something that could not be read."""
        self._written: dict[str, Section] = found or {}
        self._wanted: dict[str, Section] = {}
        self._told = False
        self._writing = threading.Lock()

    def recall(self, section: str) -> Section:
        """What was remembered; empty for nothing."""
        return self._written.get(section, {})

    def note(self, section: str, content: Section) -> None:
        """Remember this from the next writing on."""
        if content != self._wanted.get(section, self._written.get(section, {})):
            self._wanted[section] = content

    async def write(self) -> str:
        """Write what has changed, in a thread; returns a sentence the first time that this fails."""
        return await asyncio.to_thread(self._write) if self._wanted else ""

    def close(self) -> None:
        """Write what has changed, now. The terminal is the shell's again: what fails is said there."""
        if self._wanted and (trouble := self._write()):
            # Where the terminal is gone there is nobody to tell.
            with contextlib.suppress(OSError):
                print(f"smtptui: {trouble}", file=sys.stderr, flush=True)

    def _write(self) -> str:
        # At the end of the app a thread may still be at it, with what was there before.
        with self._writing:
            changes = dict(self._wanted)
            self._file.write(changes)
            if self._file.trouble:
                told, self._told = self._told, True
                return "" if told else self._file.trouble
            self._told = False
            self._written.update(changes)
            for section, content in changes.items():
                # Unless it has changed again meanwhile.
                if self._wanted.get(section) is content:
                    del self._wanted[section]
            return ""
