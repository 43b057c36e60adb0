"""``smtptui batch retry``: recipients are tried again that failed or were deferred."""

import sys
from typing import TYPE_CHECKING, Any

import click

from smtptui.cli.batch.options import JSON, state_option
from smtptui.cli.options import Command, apply

if TYPE_CHECKING:
    from smtptui.batch import Decided
    from smtptui.cli.exitcodes import ExitCode

_SELECTORS = (
    click.option("--group", "groups", multiple=True, metavar="ID", help="Those of a group that `errors` shows."),
    click.option("--address", "addresses", multiple=True, metavar="ADDRESS", help="This one; repeatable."),
    click.option("--domain", "domains", multiple=True, metavar="DOMAIN", help="Those at this domain; repeatable."),
)


def selectors(command: Command) -> Command:
    return apply(_SELECTORS, command)


@click.command()
@click.argument("name")
@state_option(("failed", "deferred"), "Those in this state; repeatable, or both with a comma.  [default: both]")
@selectors
@JSON
def retry(name: str, as_json: bool, **given: Any) -> int:
    """Have recipients tried again that failed or were deferred: all, or those that every selector fits.

    They become pending; `run` or `resume` sends to them. What a message was sent for is never sent again by this,
    nor what is uncertain; see `resolve` for that.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import Selection
    from smtptui.batch import retry as retry_recipients
    from smtptui.cli.batch.opened import batch_errors, holder, path_of

    with batch_errors():
        done = retry_recipients(path_of(name), Selection.of(**given), holder())
    return show_decided(name, "retried", done, "will be tried again", "failed or deferred", as_json=as_json)


def show_decided(name: str, what: str, done: "Decided", words: str, wanted: str, *, as_json: bool) -> "ExitCode":
    """Say how many recipients were changed, and what follows."""
    from smtptui.cli.batch.words import counted
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    stdout, number = Printer(sys.stdout), done.number
    if as_json:
        stdout.json(
            {"ok": True, "exit": 0, "batch": name, "done": what, "recipients": number, "runner_ended": done.ended}
        )
        return ExitCode.OK
    if number:
        more = f" Next: smtptui batch run {name}" if what != "assumed-sent" or done.ended else ""
        stdout.line(f"{counted(number, 'recipient', 'recipients')} {words}.{more}")
    else:
        stdout.line(f"No {wanted} recipient matches; nothing changed.")
    if done.ended:
        stdout.line(f"Batch {name} was paused, and the process that waited with it has ended.")
    return ExitCode.OK
