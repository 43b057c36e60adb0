"""Makes a batch of those whom another one has left."""

import re
import sys

import click

from smtptui.batch import LEFT, Leftovers, RecipientState, documents_of
from smtptui.cli.batch.making import make_of
from smtptui.cli.batch.mending import holder
from smtptui.cli.batch.names import free_name
from smtptui.cli.batch.opened import batch_errors, check_name, names, path_of, settings_of
from smtptui.cli.batch.reading import read_again
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import bad_input
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

_NUMBERED = re.compile(r"-[0-9]+\Z")


def remake(ctx: click.Context) -> ExitCode:
    """Make the batch and print its name; raises :class:`CommandError`."""
    old, chosen = ctx.params["from_batch"], ctx.params["states"]
    states = [RecipientState(word) for word in chosen] or LEFT
    place = path_of(old)
    with (
        batch_errors(),
        Leftovers(place, states, holder()) as left,
    ):
        settings = settings_of(left.facts)
        new = read_again(ctx, settings, documents_of(left.journal))
        if not left.sample(1):
            raise bad_input(f"Batch {old} has nobody who is {' or '.join(states)}, so no batch was made.")
        name = check_name(new.name) if new.name else free_name(_NUMBERED.sub("", old), names())
        made = make_of(name, new, left, left.columns.index(settings.list.address_column))
        moved = left.move(name)
    made.report()
    if moved and not new.as_json:
        who = counted(moved, "recipient was", "recipients were")
        Printer(sys.stderr).line(f"{who} moved here: batch {old} does not send to them any more.")
    return ExitCode.OK
