"""Removes the files of batches."""

import os
import socket
import sys
from collections.abc import Sequence

from smtptui.batch import RunnerLock, delete_batch, tidy_folder
from smtptui.cli.batch.opened import folder, journal_troubles, path_of
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer


def remove(names: Sequence[str], *, as_json: bool) -> ExitCode:
    """Delete batches; raises :class:`CommandError`, before any is deleted where a name is unknown."""
    tidy_folder(folder())
    paths = [path_of(name) for name in dict.fromkeys(names)]
    stdout = Printer(sys.stdout)
    for path in paths:
        with journal_troubles(), RunnerLock(path, pid=os.getpid(), host=socket.gethostname(), doing="being deleted"):
            delete_batch(path)
        if not as_json:
            stdout.line(f"Batch {path.stem} is deleted.")
    if as_json:
        stdout.json({"ok": True, "exit": 0, "deleted": [path.stem for path in paths]})
    return ExitCode.OK
