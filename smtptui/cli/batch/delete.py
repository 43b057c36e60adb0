"""``smtptui batch delete``: a batch goes, with all that it knows of people."""

import sys
from typing import TYPE_CHECKING

import click

from smtptui.cli.batch.options import JSON

if TYPE_CHECKING:
    from smtptui.batch import Deleted


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--forget", is_flag=True, help="Forget whom they sent to as well: nothing then warns of sending the same again."
)
@JSON
def delete(names: tuple[str, ...], forget: bool, as_json: bool) -> int:
    """Delete batches with all that is known of their recipients. Nothing is asked.

    What you have suppressed stays suppressed, and what counts for the daily cap stays counted. For 90 days after the
    last message it stays known whom the batch sent to, as hashes from which no address can be read, so that `new` and
    `run` notice a repetition; --forget deletes that too, also of a batch that was deleted before. A batch that is being
    sent is refused.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.opened import batch_errors, catalog, holder
    from smtptui.cli.batch.words import counted
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    stdout = Printer(sys.stdout)

    def show(done: "Deleted") -> None:
        if as_json:
            return
        if done.forgotten is None:
            stdout.line(f"Batch {done.name} is deleted.")
        else:
            who = counted(done.forgotten, "person", "people")
            stdout.line(f"It is forgotten that batch {done.name} sent to {who}.")

    with batch_errors():
        deleted = catalog().delete(names, holder(), forget=forget, progress=show)
    if as_json:
        stdout.json({"ok": True, "exit": 0, "deleted": list(deleted), "forgotten": forget})
    return ExitCode.OK
