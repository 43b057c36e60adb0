"""The servers one can choose from, and the list that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList

from smtptui.protocol import Secret, TlsMode


@dataclass(frozen=True, slots=True)
class Server:
    """A server and all that is needed to use it."""

    name: str
    host: str
    port: int
    tls: TlsMode
    auth: str = "auto"
    user: str = ""
    password: Secret | None = None
    ca_file: Path | None = None
    own: bool = False
    """Whether it is the app's own sandbox, which no message leaves."""

    @property
    def label(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"


class ServerList(OptionList):
    """The servers at the left; enter takes the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]

    @dataclass
    class Chosen(Message):
        """The user took a server."""

        server: Server

    def __init__(self, servers: Sequence[Server]) -> None:
        super().__init__(*(_prompt(server) for server in servers), compact=True, id="servers")
        self._servers = tuple(servers)
        self.border_title = "Servers"

    def mark(self, server: Server | None) -> None:
        """Put the cursor on the server in use."""
        if server in self._servers:
            self.highlighted = self._servers.index(server)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell which server the option stands for."""
        event.stop()
        self.post_message(self.Chosen(self._servers[event.option_index]))


def _prompt(server: Server) -> Text:
    return Text.assemble((server.name, "bold"), "\n", server.label, no_wrap=True)
