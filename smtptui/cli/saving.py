"""The file of ``--save``: begun before anything is sent, put in place when the session is over."""

from pathlib import Path

from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.config import Replacement, WriteError
from smtptui.transcript import Outcome, Transcript, render


class SaveFile:
    """A transcript's file, begun at once so that a wrong place is known before the first byte is sent.

    Raises :class:`CommandError` (cannot create). What an existing file holds stays until the new content is whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = Replacement(path)
        except WriteError as error:
            raise CommandError(
                ExitCode.CANNOT_CREATE,
                "cannot-create",
                f"--save: {path} cannot be written: {error.reason}. Nothing was sent.",
            ) from error

    def discard(self) -> None:
        """Leave what is there as it is: there was no session."""
        self._file.discard()

    def write(self, transcript: Transcript, outcome: Outcome | None) -> None:
        """Put the transcript there, in the form the file's suffix tells; raises :class:`CommandError` (I/O)."""
        try:
            with self._file as file:
                file.write(render(transcript, outcome, self._path.suffix).encode("utf-8", "backslashreplace"))
        except WriteError as error:
            raise CommandError(
                ExitCode.IO,
                "local",
                f"--save: the transcript could not be written to {self._path}: {error.reason}."
                " The session itself is over; see its result above.",
            ) from error
