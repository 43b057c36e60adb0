"""What was typed and agreed to since the app was opened. Nothing of it is ever written anywhere."""

from dataclasses import dataclass, field
from enum import StrEnum

from smtptui.profiles import Profile
from smtptui.protocol import Secret


class Consent(StrEnum):
    """What is done only after it was agreed to."""

    CLEAR_AUTH = "clear-auth"
    """Logging in without TLS."""
    UNVERIFIED_AUTH = "unverified-auth"
    """Logging in to whoever answers."""
    ELSEWHERE = "elsewhere"
    """Giving the secret of a profile to another host than the profile's."""


Account = tuple[str, str, str]
"""Host or socket, port and user: what a secret belongs to."""


@dataclass
class CredentialCache:
    """The memory of one sitting."""

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

    def agreed(self, profile: Profile, consent: Consent) -> bool:
        """Whether this was agreed to for this server."""
        return (consent, *account(profile)[:2]) in self.consents

    def agree(self, profile: Profile, consent: Consent) -> None:
        """Ask no more about this for this server."""
        self.consents.add((consent, *account(profile)[:2]))


def account(profile: Profile) -> Account:
    """Whose secret it is."""
    connection = profile.connection()
    return (str(profile.socket or profile.host), str(connection.port), profile.user)
