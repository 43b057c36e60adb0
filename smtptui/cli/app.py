"""The group of commands; a command's module is loaded when it is asked for."""

import click

from smtptui import __version__
from smtptui.cli.lazy import Entry, LazyGroup

# Nothing but click is imported here, and each command imports what it needs inside its function.
_COMMANDS = {
    "batch": Entry("smtptui.cli.batch.group", "batch", "Send a message to a list, each recipient once."),
    "demo": Entry("smtptui.cli.demo", "demo", "Open the app on its own sandbox server, without any network."),
    "profiles": Entry("smtptui.cli.profiles.group", "profiles", "Keep the servers you know, and their secrets."),
    "sandbox": Entry("smtptui.cli.sandbox", "sandbox", "Run the sandbox server alone, until interrupted."),
    "send": Entry("smtptui.cli.send", "send", "Send one message and watch the session."),
}


@click.group(
    cls=LazyGroup,
    entries=_COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="smtptui", message="%(prog)s %(version)s")
@click.pass_context
def app(ctx: click.Context) -> int | None:
    """An SMTP workbench in a terminal. Without a command it opens the app."""
    if ctx.invoked_subcommand is not None:
        return None
    # The app's toolkit takes longest of all to load.
    from smtptui.cli.demo import open_app

    return open_app()
