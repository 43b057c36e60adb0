"""The half of the Session screen that is about servers: list and rows, and what is asked before a session begins."""

from collections.abc import Coroutine, Sequence

from textual import on
from textual.getters import query_one
from textual.worker import Worker, WorkerState

from smtptui.profiles import SECRET_FIELDS, Profile, SecretError, SecretOrigin, preset_for_address, secret_word
from smtptui.protocol import Connection, Credentials, FailureKind
from smtptui.session import Request, describe_login_test, login_test_request
from smtptui.transcript import Outcome, describe
from smtptui.tui.connect.confirm_send import Answer
from smtptui.tui.connect.connection_form import FRESH, ConnectionForm
from smtptui.tui.connect.credential_cache import account
from smtptui.tui.connect.login_flow import Admission, Candidate
from smtptui.tui.connect.presets_picker import Picked, PresetsPicker
from smtptui.tui.connect.profile_editor import Edited, ProfileEditor
from smtptui.tui.connect.secret_dialog import Keep, SecretDialog, Typed
from smtptui.tui.connect.server import Server
from smtptui.tui.connect.server_list import ServerList
from smtptui.tui.connect.server_pane import ServerPane
from smtptui.tui.connect.session_state import SessionState
from smtptui.tui.connect.values import Values, absolute, merged, profile_of, values_of
from smtptui.tui.frame.work_screen import WorkScreen
from smtptui.tui.runs.outcome_badge import ink_of, mark_of
from smtptui.tui.runs.outcome_bar import OutcomeBar
from smtptui.tui.widgets.forms import FormError
from smtptui.tui.widgets.question import Question
from smtptui.tui.widgets.rows import MARKS, Ink

WAITING = "…"
"""The mark of what is waited for."""


class ProfileScreen(WorkScreen):
    """Routes between the list of servers, the connection rows and the outcome bar.

    A subclass composes them, says in :meth:`begin` how a session begins, and in :meth:`chosen` what follows when a
    server was chosen.
    """

    servers = query_one(ServerPane)
    connection = query_one(ConnectionForm)
    outcome = query_one(OutcomeBar)

    def __init__(self, modes: Sequence[str], desk: SessionState) -> None:
        super().__init__(modes)
        self.desk = desk
        self._preparing: Worker[None] | None = None
        self._candidate: Candidate | None = None
        self._trial = False
        self._refused = False

    def begin(self, request: Request) -> None:
        """Begin a session."""
        raise NotImplementedError

    def chosen(self) -> None:
        """A server was chosen for the connection rows."""

    def writes_as(self, address: str) -> None:
        """Who writes at this server."""

    @property
    def sender(self) -> str:
        """Who writes, as far as that is known."""
        return ""

    @property
    def sending(self) -> bool:
        """Whether a session runs."""
        raise NotImplementedError

    @property
    def preparing(self) -> bool:
        """Whether consent or a secret is waited for."""
        return self._preparing is not None and not self._preparing.is_finished

    # The list and the rows

    def action_profiles(self) -> None:
        """To the list of servers, or back from it."""
        if self.servers.list.has_focus:
            self.close_servers()
        else:
            self.add_class("-servers")
            self.servers.list.mark(self.connection.server)
            self.servers.list.focus()

    def close_servers(self) -> None:
        """From the list to the rows."""
        self.remove_class("-servers")
        self.connection.host.focus()

    @on(ServerList.Chosen)
    def _server_chosen(self, event: ServerList.Chosen) -> None:
        self.remove_class("-servers")
        self.fill(event.server)

    def fill(self, server: Server) -> None:
        """Take a server into the rows."""
        self.connection.fill(server)
        self._tell(server.profile.note)
        if server.profile.from_address:
            self.writes_as(server.profile.from_address)
        self.chosen()

    @on(ServerPane.Loaded)
    def _loaded(self) -> None:
        if not self.connection.know(self.servers.servers):
            self.notify("The profile of the connection has changed; what you set in the rows stays.", markup=False)

    @on(ServerPane.Saved)
    def _saved(self, event: ServerPane.Saved) -> None:
        server = next((each for each in self.servers.servers if each.name == event.name), None)
        if server is not None and event.filled:
            self.connection.fill(server)
        self.notify(f"{event.name} is kept.", markup=False)

    @on(ServerPane.PresetsWanted)
    def _presets_wanted(self) -> None:
        def picked(choice: Picked | None) -> None:
            if choice is not None:
                self.begin_with(choice)

        self.app.push_screen(PresetsPicker(self.sender), picked)

    def begin_with(self, picked: Picked) -> None:
        """Fill the rows from a preset and say what the provider wants."""
        self.connection.fill_values({**picked.values, "secret": "ask", "note": picked.advice})
        self._tell(f"{picked.name}. {picked.advice}")
        self.remove_class("-servers")
        (self.connection.user if not self.connection.user.value else self.connection.secret).focus()

    def begin_with_address(self, address: str) -> None:
        """Fill the rows with what an address tells: its provider's server, else a guess to be looked at."""
        self.writes_as(address)
        preset = preset_for_address(address)
        if preset is not None:
            values: Values = values_of(preset.profile(address=address))
            self.begin_with(Picked(preset.name, values, " ".join(preset.advice)))
            return
        domain = address.rpartition("@")[2]
        self.connection.fill_values(
            {"host": f"mail.{domain}", "port": "587", "user": address, "from": address, "secret": "ask"}
        )
        self._tell(f"mail.{domain} is a guess: no preset has {domain}. Ask who runs it for host and port.")
        self.connection.host.focus()

    def begin_with_host(self, host: str, port: str = "") -> None:
        """Fill the rows with a host; without a port the usual one of submission."""
        self.connection.fill_values({"host": host, "port": port or "587", **FRESH})
        self._tell("")
        self.connection.host.focus()

    def _tell(self, text: str) -> None:
        if text:
            self.outcome.say(text, Ink.MUTED, MARKS[Ink.MUTED])
        else:
            self.outcome.clear()

    @on(ConnectionForm.Changed)
    def _target_changed(self, event: ConnectionForm.Changed) -> None:
        self.top.target.update(f"{event.label} ")

    @on(ConnectionForm.DetailsWanted)
    def _details_wanted(self) -> None:
        form = self.connection

        def done(edited: Edited | None) -> None:
            if edited is not None:
                form.change(edited.values)

        self.app.push_screen(ProfileEditor("Connection details", form.values(), named=False), done)

    @on(ConnectionForm.SaveWanted)
    def _save_wanted(self) -> None:
        form, origin = self.connection, self.connection.origin
        if origin is None:
            self.servers.edit("Save as a profile", absolute(form.values()), filled=True)
            return
        try:
            changed = profile_of(merged(origin, form.values()), origin.name)
        except ValueError as error:
            self.outcome.refused(f"Nothing was saved. {error}")
            return

        def answered(answer: str | None) -> None:
            if answer == "change":
                self.servers.save(origin.name, changed, filled=True)
            elif answer == "other":
                self.servers.edit("Save as a profile", form.values(), filled=True)

        self.app.push_screen(
            Question(
                "Save the connection",
                f"It differs from {origin.name}." if form.differs else f"It is as {origin.name} has it.",
                (("change", "Change c", "c"), ("other", "New n", "n")) if form.differs else (("other", "New n", "n"),),
            ),
            answered,
        )

    @on(ConnectionForm.SecretWanted)
    def _secret_wanted(self) -> None:
        self.run_worker(self._choose_secret(), name="secret", group="secret", exclusive=True)

    async def _choose_secret(self) -> None:
        form = self.connection
        try:
            profile = form.profile()
        except FormError as error:
            self.outcome.refused(str(error))
            error.field.focus()
            return
        if not profile.user or profile.auth == "off":
            self.notify("Nobody logs in. Type a user, or set AUTH, first.", markup=False)
            form.user.focus()
            return
        word = secret_word(profile)
        answer = await self.app.push_screen_wait(
            Question(
                f"The {word} of {profile.user}",
                f"Where does it come from? Now: {form.secret.words}. A command or an environment variable is set in "
                "the connection details (ctrl+t).",
                (("keyring", "Keyring k", "k"), ("ask", "Ask a", "a"), ("type", "Type now t", "t")),
            )
        )
        if answer == "type":
            typed: Typed | None = await self.app.push_screen_wait(
                SecretDialog(profile, keeps=(Keep.SITTING, Keep.KEYRING), done="Keep")
            )
            if typed is not None:
                await self._keep(profile, typed)
        elif answer is not None:
            self.desk.sitting.forget(profile)
            form.change({**_without_secret(form.values()), "secret": answer})

    async def _keep(self, profile: Profile, typed: Typed) -> bool:
        """Keep a secret as was said; False where that failed, and the bar says why."""
        try:
            await self._admission.keep(profile, typed)
        except SecretError as error:
            self.outcome.refused(str(error))
            return False
        self._show_kept(profile, typed)
        return True

    def _show_kept(self, profile: Profile, typed: Typed | None) -> None:
        """Let the rows look where a secret was put, if they are about it."""
        moved = typed is not None and typed.keep is Keep.KEYRING and profile.secret_origin is not SecretOrigin.KEYRING
        if moved and self._in_rows(profile):
            self.connection.change({**_without_secret(self.connection.values()), "secret": "keyring"})
        self.connection.refresh_words()

    def _in_rows(self, profile: Profile) -> bool:
        """Whether the rows are about this account."""
        try:
            return account(self.connection.profile()) == account(profile)
        except FormError:
            return False

    # Before a session

    @property
    def _admission(self) -> Admission:
        return Admission(self.app, self.desk.sitting, self.desk.keyring, self.desk.environ)

    async def admit(
        self, candidate: Candidate, recipients: tuple[str, ...] | None
    ) -> tuple[Connection, Credentials | None] | None:
        """Ask for consent and get the secret; None where that was refused or failed, and then the bar says so."""
        self._candidate, self._trial = candidate, False
        profile = candidate.profile
        answer = await self._admission.agreed(candidate, recipients)
        if answer is Answer.NO:
            return None
        if answer is Answer.ALWAYS and candidate.origin is not None:
            origin = candidate.origin
            allowed = profile_of({**values_of(origin), "allow_clear_auth": "true"}, origin.name)
            self.servers.save(origin.name, allowed, filled=False)
        admission = self._admission
        plan = admission.plan(candidate)
        if plan.wants_secret:
            self.outcome.say(f"{_asking(profile)} ctrl+c stops.", Ink.MUTED, WAITING)
        try:
            credentials = await admission.credentials(profile, plan)
        except SecretError as error:
            self.outcome.refused(f"Nothing was sent. {error}")
            return None
        self._show_kept(profile, admission.typed)
        self.outcome.clear()
        return plan.connection, credentials

    def candidate(self) -> Candidate:
        """Who the rows say wants to log in where; raises :class:`FormError`."""
        form = self.connection
        form.settle()
        return Candidate(form.profile(), form.origin, form.connection(), form.own is not None)

    def prepare(self, work: Coroutine[None, None, None]) -> None:
        """Run what leads to a session; ctrl+c stops it."""
        self._preparing = self.run_worker(work, name="prepare", group="send", exclusive=True, exit_on_error=False)
        self.refresh_bindings()

    def stop_preparing(self) -> None:
        """No session after all."""
        if self._preparing is not None and self.preparing:
            self._preparing.cancel()
            self.outcome.say("Stopped. Nothing was sent.", Ink.MUTED, "■")

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        if event.worker is self._preparing:
            self.refresh_bindings()
            if event.state is WorkerState.ERROR:
                # Not its own words: they may quote a password.
                kind = type(event.worker.error).__name__
                self.outcome.refused(f"Nothing was sent: smtptui itself failed ({kind}). Please report it.")

    # Trials

    @on(ServerPane.TestWanted)
    def _test_wanted(self, event: ServerPane.TestWanted) -> None:
        server = event.server
        origin = None if server.own else server.profile
        if self.has_class("-narrow"):
            # The list would cover the words of what comes.
            self.close_servers()
        self._test(Candidate(server.profile, origin, server.connection, server.own))

    @on(ConnectionForm.TestWanted)
    def _test_of_rows_wanted(self) -> None:
        try:
            candidate = self.candidate()
        except FormError as error:
            self.outcome.refused(f"Nothing was tried. {error}")
            error.field.focus()
            return
        if not candidate.connection.host and candidate.connection.socket_path is None:
            self.outcome.refused("Nothing was tried. Without a recipient there is no MX to look for: type the host.")
            self.connection.host.focus()
            return
        self._test(candidate)

    def _test(self, candidate: Candidate) -> None:
        if not (self.preparing or self.sending):
            self.prepare(self._try(candidate))

    async def _try(self, candidate: Candidate) -> None:
        admitted = await self.admit(candidate, None)
        if admitted is not None:
            self._trial = True
            self.begin(login_test_request(*admitted))

    # After a session

    def tell_end(self, outcome: Outcome) -> None:
        """Say how a session ended, and what mends a login that was refused."""
        failure = outcome.failure
        self._refused = failure is not None and failure.kind is FailureKind.AUTH and failure.reply is not None
        words = describe_login_test(outcome) if self._trial else describe(outcome)
        hint = " p gives another one." if self._refused else ""
        self.outcome.say(words + hint, ink_of(outcome), mark_of(outcome))
        self._trial = False

    @property
    def mendable(self) -> bool:
        """Whether the last login was refused."""
        return self._refused and self._candidate is not None and bool(self._candidate.profile.user)

    def action_mend(self) -> None:
        """Type the secret that was refused anew."""
        if self.mendable and not self.preparing:
            self.run_worker(self._mend(), name="mend", group="secret", exclusive=True)

    async def _mend(self) -> None:
        candidate = self._candidate
        assert candidate is not None
        profile, form = candidate.profile, self.connection
        keeps = (Keep.KEYRING, Keep.SITTING)
        if profile.secret_origin is not SecretOrigin.KEYRING:
            keeps = (Keep.SITTING, Keep.KEYRING)
        typed: Typed | None = await self.app.push_screen_wait(
            SecretDialog(
                profile,
                why=f"The server refused the {secret_word(profile)} of {profile.user}.",
                keeps=keeps,
                user=self._in_rows(profile),
                done="Keep",
            )
        )
        if typed is None:
            return
        if typed.user != profile.user:
            form.user.value = typed.user
            profile = profile.model_copy(update={"user": typed.user})
        if await self._keep(profile, typed):
            self._refused = False
            self.refresh_bindings()
            kept = "in the keyring" if typed.keep is Keep.KEYRING else "for this sitting"
            self.outcome.say(
                f"Kept {kept}. F5 sends; t in the list of profiles only tries.", Ink.MUTED, MARKS[Ink.MUTED]
            )


def _asking(profile: Profile) -> str:
    word, origin = secret_word(profile), profile.secret_origin
    if origin is SecretOrigin.KEYRING:
        return f"Asking the keyring for the {word} of {profile.user}."
    if origin in (SecretOrigin.PASSWORD_COMMAND, SecretOrigin.TOKEN_COMMAND):
        return f"Waiting for the command that prints the {word} of {profile.user}."
    return f"Getting the {word} of {profile.user}."


def _without_secret(values: Values) -> Values:
    return {field: value for field, value in values.items() if field not in SECRET_FIELDS}
