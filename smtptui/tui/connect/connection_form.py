"""The three rows that say which server, how it is reached and who logs in: an unsaved profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Button, Input, Label, Select

from smtptui.explain import forecast_of
from smtptui.profiles import LoginPlan, Profile, origin_words
from smtptui.protocol import MECHANISM_NAMES, Connection, HostPortError, TlsMode, split_host_port
from smtptui.tui.connect.secret_field import SecretField
from smtptui.tui.connect.server import KnownServers, Server
from smtptui.tui.connect.session_state import CredentialCache
from smtptui.tui.connect.tls_choice import TlsChoice
from smtptui.tui.connect.values import (
    SHOWN,
    UNNAMED,
    ProfileFault,
    Values,
    merged,
    profile_of,
    suggested,
    target,
    usable_of,
    values_of,
)
from smtptui.tui.keys.registry import Where, bindings, keys_of
from smtptui.tui.widgets.choice import Choice
from smtptui.tui.widgets.forms import FormError

PORTS = ("25", "465", "587")
FRESH: Mapping[str, str] = {"secret": "ask"}
"""What a connection begins with that comes from no profile: its secret is asked for."""


class ConnectionForm(Vertical):
    """Host, port, TLS, AUTH, and what a dialog sets besides. The TLS mode follows the port until the user sets it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CONNECTION)
    HELP = """\
## Connection

Where the session goes. An empty **host** means the recipients' mail exchanger (MX).
What is typed as HOST:PORT goes to both fields.

**TLS** follows the port until you choose otherwise (then `TLS•`); backspace on it gives it back to the port. The
sentence says what the combination will do; `!` warns.

**Secret** says where the password or token comes from. Enter chooses: the keyring, ask each time, or type it now for
this sitting. CA file, client certificate, SNI, EHLO name and the rest are behind *connection details*.

A `•` after the profile's name: the rows differ from the profile. Save or revert the change.
"""

    host = query_one("#host", Input)
    port = query_one("#port", Choice)
    tls = query_one("#tls", TlsChoice)
    tls_label = query_one("#tls-label", Label)
    tls_says = query_one("#tls-says", Label)
    auth: query_one[Select[str]] = query_one("#auth", Select)
    user = query_one("#user", Input)
    secret = query_one("#secret", SecretField)

    @dataclass
    class Changed(Message):
        """Something was set, by the user or by a server's filling in."""

        label: str

    class SendPressed(Message):
        """The button was pressed."""

    class DetailsWanted(Message):
        """The fields without a row shall be shown."""

    class SaveWanted(Message):
        """The rows shall be kept as a profile."""

    class TestWanted(Message):
        """The rows shall be tried, without a message."""

    class SecretWanted(Message):
        """It shall be chosen where the secret comes from."""

    def __init__(self, credentials: CredentialCache, servers: Sequence[Server] = ()) -> None:
        super().__init__(id="connection", classes="pane")
        self.border_title = "Connection"
        self._credentials = credentials
        self._servers = KnownServers(servers)
        self._origin: Profile | None = None
        self._rest: Values = dict(FRESH)
        self._former: tuple[Profile | None, Values] | None = None
        """What was in the rows before they were filled in."""

    def compose(self) -> ComposeResult:
        """Three rows."""
        with Horizontal(classes="row"):
            yield Label("Host ")
            yield Input(placeholder="the recipient's MX", compact=True, id="host")
            yield Label("  Port ")
            yield Choice(*PORTS, value="25", other=True, id="port")
        with Horizontal(classes="row"):
            yield Label("TLS  ", id="tls-label")
            yield TlsChoice(id="tls")
            yield Label("", id="tls-says", markup=False)
        with Horizontal(classes="row"):
            yield Label("AUTH ")
            yield Select(
                [(name, name) for name in ("auto", "off", *MECHANISM_NAMES)],
                value="auto",
                allow_blank=False,
                compact=True,
                id="auth",
            )
            yield Label("  User ")
            yield Input(compact=True, id="user")
            yield Label("  Secret ", id="secret-label")
            yield SecretField(id="secret")
            key = next(key.display for key in keys_of(self.app) if key.id == "send")
            yield Button(f"Send {key}", variant="primary", compact=True, id="send")

    def on_mount(self) -> None:
        """Say what the first combination does, and where it leads."""
        self.refresh_words()

    def sending(self, busy: bool) -> None:
        """Grey the button out while a session runs."""
        self.query_one("#send", Button).disabled = busy

    # What is filled in

    @property
    def own(self) -> Server | None:
        """The sandbox's server that host and port name."""
        return self._servers.sandbox_at(self.host.value.strip(), self.port.value)

    @property
    def server(self) -> Server | None:
        """The known server that the rows came from, changed or not."""
        return self.own or self._servers.of(self._origin)

    @property
    def origin(self) -> Profile | None:
        """The profile that the rows came from, changed or not; None for the sandbox and for what was typed."""
        return self._origin if self.own is None else None

    @property
    def differs(self) -> bool:
        """Whether the rows differ from the profile they came from."""
        return self._origin is not None and merged(self._origin, self.values()) != values_of(self._origin)

    @property
    def label(self) -> str:
        """What the top bar calls the target."""
        place = target({**self._rest, "host": self.host.value.strip(), "port": self.port.value})
        if self.own is not None:
            return f"{self.own.name} · {place}"
        return f"{self._origin.name}{' •' * self.differs} · {place}" if self._origin is not None else place

    def values(self) -> Values:
        """All that is set, as in the file; what has no row included."""
        values = {field: value for field, value in self._rest.items() if field not in SHOWN}
        own = self.own
        if own is not None and own.profile.ca_file is not None:
            values["ca_file"] = str(own.profile.ca_file)
        values["host"] = self.host.value.strip()
        values["port"] = self.port.value
        if self.tls.decided or self.tls.value != suggested(values):
            values["tls"] = self.tls.value
        if self.auth.value != "auto":
            values["auth"] = str(self.auth.value)
        values["user"] = self.user.value.strip()
        return {field: value for field, value in values.items() if value not in ("", {})}

    def profile(self) -> Profile:
        """The unsaved profile; raises :class:`FormError`. Without host and socket the recipients' MX is meant."""
        if not self.port.value:
            raise FormError("The port has no number: type one, or choose 25, 465 or 587.", self.port)
        try:
            return profile_of(self.values(), self._origin.name if self._origin else UNNAMED, any_host=True)
        except ProfileFault as fault:
            field, message = next(iter(fault.faults.items()))
            widget = {"port": self.port, "tls": self.tls, "auth": self.auth, "user": self.user}.get(field, self.host)
            hint = "" if field in SHOWN else " Mend it in the connection details."
            raise FormError(f"{field}: {message}.{hint}", widget) from fault

    def connection(self) -> Connection:
        """The connection as filled in; raises :class:`FormError`."""
        return self.login().connection

    def login(self) -> LoginPlan:
        """Who logs in over the connection as filled in; raises :class:`FormError`."""
        server, profile = self.server, self.profile()
        made = profile.connection(server.folder if server is not None else None)
        if not self.host.value.strip() and made.socket_path is None:
            made = replace(made, host="")
        return self._credentials.plan(profile, made, self._origin)

    # Filling in

    def know(self, servers: Sequence[Server]) -> bool:
        """These are the servers now. Rows that show one unchanged show what became of it; returns False where they
        had been changed and stay as they are although their profile is another now."""
        differed, origin = self.differs, self._origin
        self._servers = KnownServers(servers)
        if origin is None or self._servers.of(origin) is not None:
            self.refresh_words()
            return True
        successor = self._servers.named(origin.name)
        if successor is not None and not differed:
            self.fill(successor)
            return True
        self._origin = successor.profile if successor is not None else None
        self.refresh_words()
        return not differed

    def fill(self, server: Server) -> None:
        """Take over a server's settings."""
        self._former = (self.origin, self.values())
        connection = server.connection
        self._origin = None if server.own else server.profile
        rest = {} if server.own else values_of(server.profile)
        self._fill(
            {**rest, "host": server.profile.host, "port": str(connection.port), "tls": connection.tls_mode.value},
            server.profile.auth,
            server.profile.user,
        )

    def fill_values(self, values: Mapping[str, object]) -> None:
        """Take over settings that belong to no profile; what cannot be used is left out."""
        self._former = (self.origin, self.values())
        self._origin = None
        self._take(values)

    def change(self, values: Mapping[str, object]) -> None:
        """Set other values, and remember which profile they change."""
        self._take(values)

    def _take(self, values: Mapping[str, object]) -> None:
        texts = {str(field): value for field, value in values.items()}
        texts["tls"] = texts.get("tls") if texts.get("tls") in set(TlsMode) else suggested(texts).value
        auth = str(texts.get("auth", "auto"))
        self._fill(texts, auth if auth in ("off", *MECHANISM_NAMES) else "auto", str(texts.get("user", "")))

    def _fill(self, values: Values, auth: str, user: str) -> None:
        self._rest = {field: value for field, value in values.items() if field not in SHOWN}
        if self._rest.get("ca_file") in self._servers.sandbox_authorities:
            # The sandbox's authority is trusted at the sandbox alone.
            del self._rest["ca_file"]
        port, mode = str(values.get("port") or "25"), TlsMode(values["tls"])
        with self.prevent(Choice.Changed, Input.Changed, Select.Changed):
            self.host.value = str(values.get("host") or "")
            self.port.choose(port)
            self.tls.fill(mode, port)
            self.auth.value = auth
            self.user.value = user
        self.refresh_words()

    def snapshot(self) -> dict[str, object]:
        """What brings the rows back after a restart. There is no secret in it, and nothing of the sandbox."""
        if self.own is not None:
            return {}
        return {"profile": self._origin.name if self._origin is not None else "", "values": self.values()}

    def restore(self, snapshot: Mapping[str, object]) -> None:
        """Bring the rows back, as far as what is given makes sense."""
        values = snapshot.get("values")
        if not isinstance(values, Mapping) or not values:
            return
        server = self._servers.named(snapshot.get("profile"))
        self._origin = server.profile if server is not None else None
        self._take(usable_of(values))

    # As the user goes

    @on(Input.Blurred, "#host")
    def settle(self) -> None:
        """Where somebody typed HOST:PORT, each goes where it belongs."""
        try:
            host, port = split_host_port(self.host.value)
        except HostPortError:
            # What is wrong with a host is said when it is used.
            return
        if port is not None:
            with self.prevent(Choice.Changed, Input.Changed):
                self.host.value = host
                self.port.choose(str(port))
            self._follow_port()
            self.refresh_words()

    @on(Choice.Changed, "#port")
    def _port_changed(self, event: Choice.Changed) -> None:
        event.stop()
        self._follow_port()
        self.refresh_words()

    def _follow_port(self) -> None:
        self.tls.follow(self.port.value, self.own)

    @on(Choice.Changed, "#tls")
    def _tls_changed(self, event: Choice.Changed) -> None:
        event.stop()
        self.tls.decide(self.port.value, self.own)
        self.refresh_words()

    @on(TlsChoice.GivenBack)
    def action_tls_follow(self) -> None:
        """Let the port decide again."""
        self.tls.decided = False
        self._follow_port()
        self.refresh_words()

    @on(Input.Changed)
    @on(Select.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.refresh_words()

    @on(Button.Pressed, "#send")
    @on(Input.Submitted)
    def _send(self, event: Message) -> None:
        event.stop()
        if isinstance(event, Button.Pressed):
            self.post_message(self.SendPressed())
        else:
            self.screen.focus_next()

    @on(SecretField.Opened)
    def action_secret(self) -> None:
        """Choose where the secret comes from."""
        self.post_message(self.SecretWanted())

    def action_details(self) -> None:
        """Show the fields that have no row."""
        self.settle()
        self.post_message(self.DetailsWanted())

    def action_save_profile(self) -> None:
        """Keep the rows as a profile."""
        self.settle()
        self.post_message(self.SaveWanted())

    def action_test(self) -> None:
        """Try the rows: connect, log in, send nothing."""
        self.post_message(self.TestWanted())

    def action_revert(self) -> None:
        """Back to the profile as it is kept."""
        if self.server is not None:
            self.fill(self.server)

    def action_former(self) -> None:
        """Back to what was in the rows before they were filled in; again, and forth."""
        if self._former is not None:
            former, self._former = self._former, (self.origin, self.values())
            self._origin, values = former
            self._take(values)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be undone is no action."""
        match action:
            case "revert":
                return self.differs and self.server is not None
            case "tls_follow":
                return self.tls.decided
            case "former":
                return self._former is not None
            case _:
                return True

    def refresh_words(self) -> None:
        """Say again what the rows will do, and tell who listens."""
        self._explain()
        self.tls_label.update("TLS• " if self.tls.decided else "TLS  ")
        self.post_message(self.Changed(self.label))
        self.refresh_bindings()

    def _explain(self) -> None:
        try:
            profile, login = self.profile(), self.login()
        except FormError:
            self.tls_says.update("" if self.port.value else "  ! type a port number")
            self.border_subtitle = ""
            return
        says = forecast_of(login.connection, logs_in=login.must_log_in)
        mark = "! " if says.warns else ""
        self.tls_says.update(f"  {mark}{says.short}")
        self.tls_says.set_class(says.warns, "-warns")
        self.border_subtitle = f"{mark}{says.long}"
        typed = self._credentials.secret(profile) is not None and login.wants_secret
        self.secret.words = "typed" if typed else origin_words(profile)
