"""The commands of ``smtptui profiles``, each loaded when it is asked for."""

import click

from smtptui.cli.lazy import Entry, LazyGroup

_COMMANDS = {
    "add": Entry("smtptui.cli.profiles.add", "add", "Add a profile."),
    "edit": Entry("smtptui.cli.profiles.edit", "edit", "Change fields of a profile, or open it in an editor."),
    "import": Entry("smtptui.cli.profiles.import_", "import_", "Make profiles of msmtp accounts and swaks commands."),
    "list": Entry("smtptui.cli.profiles.list", "list_", "List the profiles."),
    "locate": Entry("smtptui.cli.profiles.locate", "locate", "Print where the files of smtptui are."),
    "password": Entry("smtptui.cli.profiles.password", "password", "Keep the password of a profile in the keyring."),
    "presets": Entry("smtptui.cli.profiles.presets", "presets", "List the providers that are known, or show one."),
    "remove": Entry("smtptui.cli.profiles.remove", "remove", "Remove a profile."),
    "show": Entry("smtptui.cli.profiles.show", "show", "Show a profile as the file has it, or resolved."),
    "test": Entry("smtptui.cli.profiles.test", "try_profile", "Try a profile: connect and log in, send no mail."),
}


@click.group(cls=LazyGroup, entries=_COMMANDS, invoke_without_command=True)
@click.pass_context
def profiles(ctx: click.Context) -> int | None:
    """Keep the servers you know, and their secrets.

    A profile is a server with everything needed to use it: port, TLS, login, limits. Profiles are kept in
    profiles.yaml, which you may edit by hand as well; secrets are kept elsewhere, and the file only says where.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    return None
