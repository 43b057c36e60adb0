"""Saved transcripts read back: JSON Lines, text and HTML, as far as each of them tells what happened.

A file may come from anywhere. What is no transcript ends in a :class:`ReadError` that names the line; what is one
is as harmless as any other, since nothing is shown that did not pass :func:`~smtptui.protocol.visible`.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from smtptui.protocol import visible
from smtptui.transcript.read_error import ReadError
from smtptui.transcript.read_jsonl import read_json_lines
from smtptui.transcript.read_text import read_html, read_text
from smtptui.transcript.transcript import Transcript

FILE_MOST = 1024 * 1024 * 1024
"""Octets of a file that is read at all."""
LINE_MOST = 4 * 1024 * 1024
"""Octets of a line: a reply keeps 64 KiB, which JSON may write six times as long."""


class Reading:
    """Reads one file, in a thread if one likes: others may ask how far it is, and stop it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cancelled = False
        self._size = 0
        self._done = 0

    @property
    def share(self) -> float:
        """How much has been read, from 0 to 1."""
        return self._done / self._size if self._size else 0.0

    def cancel(self) -> None:
        """Stop; :meth:`read` then raises."""
        self.cancelled = True

    def read(self) -> Transcript:
        """The transcript; raises :class:`ReadError`."""
        name = visible(str(self.path))
        try:
            with ExitStack() as stack:
                file = stack.enter_context(self._open())
                self._size = self.path.stat().st_size
                if self._size > FILE_MOST:
                    raise ReadError(
                        f"{name} has {self._size / 2**30:.1f} GiB, and no more than {FILE_MOST / 2**30:.0f} is read. "
                        "Save less of the session, or cut the file."
                    )
                return _read(self._lines(file))
        except ReadError as error:
            raise ReadError(str(error) if name in str(error) else f"{name}: {error}") from error
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise ReadError(f"{name} cannot be read: {reason}. Check the name.") from error

    def _open(self) -> BinaryIO:
        if self.path.exists() and not self.path.is_file():
            # A pipe or a device might never end.
            raise ReadError(f"{visible(str(self.path))} is no file. Name a saved transcript.")
        return self.path.open("rb")

    def _lines(self, file: BinaryIO) -> Iterator[str]:
        number = 0
        while line := file.readline(LINE_MOST + 1):
            number += 1
            if len(line) > LINE_MOST:
                raise ReadError(
                    f"line {number} is longer than {LINE_MOST // 2**20} MiB, which no saved transcript has."
                )
            if self.cancelled:
                raise ReadError("reading was stopped.")
            self._done += len(line)
            yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _read(lines: Iterator[str]) -> Transcript:
    """The form is told by how the file begins, whatever it is called."""
    blank = 0
    for line in lines:
        start = line.lstrip("\ufeff \t")
        if not start:
            blank += 1
            continue
        again = chain([""] * blank, [start], lines)
        if start.startswith("{"):
            return read_json_lines(again)
        if start.startswith("# SMTP session of "):
            return read_text(again)
        if start.startswith("<"):
            return read_html(again)
        raise ReadError(
            f"line {blank + 1} does not begin as a transcript does. What can be opened is text, JSON Lines or HTML "
            "that smtptui saved."
        )
    raise ReadError("the file is empty.")
