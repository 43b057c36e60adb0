"""The Session screen: composes servers, connection, message, log and outcome, and routes between them."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.getters import query_one
from textual.widget import Widget

from smtptui.config import Places
from smtptui.message import Draft
from smtptui.profiles import Profile
from smtptui.protocol import Connection
from smtptui.session import Request
from smtptui.tui.connect import ConnectionController, ConnectionForm, Server, ServerPane, SessionState
from smtptui.tui.frame.work_screen import WorkScreen
from smtptui.tui.keys.registry import Where, bindings
from smtptui.tui.log.log_pane import LogPane
from smtptui.tui.message import MessageForm
from smtptui.tui.message.outgoing import Outgoing
from smtptui.tui.runs.outcome_bar import OutcomeBar
from smtptui.tui.runs.sender import Ended, Sender
from smtptui.tui.widgets.focus_classes import OPEN, mark
from smtptui.tui.widgets.forms import FormError, Remembering
from smtptui.tui.widgets.question import Question
from smtptui.tui.widgets.rows import Ink

if TYPE_CHECKING:
    from smtptui.batch import Count

_NAMED = 10
"""Unreadable recipients that a question names."""


class SessionScreen(WorkScreen):
    """One session at a time, from the form to the last reply."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SESSION)
    HELP = """\
## Session

One message to one server, and all that is said on the way: choose the server, fill in the message, send, read the log.
The bar at the bottom says how it ended and what to do next.
"""
    mode = "session"

    servers = query_one(ServerPane)
    connection = query_one(ConnectionForm)
    message = query_one(MessageForm)
    transcript = query_one(LogPane)
    outcome = query_one(OutcomeBar)

    def __init__(
        self,
        modes: Sequence[str],
        sender: Sender,
        state: SessionState,
        *,
        now: Callable[[], datetime],
        random_token: Callable[[], str],
        draft: Draft | None = None,
    ) -> None:
        super().__init__(modes)
        self.state = state
        self.controller = ConnectionController(
            state, busy=lambda: sender.busy, begin_test=self.begin, author=lambda: self.message.sender.value
        )
        self._sender = sender
        self._now = now
        self._random_token = random_token
        self._draft = draft

    def work(self) -> ComposeResult:
        """Servers at the left, the rest from top to bottom."""
        with self.controller as controller:
            yield controller.servers
            with Vertical(id="panes"):
                yield controller.form
                yield MessageForm(self._now, self._random_token, busy=lambda: self._sender.busy)
                yield LogPane(self._sender, now=self._now)
                yield controller.outcome

    def on_mount(self) -> None:
        """Fill in what is known and begin with the message."""
        if self.state.own:
            self.connection.fill(self.state.own[0])
        if self._draft is not None:
            self.message.fill(self._draft)
        self._open("message")
        (self.message.to if self.state.own else self.connection.host).focus()

    # From one start to the next, and what comes later

    @property
    def has_fields(self) -> bool:
        """Whether the fields are there; the screen is opened before they are."""
        return self.is_mounted and self.connection.is_mounted and self.message.is_mounted

    def snapshot(self) -> dict[str, object]:
        """What is filled in, without any secret."""
        return {name: form.snapshot() for name, form in self._remembering()}

    def recall(self, snapshot: Mapping[str, object]) -> None:
        """Fill in what was; what makes no sense stays as it is."""
        self.connection.know(self.servers.servers)
        for name, form in self._remembering():
            part = snapshot.get(name)
            if isinstance(part, Mapping) and part:
                # A form of another version is no reason not to open.
                with contextlib.suppress(ValueError, TypeError, LookupError):
                    form.restore(part)

    def _remembering(self) -> Iterator[tuple[str, Remembering]]:
        for name, form in (("connection", self.connection), ("message", self.message)):
            if isinstance(form, Remembering):
                yield name, form

    def know_own(self, own: tuple[Server, ...], sample: Draft) -> None:
        """The sandbox runs now: take it, and write to it where nothing is written yet."""
        self.controller.know_own(own)
        if not (self.message.sender.value or self.message.to.value or self.message.body.text):
            self.message.fill(sample)
        self.message.to.focus()

    def owner(self, where: Where) -> DOMNode | None:
        """Keys of the screen and of its log."""
        match where:
            case Where.LOG:
                return self.transcript
            case Where.PROFILES:
                return self.servers
            case Where.CONNECTION:
                return self.connection
            case Where.MESSAGE:
                return self.message
            case Where.HEADERS:
                return self.message.headers
            case Where.FILES:
                return self.message.files
        return self if where is Where.SESSION else super().owner(where)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Sending while sending, cancelling nothing and mending what is right are no actions."""
        match action:
            case "send":
                return not self._engaged
            case "cancel":
                return self._engaged
            case "only_left":
                return bool(self._left) and not self._sender.busy
            case "mend":
                return self.controller.mendable
            case _:
                return True

    # Panes

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
        for pane in (self.message, self.transcript):
            if pane in event.widget.ancestors:
                self._open(str(pane.id))

    def _open(self, pane: str) -> None:
        mark(self.message, OPEN, pane == "message")
        mark(self.transcript, OPEN, pane == "transcript")

    # Servers

    @on(ConnectionController.ServerChosen)
    def _server_chosen(self, event: ConnectionController.ServerChosen) -> None:
        """On with the message, as who writes at this server."""
        if event.server.profile.from_address:
            self.message.sender.value = event.server.profile.from_address
        self.message.to.focus()

    def begin_with_address(self, address: str) -> None:
        """Write as this address, by its provider's server."""
        self.message.sender.value = address
        self.controller.begin_with_address(address)

    @on(ConnectionController.TargetChanged)
    def _target_changed(self, event: ConnectionController.TargetChanged) -> None:
        self.top.target.update(f"{event.label} ")

    def action_profiles(self) -> None:
        """To the list of servers, or back from it."""
        self.controller.toggle_servers()

    def action_mend(self) -> None:
        """Type another secret than the one that was refused."""
        self.controller.mend()

    def key_escape(self) -> None:
        """Leave the list of servers, or wait no longer."""
        if self.controller.preparing:
            self.controller.stop_preparing()
        elif self.controller.shows_servers:
            self.controller.close_servers()

    # Sending

    @property
    def _engaged(self) -> bool:
        """Whether a session runs, or is about to."""
        return self._sender.busy or self.controller.preparing

    @on(ConnectionForm.SendPressed)
    def action_send(self) -> None:
        """Check the form; ask, unless it is the own sandbox; send."""
        if not self._engaged:
            self.controller.prepare(self._send())

    async def _send(self) -> None:
        try:
            candidate = self.controller.candidate()
            outgoing = await self.message.outgoing()
        except FormError as error:
            self.outcome.refused(f"Nothing was sent. {error}")
            self.message.reveal(error.field)
            error.field.focus()
            return
        if outgoing.left_out and not await self._leaves_out(outgoing):
            self.outcome.say("Nothing was sent.", Ink.MUTED, "■")
            return
        admitted = await self.controller.admit(candidate, tuple(each.address for each in outgoing.envelope.recipients))
        if admitted is None:
            return
        count = await self._counted(candidate.profile, admitted.connection, len(outgoing.envelope.recipients))
        self.begin(
            Request(
                admitted.connection,
                outgoing.envelope,
                outgoing.content,
                admitted.credentials,
                utf8_headers=outgoing.utf8_headers,
                exit_after=outgoing.exit_after,
                notes=outgoing.notes if count is None else (*outgoing.notes, *count.notes),
                left_out=outgoing.left_out,
            ),
            None if count is None else lambda outcome: count.end(outcome, time.time()),
        )

    async def _counted(self, profile: Profile, connection: Connection, recipients: int) -> "Count | None":
        """What counts the message against the daily cap of its profile; None if that has none."""
        if profile.limits.per_day is None:
            return None
        # Only with a cap: it takes a while to load.
        from smtptui.batch import Count

        shared = Places.of(self.state.environ).shared
        count = Count(shared, connection, profile.user, profile.limits.per_day, recipients)
        # In a thread, and waited for: another process may have the file for a moment.
        await asyncio.to_thread(count.begin, time.time())
        return count

    async def _leaves_out(self, outgoing: Outgoing) -> bool:
        """Ask whether the message goes to the others, where some recipients cannot be read."""
        count, others = len(outgoing.left_out), len(outgoing.envelope.recipients)
        named = "\n".join(f"{each}." for each in outgoing.left_out[:_NAMED])
        more = f"\nand {count - _NAMED} more." if count > _NAMED else ""
        rest = "the other recipient" if others == 1 else f"the {others} others"
        answer = await self.app.push_screen_wait(
            Question(
                f"{count} recipient{'s' * (count != 1)} cannot be read",
                f"{named}{more}\n\nSend to {rest}? Those left out get nothing. To correct them, type all recipients "
                "under Envelope.",
                (("rest", "Send s", "s"),),
                careful=True,
            )
        )
        return answer == "rest"

    def action_cancel(self) -> None:
        """End the session early, or what leads to it."""
        if not self._sender.cancel():
            self.controller.stop_preparing()

    @property
    def _left(self) -> tuple[str, ...]:
        """Whom the last session left without the message that others have."""
        outcome = self._sender.run.outcome if self._sender.run is not None else None
        return outcome.left if outcome is not None else ()

    def action_only_left(self) -> None:
        """The next send is for exactly those, whatever the headers say."""
        field = self.message.envelope.recipients
        field.value = ", ".join(self._left)
        self._open("message")
        self.message.reveal(field)
        field.focus()

    def begin(self, request: Request, ended: Ended | None = None) -> None:
        """Begin a session and show it; ``ended`` hears what it came to."""
        if self._sender.busy:
            return
        self.outcome.clear()
        self.connection.sending(True)
        self.transcript.watch_run(self._sender.start(request, ended))
        self._open("transcript")
        self.transcript.front.focus()
        self.refresh_bindings()

    @on(LogPane.Finished)
    def _finished(self, event: LogPane.Finished) -> None:
        self.connection.sending(False)
        if event.crash is not None:
            self.outcome.refused(event.crash)
        elif event.run.outcome is not None:
            self.controller.finished(event.run.outcome)
            if left := len(event.run.outcome.left):
                who = "1 recipient is" if left == 1 else f"{left} recipients are"
                self.notify(
                    f"{who} left. “Put those who are left into the envelope” in the palette (^p) sends to them only."
                )
        self.refresh_bindings()

    @on(LogPane.Reopened)
    def _reopened(self, event: LogPane.Reopened) -> None:
        outcome = event.observed.outcome
        if outcome is not None:
            self.outcome.finished(outcome)
        else:
            self.outcome.clear()

    @on(LogPane.Notice)
    @on(MessageForm.Notice)
    def _notice(self, event: LogPane.Notice | MessageForm.Notice) -> None:
        self.notify(event.text, severity="error" if event.failed else "information", markup=False)
