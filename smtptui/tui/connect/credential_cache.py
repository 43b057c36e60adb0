"""What was typed and agreed to since the app was opened. Nothing of it is ever written anywhere."""

from dataclasses import dataclass, field

from smtptui.profiles import Consent, LoginPlan, Profile, plan_profile
from smtptui.protocol import Connection, Secret

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

    def plan(self, profile: Profile, connection: Connection, kept: Profile | None) -> LoginPlan:
        """Who logs in over the connection that ``profile`` makes, and what was not yet agreed to; ``kept`` is the
        profile it was changed from, if any."""
        server = account(profile)[:2]
        agreed = {consent for consent in Consent if (consent, *server) in self.consents}
        return plan_profile(profile, connection, kept=kept).agreed(agreed)

    def agree(self, profile: Profile, consent: Consent) -> None:
        """Ask no more about this for this server."""
        self.consents.add((consent, *account(profile)[:2]))


def account(profile: Profile) -> Account:
    """Whose secret it is."""
    connection = profile.connection()
    return (str(profile.socket or profile.host), str(connection.port), profile.user)
