"""What is asked before a session begins: consent, and the secret. Either may be refused, and then nothing happens."""

from dataclasses import dataclass

from textual.app import App

from smtptui.profiles import Consent, LoginPlan, Profile, fetch
from smtptui.protocol import Connection, Credentials
from smtptui.tui.connect.confirm_send import Answer, ConfirmSend
from smtptui.tui.connect.secret_dialog import Keep, SecretDialog, Typed
from smtptui.tui.connect.session_state import SessionState
from smtptui.tui.connect.values import place


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who wants to log in where: the profile as the form has it, the one it came from, and how it is reached."""

    profile: Profile
    origin: Profile | None
    connection: Connection
    own: bool


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a session begins with: how the server is reached, and what to log in with, if anybody does."""

    connection: Connection
    credentials: Credentials | None


class LoginFlow:
    """Asks, and remembers the answers until the user quits. Used in a worker: it waits for dialogs."""

    def __init__(self, app: App[None], state: SessionState) -> None:
        self.app = app
        self._state = state
        self._cache = state.credentials
        self.typed: Typed | None = None
        """What was typed for the session, if anything was."""

    def plan(self, candidate: Candidate) -> LoginPlan:
        """Who logs in, and what was not yet agreed to."""
        return self._cache.plan(candidate.profile, candidate.connection, candidate.origin)

    async def agreed(self, candidate: Candidate, recipients: tuple[str, ...] | None) -> Answer:
        """Ask what has to be asked. ``recipients`` is None where no mail is sent."""
        profile, origin, plan = candidate.profile, candidate.origin, self.plan(candidate)
        asks = recipients is not None and (self._cache.ask_always or not candidate.own)
        if not plan.needs and not asks:
            return Answer.YES
        answer = await self.app.push_screen_wait(
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
                self._cache.agree(profile, consent)
        return answer or Answer.NO

    async def credentials(self, profile: Profile, plan: LoginPlan) -> Credentials | None:
        """What to log in with; raises :class:`SecretError`."""
        typed = self._cache.secret(profile)
        if typed is not None and plan.wants_secret:
            return plan.with_secret(typed)

        async def ask(question: str) -> str | None:
            # Before the question itself, for which the dialog has words of its own.
            why = question.rpartition("\n")[0]
            keeps = (Keep.UNTIL_QUIT, Keep.ONCE, Keep.KEYRING)
            answer = await self.app.push_screen_wait(SecretDialog(profile, why=why, keeps=keeps, done="Log in"))
            if answer is None:
                return None
            self.typed = answer
            await self.keep(profile, answer)
            return answer.secret.reveal()

        return await fetch(profile, plan, keyring=self._state.keyring, environ=self._state.environ, ask=ask)

    def forget(self, profile: Profile) -> None:
        """Forget what was typed for this account."""
        self._cache.forget(profile)

    async def keep(self, profile: Profile, typed: Typed) -> None:
        """Keep what was typed, as long as it was said; raises :class:`SecretError`."""
        self._cache.forget(profile)
        if typed.keep is Keep.UNTIL_QUIT:
            self._cache.keep(profile, typed.secret)
        elif typed.keep is Keep.KEYRING:
            await self._state.keyring.set(profile, typed.secret)
