"""A batch while it runs: a bar that is drawn anew on a terminal, else a line a second, or JSON Lines."""

import os
import shutil
import time
from collections.abc import Callable
from typing import TextIO

from smtptui.batch import BY_CODE, BatchStatus, RecipientState
from smtptui.cli.batch.words import counted, duration, speed
from smtptui.cli.output import Printer, wants_colour
from smtptui.protocol import visible

_STILL = 60.0
"""Seconds after which a line that says the same is not printed every second any more, but once in as many."""
_BAR = 24
_UP = "\x1b[1A"
_CLEAR = "\r\x1b[2K"
_COLOURS = {
    RecipientState.SENT: "\x1b[32m",
    RecipientState.DEFERRED: "\x1b[33m",
    RecipientState.FAILED: "\x1b[1;31m",
    RecipientState.UNCERTAIN: "\x1b[1;35m",
}
_RESET = "\x1b[0m"
_DECIDED = (
    RecipientState.SENT,
    RecipientState.FAILED,
    RecipientState.UNCERTAIN,
    RecipientState.SUPPRESSED,
    RecipientState.SKIPPED,
)
_ALWAYS = (RecipientState.SENT, RecipientState.PENDING)


class Board:
    """Where a running batch is shown; ``clock`` is for how long it has said the same."""

    def __init__(self, stream: TextIO, *, as_json: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._printer = Printer(stream)
        self._stream = stream
        self._json = as_json
        self._clock = clock
        self._drawn = not as_json and stream.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._drawn and wants_colour(stream, os.environ)
        self._lines = 0
        self._said: tuple[object, ...] = ()
        self._changed = self._printed = 0.0

    @property
    def gone(self) -> bool:
        """Whether nobody reads any more."""
        return self._printer.gone

    def show(self, status: BatchStatus) -> None:
        """Show how it stands now; called about once a second."""
        if self._drawn:
            width = max(20, shutil.get_terminal_size().columns)
            self._draw([line[: width - 1] for line in progress_lines(status)], status)
            return
        now, said = self._clock(), (status.state, status.reason, dict(status.tally.counts), status.limited_by)
        if said != self._said:
            self._said, self._changed = said, now
        elif now - self._changed > _STILL and now - self._printed < _STILL:
            return
        self._printed = now
        if self._json:
            self._printer.json(status.document)
        else:
            self._printer.line(one_line(status))

    def end(self, status: BatchStatus) -> None:
        """What is drawn shows the end and stays where it is; what comes next begins below."""
        if self._drawn:
            self.show(status)
        self._lines = 0

    def _draw(self, lines: list[str], status: BatchStatus) -> None:
        shown = [self._coloured(visible(line), status) for line in lines]
        back = _UP * self._lines
        text = back + "".join(f"{_CLEAR}{line}\n" for line in shown)
        # A line fewer than before leaves one that would stay.
        fewer = self._lines - len(shown)
        if fewer > 0:
            text += f"{_CLEAR}\n" * fewer + _UP * fewer
        self._printer.raw(text)
        self._lines = len(shown)

    def _coloured(self, line: str, status: BatchStatus) -> str:
        if not self._colour:
            return line
        for state, colour in _COLOURS.items():
            words = f"{status.tally[state]} {state}"
            if status.tally[state] and words in line:
                line = line.replace(words, f"{colour}{words}{_RESET}", 1)
        return line


def progress_lines(status: BatchStatus) -> list[str]:
    """A bar with the time left, the states, and what limits the speed."""
    total = status.tally.total
    decided = sum(status.tally[state] for state in _DECIDED)
    share = decided / total if total else 1.0
    full = int(share * _BAR)
    words = [f"{status.batch} {status.state}", f"[{'#' * full}{'-' * (_BAR - full)}] {int(share * 100)} %"]
    lines = ["  ".join([*words, *_pace(status)]), "  ".join(_counts(status))]
    if status.limited_by:
        lines.append(_held_up(status.limited_by))
    elif status.reason:
        lines.append(status.reason)
    return lines


def one_line(status: BatchStatus) -> str:
    """The same on one line."""
    words = [f"{status.batch} {status.state}", ", ".join(_counts(status)), *_pace(status)]
    if status.limited_by:
        words.append(_held_up(status.limited_by))
    elif status.reason:
        words.append(status.reason)
    return " · ".join(words)


def status_lines(status: BatchStatus) -> list[str]:
    """The same as a small page."""
    lines = [f"{status.batch}: {status.state}{f' ({status.reason})' if status.reason else ''}", ""]
    if status.damaged:
        lines = [lines[0], status.damaged, ""]
    for name, value in status.document.items():
        if name in _NUMBERS and (value or name in ("total", "sent", "pending")):
            lines.append(f"  {name:<12}{value:>9}")
        if name == RecipientState.FAILED and status.by_code:
            lines.append(f"    {status.by_code} of them {BY_CODE}")
    if status.live:
        lines += ["", f"  {'  '.join(_pace(status))}"] if _pace(status) else []
        if status.limited_by:
            lines.append(f"  {_held_up(status.limited_by)}")
    return lines


_SENTENCES = ("starting", "waiting: ", "paused by you")
"""How a sentence begins that needs no label."""


def _held_up(limited_by: str) -> str:
    return limited_by if limited_by.startswith(_SENTENCES) else f"limited by: {limited_by}"


_NUMBERS = ("total", "leased", *(state.value for state in RecipientState))


def _counts(status: BatchStatus) -> list[str]:
    tally = status.tally
    found = [f"{tally[state]} {state}" for state in RecipientState if tally[state] or state in _ALWAYS]
    if status.by_code:
        found.append(f"({status.by_code} failed {BY_CODE})")
    return [counted(tally.total, "recipient", "recipients"), *found]


def _pace(status: BatchStatus) -> list[str]:
    words = []
    if status.rate is not None:
        words.append(speed(status.rate))
    if status.eta_s is not None:
        words.append(f"{duration(status.eta_s)} left")
    return words
