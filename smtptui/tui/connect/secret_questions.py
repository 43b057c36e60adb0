"""Where the secret of the connection rows comes from, and another one in place of one that was refused."""

from smtptui.profiles import SECRET_FIELDS, Profile, SecretError, SecretOrigin, secret_word
from smtptui.tui.connect.connection_form import ConnectionForm
from smtptui.tui.connect.login_flow import LoginFlow
from smtptui.tui.connect.secret_dialog import Keep, SecretDialog, Typed
from smtptui.tui.connect.session_state import account
from smtptui.tui.connect.values import Values
from smtptui.tui.runs.outcome_bar import OutcomeBar
from smtptui.tui.widgets.forms import FormError
from smtptui.tui.widgets.question import Question
from smtptui.tui.widgets.rows import MARKS, Ink


class SecretQuestions:
    """Asks, keeps the answer, and lets the rows show where it is. Used in a worker: it waits for dialogs."""

    def __init__(self, flow: LoginFlow, form: ConnectionForm, outcome: OutcomeBar) -> None:
        self._flow = flow
        self._form = form
        self._outcome = outcome

    async def choose(self) -> None:
        """Choose where the secret comes from, or type it."""
        form, app = self._form, self._flow.app
        try:
            profile = form.profile()
        except FormError as error:
            self._outcome.refused(str(error))
            error.field.focus()
            return
        if not profile.user or profile.auth == "off":
            app.notify("Nobody logs in. Type a user, or set AUTH, first.", markup=False)
            form.user.focus()
            return
        word = secret_word(profile)
        answer = await app.push_screen_wait(
            Question(
                f"The {word} of {profile.user}",
                f"Where does it come from? Now: {form.secret.words}. A command or an environment variable is set in "
                "the connection details (ctrl+t).",
                (("keyring", "Keyring k", "k"), ("ask", "Ask a", "a"), ("type", "Type now t", "t")),
            )
        )
        if answer == "type":
            typed: Typed | None = await app.push_screen_wait(
                SecretDialog(profile, keeps=(Keep.UNTIL_QUIT, Keep.KEYRING), done="Keep")
            )
            if typed is not None:
                await self._keep(profile, typed)
        elif answer is not None:
            self._flow.forget(profile)
            form.change({**_without_secret(form.values()), "secret": answer})

    async def replace(self, profile: Profile) -> bool:
        """Ask for another secret in place of the one that was refused; returns whether it was kept."""
        keeps = (Keep.KEYRING, Keep.UNTIL_QUIT)
        if profile.secret_origin is not SecretOrigin.KEYRING:
            keeps = (Keep.UNTIL_QUIT, Keep.KEYRING)
        typed: Typed | None = await self._flow.app.push_screen_wait(
            SecretDialog(
                profile,
                why=f"The server refused the {secret_word(profile)} of {profile.user}.",
                keeps=keeps,
                user=self._in_rows(profile),
                done="Keep",
            )
        )
        if typed is None:
            return False
        if typed.user != profile.user:
            self._form.user.value = typed.user
            profile = profile.model_copy(update={"user": typed.user})
        if not await self._keep(profile, typed):
            return False
        kept = "in the keyring" if typed.keep is Keep.KEYRING else "for this sitting"
        self._outcome.say(f"Kept {kept}. F5 sends; t in the list of profiles only tries.", Ink.MUTED, MARKS[Ink.MUTED])
        return True

    def show_kept(self, profile: Profile, typed: Typed | None) -> None:
        """Let the rows look where a secret was put, if they are about it."""
        moved = typed is not None and typed.keep is Keep.KEYRING and profile.secret_origin is not SecretOrigin.KEYRING
        if moved and self._in_rows(profile):
            self._form.change({**_without_secret(self._form.values()), "secret": "keyring"})
        self._form.refresh_words()

    async def _keep(self, profile: Profile, typed: Typed) -> bool:
        """Keep a secret as was said; False where that failed, and the bar says why."""
        try:
            await self._flow.keep(profile, typed)
        except SecretError as error:
            self._outcome.refused(str(error))
            return False
        self.show_kept(profile, typed)
        return True

    def _in_rows(self, profile: Profile) -> bool:
        """Whether the rows are about this account."""
        try:
            return account(self._form.profile()) == account(profile)
        except FormError:
            return False


def _without_secret(values: Values) -> Values:
    return {field: value for field, value in values.items() if field not in SECRET_FIELDS}
