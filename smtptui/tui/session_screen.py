"""The Session screen: composes servers, connection, message, log and outcome, and routes between them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.getters import query_one
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from smtptui.message import Draft
from smtptui.session import Request
from smtptui.tui.connection_form import ConnectionForm
from smtptui.tui.dialogs import ConfirmSend
from smtptui.tui.forms import FormError
from smtptui.tui.keys import Where, bindings
from smtptui.tui.log.pane import LogPane
from smtptui.tui.message import MessageForm
from smtptui.tui.outcome_bar import OutcomeBar
from smtptui.tui.sender import Sender
from smtptui.tui.servers import Server, ServerList
from smtptui.tui.work_screen import WorkScreen


class SessionScreen(WorkScreen):
    """One session at a time, from the form to the last reply."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SESSION)
    mode = "session"

    connection = query_one(ConnectionForm)
    message = query_one(MessageForm)
    transcript = query_one(LogPane)
    outcome = query_one(OutcomeBar)

    def __init__(
        self,
        modes: Sequence[str],
        sender: Sender,
        servers: tuple[Server, ...],
        *,
        now: Callable[[], datetime],
        random_token: Callable[[], str],
        draft: Draft | None = None,
    ) -> None:
        super().__init__(modes)
        self._sender = sender
        self._servers = servers
        self._now = now
        self._random_token = random_token
        self._draft = draft

    def work(self) -> ComposeResult:
        """Servers at the left, the rest from top to bottom."""
        with Horizontal(id="work"):
            if self._servers:
                yield ServerList(self._servers)
            with Vertical(id="panes"):
                yield ConnectionForm(self._servers)
                yield MessageForm()
                yield LogPane(self._sender, now=self._now)
                yield OutcomeBar()

    def on_mount(self) -> None:
        """Fill in what is known and begin with the message."""
        if self._servers:
            self.connection.fill(self._servers[0])
            self.query_one(ServerList).mark(self._servers[0])
        if self._draft is not None:
            self.message.fill(self._draft)
        self._open("message")
        (self.message.to if self._servers else self.connection.host).focus()

    def owner(self, where: Where) -> DOMNode | None:
        """Keys of the screen and of its log."""
        match where:
            case Where.LOG:
                return self.transcript
            case Where.MESSAGE:
                return self.message
            case Where.HEADERS:
                return self.message.headers
            case Where.FILES:
                return self.message.files
        return self if where is Where.SESSION else super().owner(where)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Sending while sending, cancelling nothing and listing no servers are no actions."""
        match action:
            case "send":
                return not self._sender.busy
            case "cancel":
                return self._sender.busy
            case "servers":
                return bool(self._servers)
            case _:
                return True

    # Panes

    def action_servers(self) -> None:
        """To the list of servers, or back from it."""
        servers = self.query_one(ServerList)
        if servers.has_focus:
            self._close_servers()
        else:
            self.add_class("-servers")
            servers.mark(self.connection.server)
            servers.focus()

    def next_pane(self) -> None:
        """Focus goes round the panes."""
        panes: list[tuple[Widget, Widget]] = [
            (self.connection, self.connection.host),
            (self.message, self.message.entry),
            (self.transcript, self.transcript.front),
        ]
        focused = self.focused
        here = next(
            (number for number, (pane, _) in enumerate(panes) if focused and pane in focused.ancestors), len(panes) - 1
        )
        panes[(here + 1) % len(panes)][1].focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Where there is room for one pane only, the one with the focus is open."""
        focused = event.widget
        if not isinstance(focused, ServerList):
            self.remove_class("-servers")
        for pane in (self.message, self.transcript):
            if pane in focused.ancestors:
                self._open(str(pane.id))

    def _open(self, pane: str) -> None:
        self.message.set_class(pane == "message", "-open")
        self.transcript.set_class(pane == "transcript", "-open")

    def _close_servers(self) -> None:
        self.remove_class("-servers")
        self.connection.host.focus()

    @on(ServerList.Chosen)
    def _server_chosen(self, event: ServerList.Chosen) -> None:
        self.connection.fill(event.server)
        self.remove_class("-servers")
        self.message.to.focus()

    def key_escape(self) -> None:
        """Leave the list of servers."""
        if self.has_class("-servers"):
            self._close_servers()

    @on(ConnectionForm.Changed)
    def _target_changed(self, event: ConnectionForm.Changed) -> None:
        self.top.target.update(f"{event.label} ")

    # Sending

    @on(ConnectionForm.SendPressed)
    def action_send(self) -> None:
        """Check the form; ask, unless it is the own sandbox; send."""
        if not self._sender.busy:
            self.run_worker(self._prepare(), group="send", exclusive=True, exit_on_error=False)

    async def _prepare(self) -> None:
        try:
            request = await self._request()
        except FormError as error:
            self.outcome.refused(f"Nothing was sent. {error}")
            self.message.reveal(error.field)
            error.field.focus()
            return
        server = self.connection.server
        if server is not None and server.own:
            self._start(request)
            return
        connection = request.connection
        addresses = tuple(recipient.address for recipient in request.envelope.recipients)
        how = f"TLS {connection.tls_mode} · " + (
            f"AUTH {connection.auth} as {request.credentials.user}" if request.credentials else "no log-in"
        )
        target = connection.label if connection.host else f"the recipients' MX, port {connection.port}"

        def answered(yes: bool | None) -> None:
            if yes:
                self._start(request)

        self.app.push_screen(ConfirmSend(target, addresses, how), answered)

    def action_cancel(self) -> None:
        """End the session early."""
        self._sender.cancel()

    async def _request(self) -> Request:
        connection = self.connection.connection()
        credentials = self.connection.credentials()
        outgoing = await self.message.outgoing(self._now(), self._random_token)
        return Request(
            connection,
            outgoing.envelope,
            outgoing.content,
            credentials,
            utf8_headers=outgoing.utf8_headers,
            exit_after=outgoing.exit_after,
            notes=outgoing.notes,
        )

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.group == "send":
            error = event.worker.error
            self.outcome.refused(
                f"Nothing was sent: smtptui itself failed ({type(error).__name__}: {error}). Please report it."
            )

    def _start(self, request: Request) -> None:
        if self._sender.busy:
            return
        self.outcome.clear()
        self.connection.sending(True)
        self.transcript.watch_run(self._sender.start(request))
        self._open("transcript")
        self.transcript.front.focus()
        self.refresh_bindings()

    @on(LogPane.Finished)
    def _finished(self, event: LogPane.Finished) -> None:
        self.connection.sending(False)
        if event.crash is not None:
            self.outcome.refused(event.crash)
        elif event.run.outcome is not None:
            self.outcome.finished(event.run.outcome)
        self.refresh_bindings()

    @on(LogPane.Reopened)
    def _reopened(self, event: LogPane.Reopened) -> None:
        outcome = event.subject.outcome
        if outcome is not None:
            self.outcome.finished(outcome)
        else:
            self.outcome.clear()

    @on(LogPane.Notice)
    def _notice(self, event: LogPane.Notice) -> None:
        self.notify(event.text, severity="error" if event.failed else "information", markup=False)
