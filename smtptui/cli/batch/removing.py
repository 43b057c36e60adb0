"""Removes the files of batches."""

import sys
from collections.abc import Sequence

from smtptui.batch import delete_batch, taken_over, tidy_folder
from smtptui.cli.batch.mending import holder
from smtptui.cli.batch.opened import folder, journal_troubles, path_of, shared_path
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer


def remove(names: Sequence[str], *, as_json: bool) -> ExitCode:
    """Delete batches; raises :class:`CommandError`, before any is deleted where a name is unknown."""
    tidy_folder(folder())
    paths = [path_of(name) for name in dict.fromkeys(names)]
    stdout = Printer(sys.stdout)
    for path in paths:
        with journal_troubles(), taken_over(path, holder(), doing="being deleted"):
            delete_batch(path, shared=shared_path())
        if not as_json:
            stdout.line(f"Batch {path.stem} is deleted.")
    if as_json:
        stdout.json({"ok": True, "exit": 0, "deleted": [path.stem for path in paths]})
    return ExitCode.OK
