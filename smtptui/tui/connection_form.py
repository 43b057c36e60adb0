"""The three rows that say which server, how it is reached and who logs in."""

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Button, Input, Label, Select

from smtptui.protocol import (
    BEARER_MECHANISMS,
    MECHANISM_NAMES,
    Connection,
    Credentials,
    Secret,
    TlsMode,
    TlsSettings,
    tls_for_port,
)
from smtptui.tui.choice import Choice
from smtptui.tui.forms import FormError
from smtptui.tui.servers import Server

PORTS = ("25", "465", "587")


class ConnectionForm(Vertical):
    """Host, port, TLS, AUTH. The TLS mode follows the port until the user sets it."""

    host = query_one("#host", Input)
    port = query_one("#port", Choice)
    tls = query_one("#tls", Choice)
    tls_says = query_one("#tls-says", Label)
    auth: query_one[Select[str]] = query_one("#auth", Select)
    user = query_one("#user", Input)
    secret = query_one("#secret", Input)
    secret_label = query_one("#secret-label", Label)

    @dataclass
    class Changed(Message):
        """Another server is named now."""

        label: str

    class SendPressed(Message):
        """The button was pressed."""

    def __init__(self, servers: tuple[Server, ...] = ()) -> None:
        super().__init__(id="connection", classes="pane")
        self.border_title = "Connection"
        self._servers = servers
        self._tls_otherwise = TlsMode.OPPORTUNISTIC
        self._tls_touched = False
        self._tls_expected = tls_for_port(25)

    def compose(self) -> ComposeResult:
        """Three rows."""
        with Horizontal(classes="row"):
            yield Label("Host ")
            yield Input(placeholder="the recipient's MX", compact=True, id="host")
            yield Label("  Port ")
            yield Choice(*PORTS, value="25", other=True, id="port")
        with Horizontal(classes="row"):
            yield Label("TLS  ")
            yield Choice(*(mode.value for mode in TlsMode), value=self._tls_expected, id="tls")
            yield Label("", id="tls-says")
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
            yield Label("  Password ", id="secret-label")
            yield Input(password=True, compact=True, id="secret")
            yield Button("Send F5", variant="primary", compact=True, id="send")

    def on_mount(self) -> None:
        """Say what the first combination does, and where it leads."""
        self._explain()
        self.post_message(self.Changed(self.label))

    def sending(self, busy: bool) -> None:
        """Grey the button out while a session runs."""
        self.query_one("#send", Button).disabled = busy

    @property
    def server(self) -> Server | None:
        """The known server that host and port name."""
        for server in self._servers:
            if (self.host.value.strip(), self.port.value) == (server.host, str(server.port)):
                return server
        return None

    @property
    def label(self) -> str:
        """What the top bar calls the target."""
        host, port = self.host.value.strip(), self.port.value or "…"
        if ":" in host:
            host = f"[{host}]"
        known = self.server
        return (f"{known.name} · " if known is not None else "") + f"{host or 'MX'}:{port}"

    def fill(self, server: Server) -> None:
        """Take over a server's settings."""
        self._tls_touched = False
        self._tls_otherwise = self._tls_expected = server.tls
        self.host.value = server.host
        self.port.choose(str(server.port))
        self.tls.choose(server.tls)
        self.auth.value = server.auth
        self.user.value = server.user
        self.secret.value = server.password.reveal() if server.password is not None else ""

    def connection(self) -> Connection:
        """The connection as filled in; raises :class:`FormError`."""
        if not self.port.value:
            raise FormError("The port has no number: type one, or choose 25, 465 or 587.", self.port)
        known = self.server
        ca_file = known.ca_file if known is not None else None
        try:
            return Connection(
                host=self.host.value.strip(),
                port=int(self.port.value),
                tls=TlsSettings(mode=TlsMode(self.tls.value), ca_file=ca_file),
                auth=str(self.auth.value),
            )
        except ValueError as error:
            field = self.port if str(error).startswith("port") else self.host
            raise FormError(f"{str(error)[:1].upper()}{str(error)[1:]}.", field) from error

    def credentials(self) -> Credentials | None:
        """Who logs in; None without a user, or with AUTH off."""
        mechanism = str(self.auth.value)
        user, secret = self.user.value.strip(), self.secret.value
        if mechanism == "off" or not (user or secret):
            if mechanism not in ("off", "auto", "EXTERNAL"):
                raise FormError(f"AUTH {mechanism} needs a user: type one, or set AUTH to off.", self.user)
            return Credentials() if mechanism == "EXTERNAL" else None
        if not user:
            raise FormError("There is a password without a user: type the user too.", self.user)
        if mechanism == "EXTERNAL":
            # The certificate says who it is; a user is whom to act as (RFC 4422 appendix A).
            return Credentials(user, authorization_id=user)
        if mechanism in BEARER_MECHANISMS:
            return Credentials(user, token=Secret(secret))
        return Credentials(user, password=Secret(secret) if secret else None)

    @on(Choice.Changed, "#port")
    def _port_changed(self, event: Choice.Changed) -> None:
        event.stop()
        port = int(event.value or 0)
        if not self._tls_touched:
            known = self.server
            expected = known.tls if known is not None else tls_for_port(port, self._tls_otherwise)
            self._tls_expected = expected
            self.tls.choose(expected)
        self._explain()
        self.post_message(self.Changed(self.label))

    @on(Choice.Changed, "#tls")
    def _tls_changed(self, event: Choice.Changed) -> None:
        event.stop()
        if event.value != self._tls_expected:
            self._tls_touched = True
        self._explain()

    @on(Input.Changed, "#host")
    def _host_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self.label))

    @on(Select.Changed, "#auth")
    def _auth_changed(self, event: Select.Changed) -> None:
        event.stop()
        self.secret_label.update("  Token    " if event.value in BEARER_MECHANISMS else "  Password ")

    @on(Button.Pressed, "#send")
    @on(Input.Submitted)
    def _send(self, event: Message) -> None:
        event.stop()
        if isinstance(event, Button.Pressed):
            self.post_message(self.SendPressed())
        else:
            self.screen.focus_next()

    def _explain(self) -> None:
        self.tls_says.update(f"  {tls_sentence(int(self.port.value or 0), TlsMode(self.tls.value))}")


def tls_sentence(port: int, mode: TlsMode) -> str:
    """What this port with this mode will do, in at most 30 cells."""
    if mode is TlsMode.IMPLICIT:
        if port in (25, 587):
            return f"! {port} begins in the clear"
        return "TLS before the first byte"
    if port == 465:
        return "! 465 begins with TLS"
    return {
        TlsMode.NONE: "no TLS: readable on the way",
        TlsMode.OPPORTUNISTIC: "TLS if offered, else in clear",
        TlsMode.STARTTLS: "TLS by STARTTLS, or it stops",
    }[mode]
