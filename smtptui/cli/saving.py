"""The file of ``--save``: made before anything is sent, filled when the session is over."""

import os
import stat
from pathlib import Path

from smtptui.cli.errors import CommandError, reason
from smtptui.cli.exitcodes import ExitCode
from smtptui.session import Outcome, Transcript, render


class SaveFile:
    """A transcript's file, opened at once so that a wrong place is known before the first byte is sent.

    Raises :class:`CommandError` (cannot create). A new file is readable by its owner alone; what an existing
    one held stays until there is something to put in its place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CommandError(
                ExitCode.CANNOT_CREATE,
                "cannot-create",
                f"--save: {path} cannot be written: {reason(error)}. Nothing was sent.",
            ) from error

    def write(self, transcript: Transcript, outcome: Outcome | None) -> None:
        """Put the transcript there, in the form the file's suffix tells; raises :class:`CommandError` (I/O)."""
        data = render(transcript, outcome, self._path.suffix).encode("utf-8", "backslashreplace")
        try:
            with os.fdopen(self._descriptor, "wb") as file:
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    file.truncate(0)
                file.write(data)
        except OSError as error:
            raise CommandError(
                ExitCode.IO,
                "local",
                f"--save: the transcript could not be written to {self._path}: {reason(error)}."
                " The session itself is over; see its result above.",
            ) from error
