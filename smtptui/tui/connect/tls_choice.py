"""The choice of TLS mode: it follows the port until the user decides otherwise, and can be given back to it."""

from dataclasses import dataclass

from textual.message import Message

from smtptui.protocol import TlsMode
from smtptui.tui.connect.server import Server
from smtptui.tui.connect.values import suggested
from smtptui.tui.widgets.choice import Choice

_CONVENTIONAL = frozenset({"25", "465", "587", "2465", "2525", "2587"})
"""The ports that suggest a TLS mode."""


class TlsChoice(Choice):
    """Backspace lets the port decide again."""

    @dataclass
    class GivenBack(Message):
        """The port shall decide again."""

    def __init__(self, *, id: str) -> None:
        super().__init__(*(mode.value for mode in TlsMode), value=TlsMode.OPPORTUNISTIC, id=id)
        self.decided = False
        """Whether it is another mode than the port stands for."""
        self._filled = TlsMode.OPPORTUNISTIC

    def fill(self, mode: TlsMode, port: str) -> None:
        """Take over the mode of a server."""
        self._filled = mode
        # A port without a convention says nothing against the mode, whatever it is.
        self.decided = port in _CONVENTIONAL and mode is not suggested({"port": port})
        self.choose(mode)

    def decide(self, port: str, sandbox: Server | None) -> None:
        """The user chose the mode that it has now."""
        self.decided = self.value != self._expected(port, sandbox)

    def follow(self, port: str, sandbox: Server | None) -> None:
        """Let the port decide, unless the user did; at a port of the sandbox its listener does."""
        if not self.decided:
            with self.prevent(Choice.Changed):
                self.choose(self._expected(port, sandbox))

    def _expected(self, port: str, sandbox: Server | None) -> TlsMode:
        """What the port stands for; where it stands for nothing, what the server was filled in with."""
        if sandbox is not None:
            return sandbox.connection.tls_mode
        return suggested({"port": port}) if port in _CONVENTIONAL else self._filled

    def action_erase(self) -> None:
        """There is no number to erase."""
        self.post_message(self.GivenBack())
