"""Removes the files of batches."""

import sys
from collections.abc import Sequence

from smtptui.batch import delete_batch, taken_over, tidy_folder
from smtptui.cli.batch.mending import holder
from smtptui.cli.batch.opened import batch_errors, folder, opened_shared, path_of, shared_path
from smtptui.cli.batch.repeating import take_over_acceptances
from smtptui.cli.batch.words import counted
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer


def remove(names: Sequence[str], *, forget: bool, as_json: bool) -> ExitCode:
    """Delete batches, and with ``forget`` whom they sent to.

    Raises :class:`CommandError`, before any is deleted if a name is unknown.
    """
    tidy_folder(folder())
    take_over_acceptances()
    with opened_shared() as shared:
        sent = {each.batch for each in shared.acceptances.mailings()}
    gone = [
        name for name in dict.fromkeys(names) if forget and name in sent and not (folder() / f"{name}.sqlite").exists()
    ]
    paths = [path_of(name) for name in dict.fromkeys(names) if name not in gone]
    stdout = Printer(sys.stdout)
    for path in paths:
        with batch_errors(), taken_over(path, holder(), doing="being deleted"):
            delete_batch(path, shared=shared_path())
        if not as_json:
            stdout.line(f"Batch {path.stem} is deleted.")
    if forget:
        with opened_shared() as shared:
            for name in (*(path.stem for path in paths), *gone):
                number = shared.acceptances.forget(name)
                if not as_json:
                    who = counted(number, "person", "people")
                    stdout.line(f"It is forgotten that batch {name} sent to {who}.")
    if as_json:
        stdout.json({"ok": True, "exit": 0, "deleted": [path.stem for path in paths], "forgotten": forget})
    return ExitCode.OK
