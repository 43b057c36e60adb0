"""The relay of a batch: the connection options as data, and its profile read again when it runs."""

import os

import click

from smtptui.batch import CurrentRelay, Relay, absolute_paths, relay_of_profile
from smtptui.cli.connection_options import ConnectionChoice, profile_fields, read_connection
from smtptui.cli.credentials import credentials_of
from smtptui.cli.errors import usage
from smtptui.protocol import Connection, Credentials


def chosen_relay(ctx: click.Context) -> CurrentRelay:
    """What the connection options of ``new`` mean; a batch needs a relay. Raises :class:`CommandError`."""
    choice = read_connection(ctx)
    _check_mechanism(choice.connection)
    if not (choice.connection.host or choice.connection.socket_path):
        raise usage(
            "A batch needs a relay: --profile, --server or --socket. The mail exchangers of the recipients are left to"
            " it."
        )
    profile = choice.profile
    options = {} if profile is None else {name: _plain(value) for name, value in profile_fields(ctx).items()}
    relay = Relay(
        connection=absolute_paths(choice.connection),
        user=choice.user or "",
        profile=None if profile is None else profile.name,
        options=options,
    )
    return CurrentRelay(relay, profile)


def relay_now(relay: Relay) -> CurrentRelay:
    """The relay of a batch, its profile read again; raises :class:`CommandError` if that is gone."""
    if relay.profile is None:
        return CurrentRelay(relay)
    # Only with a profile: reading the file takes longer to load than the rest of this.
    from smtptui.cli.profiles.choosing import chosen_profile

    return relay_of_profile(relay, *chosen_profile(relay.profile, relay.options))


def relay_credentials(now: CurrentRelay) -> Credentials | None:
    """Who logs in; the secret comes from where the profile says, or from the environment, or is asked for."""
    relay = now.relay
    return credentials_of(ConnectionChoice(relay.connection, relay.user or None, now.profile), os.environ)


def _plain(value: object) -> str | bool | int | float | None:
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _check_mechanism(connection: Connection) -> None:
    from smtptui.protocol import MECHANISM_NAMES

    if connection.auth not in ("auto", "off", *MECHANISM_NAMES):
        raise usage(f"--auth {connection.auth}: no such mechanism here; there are {', '.join(MECHANISM_NAMES)}.")
