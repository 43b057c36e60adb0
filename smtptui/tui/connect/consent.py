"""What has to be agreed to before a session begins, and how to say it."""

from smtptui.profiles import Profile, SecretOrigin
from smtptui.protocol import Connection, TlsMode
from smtptui.tui.connect.credential_cache import Consent, CredentialCache
from smtptui.tui.connect.values import logs_in, place

_ELSEWHERE = frozenset(SecretOrigin) - {SecretOrigin.NONE, SecretOrigin.KEYRING, SecretOrigin.ASK}
"""Secrets that belong to a profile and not to a server: they would go wherever it points."""


def consents(profile: Profile, origin: Profile | None, sitting: CredentialCache) -> tuple[Consent, ...]:
    """What is to be asked. ``origin`` is the profile that was changed into ``profile``, if any."""
    needed: list[Consent] = []
    if not logs_in(profile):
        return ()
    connection = profile.connection()
    if _clear(connection) and not permitted(profile, origin):
        needed.append(Consent.CLEAR_AUTH)
    if connection.tls_mode is not TlsMode.NONE and not connection.tls.verify:
        needed.append(Consent.UNVERIFIED_AUTH)
    if origin is not None and profile.secret_origin in _ELSEWHERE and _place(profile) != _place(origin):
        needed.append(Consent.ELSEWHERE)
    return tuple(consent for consent in needed if not sitting.agreed(profile, consent))


def permitted(profile: Profile, origin: Profile | None) -> bool:
    """Whether a kept profile allows a login in the clear at this very server."""
    return origin is not None and origin.allow_clear_auth and _place(profile) == _place(origin)


def may_clear(profile: Profile, origin: Profile | None, sitting: CredentialCache) -> bool:
    """Whether a login without TLS has been agreed to, by the profile or in this sitting."""
    return permitted(profile, origin) or sitting.agreed(profile, Consent.CLEAR_AUTH)


def words(consent: Consent, profile: Profile, origin: Profile | None) -> str:
    """What happens if one agrees, in a sentence."""
    label = place(profile)
    match consent:
        case Consent.CLEAR_AUTH:
            return f"Logs in without TLS: anybody on the way to {label} can read the login of {profile.user}."
        case Consent.UNVERIFIED_AUTH:
            return f"Nobody checks the certificate: the login goes to whoever answers as {label}."
        case Consent.ELSEWHERE:
            named = origin.name if origin is not None else "the profile"
            return f"The secret of {named} goes to another server than its own: {label}."


def _clear(connection: Connection) -> bool:
    return connection.tls_mode is TlsMode.NONE and connection.socket_path is None


def _place(profile: Profile) -> str:
    return profile.connection().label
