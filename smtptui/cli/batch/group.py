"""The commands of ``smtptui batch``, each loaded when it is asked for."""

import click

from smtptui.cli.lazy import Entry, LazyGroup

_COMMANDS = {
    "cancel": Entry("smtptui.cli.batch.cancel", "cancel", "End a batch for good; what was sent stays sent."),
    "correct": Entry(
        "smtptui.cli.batch.correct", "correct", "Give a recipient who was not sent to yet another address."
    ),
    "delete": Entry("smtptui.cli.batch.delete", "delete", "Delete batches with all that is known of their recipients."),
    "errors": Entry(
        "smtptui.cli.batch.server_errors", "errors", "Show what servers said against it, equal replies together."
    ),
    "export": Entry("smtptui.cli.batch.export", "export", "Write every recipient and what became of them to a file."),
    "lint": Entry("smtptui.cli.batch.lint", "lint", "Check every message of a batch before one is sent."),
    "list": Entry("smtptui.cli.batch.list", "list_", "List the batches."),
    "new": Entry("smtptui.cli.batch.new", "new", "Make a batch of a list and a template; nothing is sent."),
    "pause": Entry("smtptui.cli.batch.pause", "pause", "Let a running batch finish what is on its way, and stop."),
    "preview": Entry("smtptui.cli.batch.preview", "preview", "Show the message that one recipient will get."),
    "recover": Entry("smtptui.cli.batch.recover", "recover", "Make a damaged batch one that can be sent again."),
    "resolve": Entry("smtptui.cli.batch.resolve", "resolve", "Decide what is to become of uncertain recipients."),
    "resume": Entry("smtptui.cli.batch.resume", "resume", "Go on with a batch that was stopped."),
    "retry": Entry("smtptui.cli.batch.retry", "retry", "Have recipients tried again that failed or were deferred."),
    "run": Entry("smtptui.cli.batch.run", "run", "Send a batch."),
    "status": Entry("smtptui.cli.batch.status", "status", "Show how far a batch is, once or until it ends."),
    "suppress": Entry("smtptui.cli.batch.suppress", "suppress", "Keep addresses out of every batch."),
    "test": Entry("smtptui.cli.batch.test", "test", "Send one recipient's message to yourself."),
}


@click.group(cls=LazyGroup, entries=_COMMANDS, invoke_without_command=True)
@click.pass_context
def batch(ctx: click.Context) -> int | None:
    """Send a message to a list, each recipient once.

    A batch is made of a list, a template and a relay by `new`, checked by `lint`, tried on yourself by `test`, and sent
    by `run`. What became of each recipient is kept in its journal: after a stop, a crash or a lost connection it goes
    on where it was. The other verbs work from any terminal.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    return None
