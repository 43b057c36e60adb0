"""Standard output: the live transcript, in colour where that is wanted, and lines that survive a closed pipe."""

from collections.abc import Iterable, Mapping
from typing import TextIO

from smtptui.cli.document import dumps
from smtptui.cli.streams import silence
from smtptui.protocol import Event, visible
from smtptui.transcript import Tone, event_line, page_lines

_RESET = "\x1b[0m"
_COLOURS = {
    Tone.ACCEPTED: "\x1b[32m",
    Tone.TEMPORARY: "\x1b[33m",
    # Bold as well: a failure stays the loudest where red is hard to tell.
    Tone.PERMANENT: "\x1b[1;31m",
    Tone.ERROR: "\x1b[1;31m",
    Tone.NOTE: "\x1b[2m",
}


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour: only a terminal, and not against NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


class Printer:
    """Prints lines to a stream until its reader goes away; from then on it is silent.

    A reader that leaves, as ``| head`` does, must not end the session: its message may be half sent.
    """

    def __init__(self, stream: TextIO, *, colour: bool = False) -> None:
        self._stream = stream
        self._colour = colour
        self.closed = False
        """Whether the reader has gone."""
        self.error: OSError | None = None
        """What else kept a line from being written, such as a full disk."""

    @property
    def gone(self) -> bool:
        """Whether nothing can be printed any more."""
        return self.closed or self.error is not None

    def line(self, text: str) -> None:
        """Print one line; what could act on a terminal is written out."""
        self._write(f"{visible(text)}\n")

    def raw(self, text: str) -> None:
        """Print text of our own making as it is, with what it does to a terminal."""
        self._write(text)

    def json(self, document: Mapping[str, object]) -> None:
        """Print a JSON document on a line of its own."""
        self._write(dumps(document) + "\n")

    def events(self, events: Iterable[Event]) -> None:
        """Print every line of these events, each with its time and direction."""
        pieces = []
        for event in events:
            tone = event_line(event).tone if self._colour else Tone.CLIENT
            pieces += [f"{self._toned(line, tone)}\n" for line in page_lines(event)]
        self._write("".join(pieces))

    def _toned(self, line: str, tone: Tone) -> str:
        colour = _COLOURS.get(tone) if self._colour else None
        return f"{colour}{line}{_RESET}" if colour else line

    def _write(self, text: str) -> None:
        if self.gone:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            self.closed = True
            silence(self._stream)
        except OSError as error:
            self.error = error
            silence(self._stream, error)
