"""Who logs in at a server, with what, and what has to be agreed to first: one answer for every command and the app."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from smtptui.protocol import BEARER_MECHANISMS, Connection, Credentials, Secret, TlsMode

if TYPE_CHECKING:
    from smtptui.profiles.model import Profile


class SecretOrigin(StrEnum):
    """Where the secret of a profile comes from; the secret itself is never part of one."""

    NONE = "none"
    """Nobody logs in, or a client certificate does."""
    KEYRING = "keyring"
    ASK = "ask"
    PASSWORD_COMMAND = "password_command"  # noqa: S105 - a name
    PASSWORD_ENV = "password_env"  # noqa: S105 - a name
    TOKEN_COMMAND = "token_command"  # noqa: S105 - a name
    TOKEN_ENV = "token_env"  # noqa: S105 - a name


class LoginKind(StrEnum):
    """What a session does about a login."""

    NONE = "none"
    SECRET = "secret"  # noqa: S105 - a name
    """A user logs in with a password or an access token."""
    CERTIFICATE = "certificate"
    """EXTERNAL was asked for: the client certificate logs in, or the session ends."""
    CERTIFICATE_IF_OFFERED = "certificate-if-offered"
    """The client certificate logs in if the server offers EXTERNAL; else the session goes on without a login."""


class Consent(StrEnum):
    """What is done only after it was agreed to."""

    CLEAR_AUTH = "clear-auth"
    """Logging in without TLS."""
    UNVERIFIED_AUTH = "unverified-auth"
    """Logging in to whoever answers."""
    ELSEWHERE = "elsewhere"
    """Giving the secret of a profile to another host than the profile's."""


@dataclass(frozen=True, slots=True)
class Need:
    """A consent that a login needs, and what happens if it is given, in a sentence."""

    consent: Consent
    why: str


@dataclass(frozen=True, slots=True)
class LoginPlan:
    """Who logs in over a connection, with what, and what has to be agreed to first."""

    connection: Connection
    """How the session reaches the server. Its ``auth`` is ``off`` if nobody logs in."""
    kind: LoginKind
    user: str = ""
    """Who logs in; with :attr:`LoginKind.CERTIFICATE` whom to act as. Empty if the certificate says it."""
    origin: SecretOrigin = SecretOrigin.NONE
    """Where the secret comes from, if it takes one."""
    bearer: bool = False
    """Whether the secret is an OAuth access token and no password."""
    needs: tuple[Need, ...] = ()
    """The consents that are still missing."""

    @property
    def logs_in(self) -> bool:
        """Whether somebody may log in."""
        return self.kind is not LoginKind.NONE

    @property
    def must_log_in(self) -> bool:
        """Whether the session ends if nobody can log in."""
        return self.kind in (LoginKind.SECRET, LoginKind.CERTIFICATE)

    @property
    def wants_secret(self) -> bool:
        """Whether a secret has to be fetched or asked for; :meth:`with_secret` takes it."""
        return self.kind is LoginKind.SECRET

    @property
    def consents(self) -> tuple[Consent, ...]:
        """What has to be agreed to, without the reasons."""
        return tuple(need.consent for need in self.needs)

    @property
    def summary(self) -> str:
        """Who logs in, in a few words."""
        match self.kind:
            case LoginKind.NONE:
                return "no login"
            case LoginKind.CERTIFICATE_IF_OFFERED:
                return "AUTH EXTERNAL by the client certificate, if it is offered"
            case LoginKind.CERTIFICATE if not self.user:
                return "AUTH EXTERNAL by the client certificate"
            case _:
                return f"AUTH {self.connection.auth} as {self.user}"

    def agreed(self, consents: Collection[Consent]) -> "LoginPlan":
        """The plan after these were agreed to."""
        left = tuple(need for need in self.needs if need.consent not in consents)
        clear = Consent.CLEAR_AUTH in self.consents and Consent.CLEAR_AUTH in consents
        connection = replace(self.connection, allow_clear_auth=True) if clear else self.connection
        return replace(self, connection=connection, needs=left)

    def without_secret(self) -> Credentials | None:
        """What to log in with if no secret is wanted; None if nobody logs in."""
        if self.kind is LoginKind.NONE:
            return None
        # The certificate says who it is; a user is whom to act as (RFC 4422 appendix A).
        return Credentials(self.user, authorization_id=self.user)

    def with_secret(self, secret: Secret) -> Credentials | None:
        """What to log in with, given the secret; it is left out if the plan wants none."""
        if not self.wants_secret:
            return self.without_secret()
        return Credentials(self.user, token=secret) if self.bearer else Credentials(self.user, password=secret)


def plan_login(
    connection: Connection, user: str, *, origin: SecretOrigin = SecretOrigin.ASK, bearer: bool | None = None
) -> LoginPlan:
    """Who logs in over ``connection``.

    A user logs in with a secret. Without one EXTERNAL is a login by client certificate. With ``auto`` a client
    certificate may be for TLS alone, so it logs in only if the server offers EXTERNAL; it is never shown without TLS,
    so then nobody does.
    """
    kind = _kind(connection, user)
    if kind is LoginKind.NONE:
        return LoginPlan(replace(connection, auth="off"), kind)
    who = "" if kind is LoginKind.CERTIFICATE_IF_OFFERED else user
    plan = LoginPlan(connection, kind, who)
    if kind is LoginKind.SECRET:
        # Its profile may have no user any more: a batch may be sent as it was made.
        source = SecretOrigin.ASK if origin is SecretOrigin.NONE else origin
        plan = replace(plan, origin=source, bearer=connection.auth in BEARER_MECHANISMS if bearer is None else bearer)
    return replace(plan, needs=_needs(plan))


def plan_with(connection: Connection, user: str, profile: "Profile | None") -> LoginPlan:
    """Who logs in over ``connection``: the secret comes from where ``profile`` says, and is asked for without one."""
    if profile is None:
        return plan_login(connection, user)
    return plan_login(connection, user, origin=profile.secret_origin, bearer=profile.bearer)


def plan_profile(profile: "Profile", connection: Connection, *, kept: "Profile | None") -> LoginPlan:
    """Who logs in over ``connection``, the one that ``profile`` makes.

    ``kept`` is the profile of the file that ``profile`` is, or was changed from; only that one can have agreed to a
    login without TLS, and only for its own server. A secret of its own goes to another server only if that is agreed
    to.
    """
    same = kept is not None and profile.connection().label == kept.connection().label
    allowed = kept is not None and same and kept.allow_clear_auth
    plan = plan_login(
        replace(connection, allow_clear_auth=allowed),
        profile.user,
        origin=profile.secret_origin,
        bearer=profile.bearer,
    )
    if kept is None or same or plan.origin not in _OF_THE_PROFILE:
        return plan
    why = f"The secret of {kept.name} goes to another server than its own: {_place(connection)}."
    return replace(plan, needs=(*plan.needs, Need(Consent.ELSEWHERE, why)))


def takes_secret(auth: str, user: str) -> bool:
    """Whether this user logs in with a secret by this mechanism (``auto`` and ``off`` among them)."""
    return bool(user) and auth.lower() != "off" and auth != "EXTERNAL"


_OF_THE_PROFILE = frozenset(SecretOrigin) - {SecretOrigin.NONE, SecretOrigin.KEYRING, SecretOrigin.ASK}
"""Secrets that belong to a profile and not to a server: they would go wherever it points."""


def _kind(connection: Connection, user: str) -> LoginKind:
    if takes_secret(connection.auth, user):
        return LoginKind.SECRET
    if connection.auth == "EXTERNAL":
        return LoginKind.CERTIFICATE
    shown = connection.tls.client_cert is not None and connection.tls_mode is not TlsMode.NONE
    return LoginKind.CERTIFICATE_IF_OFFERED if shown and connection.auth == "auto" else LoginKind.NONE


def _needs(plan: LoginPlan) -> tuple[Need, ...]:
    # A certificate that is shown if the server asks for it gives nothing away, and is shown without a login as well.
    if not plan.must_log_in:
        return ()
    connection, place = plan.connection, _place(plan.connection)
    if connection.tls_mode is TlsMode.NONE:
        # A socket does not leave the machine.
        if connection.allow_clear_auth or connection.socket_path is not None:
            return ()
        why = f"Logs in without TLS: anybody on the way to {place} can read the login of {plan.user}."
        return (Need(Consent.CLEAR_AUTH, why),)
    if connection.tls.verify:
        return ()
    why = f"Nobody checks the certificate: the login goes to whoever answers as {place}."
    return (Need(Consent.UNVERIFIED_AUTH, why),)


def _place(connection: Connection) -> str:
    if connection.host or connection.socket_path is not None:
        return connection.label
    return f"the recipients' MX, port {connection.port}"
