"""What is asked before a session begins: consent, and the secret. Either may be refused, and then nothing happens."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.app import App

from smtptui.profiles import Consent, Keyring, LoginPlan, Profile, fetch
from smtptui.protocol import Connection, Credentials
from smtptui.tui.connect.confirm_send import Answer, ConfirmSend
from smtptui.tui.connect.credential_cache import CredentialCache
from smtptui.tui.connect.secret_dialog import Keep, SecretDialog, Typed
from smtptui.tui.connect.values import place


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who wants to log in where: the profile as the form has it, the one it came from, and how it is reached."""

    profile: Profile
    origin: Profile | None
    connection: Connection
    own: bool


class Admission:
    """Asks, and remembers the answers for the sitting. Used in a worker: it waits for dialogs."""

    def __init__(self, app: App[None], sitting: CredentialCache, keyring: Keyring, environ: Mapping[str, str]) -> None:
        self._app = app
        self._sitting = sitting
        self._keyring = keyring
        self._environ = environ
        self.typed: Typed | None = None
        """What was typed for the session, if anything was."""

    def plan(self, candidate: Candidate) -> LoginPlan:
        """Who logs in, and what was not yet agreed to."""
        return self._sitting.plan(candidate.profile, candidate.connection, candidate.origin)

    async def agreed(self, candidate: Candidate, recipients: tuple[str, ...] | None) -> Answer:
        """Ask what has to be asked. ``recipients`` is None where no mail is sent."""
        profile, origin, plan = candidate.profile, candidate.origin, self.plan(candidate)
        asks = recipients is not None and (self._sitting.ask_always or not candidate.own)
        if not plan.needs and not asks:
            return Answer.YES
        answer = await self._app.push_screen_wait(
            ConfirmSend(
                place(profile),
                recipients,
                f"TLS {plan.connection.tls_mode} · {plan.summary}",
                warnings=tuple(need.why for need in plan.needs),
                # Only this one has a field in the profile that says so.
                always=Consent.CLEAR_AUTH in plan.consents and origin is not None and not candidate.own,
            )
        )
        if answer is not Answer.NO:
            for consent in plan.consents:
                self._sitting.agree(profile, consent)
        return answer or Answer.NO

    async def credentials(self, profile: Profile, plan: LoginPlan) -> Credentials | None:
        """What to log in with; raises :class:`SecretError`."""
        typed = self._sitting.secret(profile)
        if typed is not None and plan.wants_secret:
            return plan.with_secret(typed)

        async def ask(question: str) -> str | None:
            # Before the question itself, for which the dialog has words of its own.
            why = question.rpartition("\n")[0]
            keeps = (Keep.SITTING, Keep.ONCE, Keep.KEYRING)
            answer = await self._app.push_screen_wait(SecretDialog(profile, why=why, keeps=keeps, done="Log in"))
            if answer is None:
                return None
            self.typed = answer
            await self.keep(profile, answer)
            return answer.secret.reveal()

        return await fetch(profile, plan, keyring=self._keyring, environ=self._environ, ask=ask)

    async def keep(self, profile: Profile, typed: Typed) -> None:
        """Keep what was typed, as long as it was said; raises :class:`SecretError`."""
        self._sitting.forget(profile)
        if typed.keep is Keep.SITTING:
            self._sitting.keep(profile, typed.secret)
        elif typed.keep is Keep.KEYRING:
            await self._keyring.set(profile, typed.secret)
