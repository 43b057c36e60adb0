"""The options that say what a profile has: those of a connection, and what only a profile keeps."""

import difflib
from typing import Any

import click

from smtptui.cli.connection_options import profile_fields, server_options, split_server
from smtptui.cli.errors import usage
from smtptui.cli.options import Command, Decorator, apply, typed
from smtptui.cli.sections import SectionedOption

_INSTEAD = {
    "--server": "Server to connect to, [IPv6]:PORT too. Without a port: 25, with --tls implicit 465, with --tls"
    " starttls 587.",
    "--user": "Log in as this user.",
    "--auth": "SASL mechanism; auto takes the best one that the server offers, off none.",
}
_LIMITS = ("per_minute", "per_day", "connections", "messages_per_connection")
_SECRETS = ("secret", "password_command", "password_env", "token_command", "token_env")


def _secret(*names: str, **attributes: Any) -> Decorator:
    return click.option(*names, cls=SectionedOption, section="Secret", **attributes)


def profile_option(*names: str, **attributes: Any) -> Decorator:
    """An option that is about the profile as a whole, or that only a profile has."""
    return click.option(*names, cls=SectionedOption, section="Profile", **attributes)


_OPTIONS = (
    _secret("--secret", type=click.Choice(["keyring", "ask"]), help="Where the secret is.  [default: keyring]"),
    _secret(
        "--password-command",
        metavar="COMMAND",
        help="Command whose first line of output is the password. It is kept in the file: no password in it.",
    ),
    _secret("--password-env", metavar="VARIABLE", help="Environment variable that holds the password."),
    _secret("--token-command", metavar="COMMAND", help="Command that prints an OAuth access token."),
    _secret("--token-env", metavar="VARIABLE", help="Environment variable that holds an OAuth access token."),
    _secret("--command-timeout", metavar="SECONDS", help="How long a command may take.  [default: 10]"),
    profile_option(
        "--from",
        "from_address",
        metavar="MAILBOX",
        help="Author of messages, as in 'Ann <ann@example.org>'.",
    ),
    profile_option("--per-minute", metavar="N", help="Messages a minute that the server allows."),
    profile_option("--per-day", metavar="N", help="Recipients in 24 hours that it allows."),
    profile_option("--connections", metavar="N", help="Connections at once that it allows."),
    profile_option("--messages-per-connection", metavar="N", help="Messages over one connection that it allows."),
    profile_option("--note", metavar="TEXT", help="Anything worth knowing."),
    profile_option(
        "--color",
        type=click.Choice(["none", "blue", "cyan", "pink", "white", "grey"]),
        help="Mark in the app's list.",
    ),
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")


def field_options(command: Command) -> Command:
    """Give a command the options of a profile's fields; :func:`read_fields` reads them."""
    return server_options(apply(_OPTIONS, command), _INSTEAD)


def read_fields(ctx: click.Context) -> dict[str, Any]:
    """The fields that were given, named as in the file; None for those that have to go for that.

    Raises a usage :class:`CommandError` where the options contradict each other.
    """
    given = ctx.params
    fields = profile_fields(ctx)
    if typed(ctx, "server") and typed(ctx, "socket"):
        raise usage("--server and --socket: give one of them.")
    if typed(ctx, "server"):
        host, port = split_server(given["server"])
        fields |= {"host": host, "socket": None} | ({} if port is None else {"port": port})
    if typed(ctx, "socket"):
        if str(given["socket"]) in ("", "."):
            raise usage("--socket is empty: name one, or leave the option out.")
        fields |= {"socket": given["socket"].absolute(), "host": None, "port": None}
    for name in ("command_timeout", "note", "color"):
        if typed(ctx, name):
            fields[name] = given[name]
    if typed(ctx, "from_address"):
        fields["from"] = given["from_address"]
    secrets = [name for name in _SECRETS if typed(ctx, name)]
    if len(secrets) > 1:
        both = " and ".join("--" + name.replace("_", "-") for name in secrets)
        raise usage(f"{both}: a secret comes from one place.")
    if secrets:
        # The place it came from before is not looked at any more.
        fields |= {name: given[name] if name in secrets else None for name in _SECRETS}
    limits = {name: given[name] for name in _LIMITS if typed(ctx, name)}
    return fields | ({"limits": limits} if limits else {})


def unset(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The fields with some taken out, ``limits.per_day`` too; raises a usage :class:`CommandError` for unknown ones."""
    from smtptui.profiles import LIMIT_FIELDS, PROFILE_FIELDS

    known = [*PROFILE_FIELDS, *(f"limits.{name}" for name in LIMIT_FIELDS)]
    for name in names:
        wanted = name.strip().replace("-", "_")
        if wanted not in known:
            near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
            raise usage(f"--unset {name}: there is no such field; {hint}")
        section, _, field = wanted.partition(".")
        if field:
            fields[section] = {key: value for key, value in (fields.get(section) or {}).items() if key != field}
        else:
            fields[section] = None
    return fields
