"""The relay of a batch as it is now: its profile may have been edited since the batch was made."""

from dataclasses import dataclass, replace
from pathlib import Path

from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind
from smtptui.batch.pacing import HoursError, Limits, limits_of
from smtptui.batch.settings import BatchSettings, Relay
from smtptui.profiles import LoginPlan, Profile, plan_with
from smtptui.protocol import Connection


@dataclass(frozen=True, slots=True)
class CurrentRelay:
    """A relay, and the profile that it is read from now."""

    relay: Relay
    profile: Profile | None = None

    @property
    def login(self) -> LoginPlan:
        """Who logs in, and with what."""
        return plan_with(self.relay.connection, self.relay.user, self.profile)


def relay_of_profile(relay: Relay, profile: Profile, connection: Connection) -> CurrentRelay:
    """The relay of a batch with what its profile says now; ``connection`` is the one that the profile makes."""
    return CurrentRelay(
        relay.model_copy(update={"connection": absolute_paths(connection), "user": profile.user}), profile
    )


def relay_as_made(relay: Relay, profile: Profile | None) -> CurrentRelay:
    """The relay as the batch has it, with the secret that the profile names now.

    Server and user are the batch's, so a keyring is asked for their secret: that of another account would be given to a
    server, or said with a user, that it does not belong to.
    """
    if profile is not None:
        account: dict[str, object] = {"user": relay.user}
        here, there = relay.connection, profile.connection()
        if here.socket_path is None and (here.host, here.port) != (there.host, there.port):
            account |= {"host": here.host, "port": here.port, "socket": None}
        profile = profile.model_copy(update=account)
    return CurrentRelay(relay, profile)


def limits_of_run(settings: BatchSettings, relay: CurrentRelay) -> Limits:
    """The limits of a batch within those of its profile; raises :class:`BatchError` for hours that are not valid."""
    profile = relay.profile
    try:
        return limits_of(settings.limits, None if profile is None else profile.limits, settings.shard)
    except HoursError as error:
        raise BatchError(BatchErrorKind.USAGE, f"--hours: {error}") from error


def relay_changes(before: Relay, now: Relay) -> list[str]:
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


def absolute_paths(connection: Connection) -> Connection:
    """The connection with absolute paths: the batch may run from another folder."""
    tls = connection.tls
    return replace(
        connection,
        socket_path=_absolute(connection.socket_path),
        tls=replace(
            tls,
            ca_file=_absolute(tls.ca_file),
            client_cert=_absolute(tls.client_cert),
            client_key=_absolute(tls.client_key),
        ),
    )


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()
