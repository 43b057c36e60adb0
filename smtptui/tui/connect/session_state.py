"""What the app knows of servers and logins until the user quits: profiles, keyring, what was typed and agreed to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from smtptui.profiles import Consent, Keyring, LoginPlan, Profile, ProfileStore, plan_profile
from smtptui.protocol import Connection, Secret
from smtptui.tui.connect.server import Server

Account = tuple[str, str, str]
"""Host or socket, port and user: what a secret belongs to."""


@dataclass
class CredentialCache:
    """What was typed and agreed to since the app was opened. Nothing of it is ever written anywhere."""

    secrets: dict[Account, Secret] = field(default_factory=dict)
    consents: set[tuple[Consent, str, str]] = field(default_factory=set)
    ask_always: bool = False
    """Whether a message to the own sandbox is asked about, too."""

    def secret(self, profile: Profile) -> Secret | None:
        """What was typed for this account."""
        return self.secrets.get(account(profile))

    def keep(self, profile: Profile, secret: Secret) -> None:
        """Keep what was typed until the app closes."""
        self.secrets[account(profile)] = secret

    def forget(self, profile: Profile) -> None:
        """Drop what was typed."""
        self.secrets.pop(account(profile), None)

    def plan(self, profile: Profile, connection: Connection, kept: Profile | None) -> LoginPlan:
        """Who logs in over the connection that ``profile`` makes, and what was not yet agreed to; ``kept`` is the
        profile it was changed from, if any."""
        server = account(profile)[:2]
        agreed = {consent for consent in Consent if (consent, *server) in self.consents}
        return plan_profile(profile, connection, kept=kept).agreed(agreed)

    def agree(self, profile: Profile, consent: Consent) -> None:
        """Ask no more about this for this server."""
        self.consents.add((consent, *account(profile)[:2]))


@dataclass(frozen=True, slots=True)
class SessionState:
    """``own`` are the servers of the app's sandbox; ``environ`` is where commands and variables are looked for."""

    store: ProfileStore
    keyring: Keyring
    environ: Mapping[str, str]
    own: tuple[Server, ...] = ()
    credentials: CredentialCache = field(default_factory=CredentialCache)


def account(profile: Profile) -> Account:
    """Whose secret it is."""
    connection = profile.connection()
    return (str(profile.socket or profile.host), str(connection.port), profile.user)
