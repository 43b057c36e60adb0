"""The group of commands; a command's module is loaded when it is asked for."""

import importlib

import click

from smtptui import __version__

# Starting must be fast, also for --version in a script: nothing but click is imported here, and each command
# imports what it needs inside its function.
_COMMANDS = {
    "demo": ("smtptui.cli.demo", "demo", "Open the app on its own sandbox server, without any network."),
    "sandbox": ("smtptui.cli.sandbox", "sandbox", "Run the sandbox server alone, until interrupted."),
    "send": ("smtptui.cli.send", "send", "Send one message and watch the session."),
}


class _LazyGroup(click.Group):
    """Knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][2]) for name in self.list_commands(ctx)])


@click.group(
    cls=_LazyGroup,
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
