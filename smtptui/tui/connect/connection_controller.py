"""Which server, who logs in, and what is asked before a session begins: for every screen that begins sessions."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from textual import events, on
from textual.containers import Horizontal
from textual.message import Message
from textual.worker import Worker, WorkerState

from smtptui.profiles import Profile, SecretError, SecretOrigin, preset_for_address, secret_word
from smtptui.protocol import FailureKind
from smtptui.session import Request, describe_login_test, login_test_request
from smtptui.transcript import Outcome, describe
from smtptui.tui.connect.confirm_send import Answer
from smtptui.tui.connect.connection_form import FRESH, ConnectionForm
from smtptui.tui.connect.login_flow import Admitted, Candidate, LoginFlow
from smtptui.tui.connect.presets_picker import Picked, PresetsPicker
from smtptui.tui.connect.profile_editor import Edited, ProfileEditor
from smtptui.tui.connect.secret_questions import SecretQuestions
from smtptui.tui.connect.server import Server
from smtptui.tui.connect.server_list import ServerList
from smtptui.tui.connect.server_pane import ServerPane
from smtptui.tui.connect.session_state import SessionState
from smtptui.tui.connect.values import Values, absolute, merged, profile_of, values_of
from smtptui.tui.crash import bug_sentence
from smtptui.tui.runs.outcome_badge import ink_of, mark_of
from smtptui.tui.runs.outcome_bar import OutcomeBar
from smtptui.tui.widgets.forms import FormError
from smtptui.tui.widgets.question import Question
from smtptui.tui.widgets.rows import MARKS, Ink

WAITING = "…"
"""The mark of what is waited for."""


class ConnectionController(Horizontal):
    """Joins the list of servers, the connection rows and the outcome bar, and admits to a session.

    A screen composes :attr:`servers`, :attr:`form` and :attr:`outcome` somewhere inside this container, since their
    messages come here. A session begins with what :meth:`candidate` and then :meth:`admit` give, in work that
    :meth:`prepare` runs; :meth:`finished` hears how it ended.

    ``busy`` tells whether a session runs, ``begin_test`` begins one that only logs in, and ``author`` tells who
    writes, as far as that is known.
    """

    @dataclass
    class ServerChosen(Message):
        """A server of the list was taken into the rows."""

        server: Server

    @dataclass
    class TargetChanged(Message):
        """The rows lead elsewhere now."""

        label: str

    def __init__(
        self,
        state: SessionState,
        *,
        busy: Callable[[], bool],
        begin_test: Callable[[Request], object],
        author: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(id="work")
        self.state = state
        self.servers = ServerPane(state)
        self.form = ConnectionForm(state.credentials, state.own)
        self.outcome = OutcomeBar()
        self._busy = busy
        self._begin_test = begin_test
        self._author = author
        self._preparing: Worker[None] | None = None
        self._candidate: Candidate | None = None
        self._testing = False
        self._login_refused = False

    # The list and the rows

    def toggle_servers(self) -> None:
        """To the list of servers, or back from it."""
        if self.servers.list.has_focus:
            self.close_servers()
        else:
            self.add_class("-servers")
            self.servers.list.mark(self.form.server)
            self.servers.list.focus()

    @property
    def shows_servers(self) -> bool:
        """Whether the list was asked for; a wide screen shows it always."""
        return self.has_class("-servers")

    def close_servers(self) -> None:
        """From the list to the rows."""
        self.remove_class("-servers")
        self.form.host.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The list closes when the focus leaves it."""
        if not isinstance(event.widget, ServerList):
            self.remove_class("-servers")

    @on(ServerList.Chosen)
    def _server_chosen(self, event: ServerList.Chosen) -> None:
        self.remove_class("-servers")
        self.fill(event.server)
        self.post_message(self.ServerChosen(event.server))

    def fill(self, server: Server) -> None:
        """Take a server into the rows."""
        self.form.fill(server)
        self._note(server.profile.note)

    def know_own(self, own: tuple[Server, ...]) -> None:
        """The sandbox was started: its servers are in the list, the first in the rows."""
        self.servers.know_own(own)
        self.form.know(self.servers.servers)
        self.fill(own[0])

    @on(ServerPane.Loaded)
    def _loaded(self) -> None:
        if not self.form.know(self.servers.servers):
            self.notify("The profile of the connection has changed; what you set in the rows stays.", markup=False)

    @on(ServerPane.Saved)
    def _saved(self, event: ServerPane.Saved) -> None:
        server = next((each for each in self.servers.servers if each.name == event.name), None)
        if server is not None and event.filled:
            self.form.fill(server)
        self.notify(f"{event.name} is kept.", markup=False)

    @on(ServerPane.Notice)
    def _notice(self, event: ServerPane.Notice) -> None:
        self.notify(event.text, severity="error" if event.failed else "information", markup=False)

    @on(ServerPane.PresetsWanted)
    def _presets_wanted(self) -> None:
        def picked(choice: Picked | None) -> None:
            if choice is not None:
                self.begin_with(choice)

        self.app.push_screen(PresetsPicker(self._author()), picked)

    def begin_with(self, picked: Picked) -> None:
        """Fill the rows from a preset and say what the provider wants."""
        self.form.fill_values({**picked.values, "secret": "ask", "note": picked.advice})
        self._note(f"{picked.name}. {picked.advice}")
        self.remove_class("-servers")
        (self.form.user if not self.form.user.value else self.form.secret).focus()

    def begin_with_address(self, address: str) -> None:
        """Fill the rows with what an address tells: its provider's server, else a guess to be looked at."""
        preset = preset_for_address(address)
        if preset is not None:
            values: Values = values_of(preset.profile(address=address))
            self.begin_with(Picked(preset.name, values, " ".join(preset.advice)))
            return
        domain = address.rpartition("@")[2]
        self.form.fill_values(
            {"host": f"mail.{domain}", "port": "587", "user": address, "from": address, "secret": "ask"}
        )
        self._note(f"mail.{domain} is a guess: no preset has {domain}. Ask who runs it for host and port.")
        self.form.host.focus()

    def begin_with_host(self, host: str, port: str = "") -> None:
        """Fill the rows with a host; without a port the usual one of submission."""
        self.form.fill_values({"host": host, "port": port or "587", **FRESH})
        self._note("")
        self.form.host.focus()

    def _note(self, text: str) -> None:
        if text:
            self.outcome.say(text, Ink.MUTED, MARKS[Ink.MUTED])
        else:
            self.outcome.clear()

    @on(ConnectionForm.Changed)
    def _form_changed(self, event: ConnectionForm.Changed) -> None:
        # Textual lets a message of the rows come no further than here, if what fills them was begun here.
        self.post_message(self.TargetChanged(event.label))

    @on(ConnectionForm.DetailsWanted)
    def _details_wanted(self) -> None:
        def done(edited: Edited | None) -> None:
            if edited is not None:
                self.form.change(edited.values)

        self.app.push_screen(ProfileEditor("Connection details", self.form.values(), named=False), done)

    @on(ConnectionForm.SaveWanted)
    def _save_wanted(self) -> None:
        form, origin = self.form, self.form.origin
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

    # The secret

    @property
    def _secrets(self) -> SecretQuestions:
        return SecretQuestions(self._login_flow, self.form, self.outcome)

    @on(ConnectionForm.SecretWanted)
    def _secret_wanted(self) -> None:
        self.run_worker(self._secrets.choose(), name="secret", group="secret", exclusive=True)

    @property
    def mendable(self) -> bool:
        """Whether the last login was refused."""
        return self._login_refused and self._candidate is not None and bool(self._candidate.profile.user)

    def mend(self) -> None:
        """Ask for another secret in place of the one that was refused."""
        if self.mendable and not self.preparing:
            self.run_worker(self._mend(), name="mend", group="secret", exclusive=True)

    async def _mend(self) -> None:
        assert self._candidate is not None
        if await self._secrets.replace(self._candidate.profile):
            self._login_refused = False
            self.refresh_bindings()

    # Before a session

    @property
    def _login_flow(self) -> LoginFlow:
        return LoginFlow(self.app, self.state)

    @property
    def preparing(self) -> bool:
        """Whether consent or a secret is waited for."""
        return self._preparing is not None and not self._preparing.is_finished

    def candidate(self) -> Candidate:
        """Who the rows say wants to log in where; raises :class:`FormError`."""
        form = self.form
        form.settle()
        return Candidate(form.profile(), form.origin, form.connection(), form.own is not None)

    async def admit(self, candidate: Candidate, recipients: tuple[str, ...] | None) -> Admitted | None:
        """Ask for consent and get the secret, for mail to ``recipients`` or for none.

        None where that was refused or failed, and then the bar says so. Waits for dialogs: run it by :meth:`prepare`.
        """
        self._candidate, self._testing = candidate, False
        profile, flow = candidate.profile, self._login_flow
        answer = await flow.agreed(candidate, recipients)
        if answer is Answer.NO:
            return None
        if answer is Answer.ALWAYS and candidate.origin is not None:
            origin = candidate.origin
            allowed = profile_of({**values_of(origin), "allow_clear_auth": "true"}, origin.name)
            self.servers.save(origin.name, allowed, filled=False)
        plan = flow.plan(candidate)
        if plan.wants_secret:
            self.outcome.say(f"{_asking(profile)} ctrl+c stops.", Ink.MUTED, WAITING)
        try:
            credentials = await flow.credentials(profile, plan)
        except SecretError as error:
            self.outcome.refused(f"Nothing was sent. {error}")
            return None
        self._secrets.show_kept(profile, flow.typed)
        self.outcome.clear()
        return Admitted(plan.connection, credentials)

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
                self.outcome.refused(f"Nothing was sent: {bug_sentence(event.worker.error)}")

    # Login tests

    @on(ServerPane.TestWanted)
    def _test_wanted(self, event: ServerPane.TestWanted) -> None:
        server = event.server
        origin = None if server.own else server.profile
        if self.screen.has_class("-narrow"):
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
            self.form.host.focus()
            return
        self._test(candidate)

    def _test(self, candidate: Candidate) -> None:
        if not (self.preparing or self._busy()):
            self.prepare(self._test_login(candidate))

    async def _test_login(self, candidate: Candidate) -> None:
        admitted = await self.admit(candidate, None)
        if admitted is not None:
            self._testing = True
            self._begin_test(login_test_request(admitted.connection, admitted.credentials))

    # After a session

    def finished(self, outcome: Outcome) -> None:
        """Say how a session ended, and what mends a login that was refused."""
        failure = outcome.failure
        self._login_refused = failure is not None and failure.kind is FailureKind.AUTH and failure.reply is not None
        words = describe_login_test(outcome) if self._testing else describe(outcome)
        hint = " p gives another one." if self._login_refused else ""
        self.outcome.say(words + hint, ink_of(outcome), mark_of(outcome))
        self._testing = False


def _asking(profile: Profile) -> str:
    word, origin = secret_word(profile), profile.secret_origin
    if origin is SecretOrigin.KEYRING:
        return f"Asking the keyring for the {word} of {profile.user}."
    if origin in (SecretOrigin.PASSWORD_COMMAND, SecretOrigin.TOKEN_COMMAND):
        return f"Waiting for the command that prints the {word} of {profile.user}."
    return f"Getting the {word} of {profile.user}."
