"""The relay of a batch: the connection options as data, and the same read again when it runs."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smtptui.batch import Relay
from smtptui.cli.connection_options import ConnectionChoice, profile_fields, read_connection
from smtptui.cli.credentials import credentials_of
from smtptui.cli.errors import usage
from smtptui.protocol import Connection, Credentials

if TYPE_CHECKING:
    from smtptui.profiles import Profile


@dataclass(frozen=True, slots=True)
class RelayNow:
    """A relay as it is now; it differs from that of the batch where its profile has been changed."""

    relay: Relay
    choice: ConnectionChoice

    def credentials(self) -> Credentials | None:
        """Who logs in; the secret comes from where the profile says, or from the environment, or is asked for."""
        return credentials_of(self.choice, os.environ)


def chosen_relay(ctx: click.Context) -> RelayNow:
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
        connection=_absolute(choice.connection),
        user=choice.user or "",
        profile=None if profile is None else profile.name,
        options=options,
    )
    return RelayNow(relay, replace(choice, connection=relay.connection))


def relay_now(relay: Relay) -> RelayNow:
    """The relay of a batch, its profile read again; raises :class:`CommandError` where that is gone."""
    if relay.profile is None:
        return RelayNow(relay, ConnectionChoice(relay.connection, relay.user or None))
    # Only with a profile: reading the file takes longer to load than the rest of this.
    from smtptui.cli.profiles.choosing import chosen_profile

    profile, connection = chosen_profile(relay.profile, relay.options)
    now = relay.model_copy(update={"connection": _absolute(connection), "user": profile.user})
    return RelayNow(now, ConnectionChoice(now.connection, profile.user or None, profile))


def relay_kept(relay: Relay, profile: "Profile | None") -> RelayNow:
    """The relay as the batch has it, with the secret that the profile names now."""
    return RelayNow(relay, ConnectionChoice(relay.connection, relay.user or None, profile))


def changes(before: Relay, now: Relay) -> list[str]:
    """What a profile says differently than when the batch was made, each in a few words, without secrets."""
    found = []
    for name, words in _WORDS.items():
        old, new = _value(before.connection, name), _value(now.connection, name)
        if old != new:
            found.append(f"{words} {_shown(old)} → {_shown(new)}")
    if before.user != now.user:
        found.append(f"user {_shown(before.user)} → {_shown(now.user)}")
    return found


_WORDS = {
    "host": "host",
    "port": "port",
    "socket_path": "socket",
    "tls.mode": "TLS",
    "tls.verify": "check of the certificate",
    "tls.ca_file": "authorities",
    "tls.client_cert": "client certificate",
    "tls.client_key": "client key",
    "tls.sni": "SNI name",
    "tls.min_version": "oldest TLS version",
    "tls.fingerprint": "fingerprint",
    "auth": "mechanism",
    "ehlo_name": "EHLO name",
    "family": "IP family",
    "source": "local address",
    "lmtp": "LMTP",
    "allow_clear_auth": "login in the clear",
    "timeout": "timeout",
    "resolver": "name server",
}


def _value(connection: Connection, path: str) -> object:
    value: object = connection
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _shown(value: object) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _plain(value: object) -> str | bool | int | float | None:
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _absolute(connection: Connection) -> Connection:
    """With whole paths: the batch may run from another folder."""
    tls = connection.tls
    return replace(
        connection,
        socket_path=_whole(connection.socket_path),
        tls=replace(
            tls, ca_file=_whole(tls.ca_file), client_cert=_whole(tls.client_cert), client_key=_whole(tls.client_key)
        ),
    )


def _whole(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()


def _check_mechanism(connection: Connection) -> None:
    from smtptui.protocol import MECHANISM_NAMES

    if connection.auth not in ("auto", "off", *MECHANISM_NAMES):
        raise usage(f"--auth {connection.auth}: no such mechanism here; there are {', '.join(MECHANISM_NAMES)}.")
