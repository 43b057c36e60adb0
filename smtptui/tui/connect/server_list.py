"""The list of servers at the left: name, host and port, and the profile's colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from smtptui.profiles import Color
from smtptui.tui.connect.server import Server


class ServerList(OptionList):
    """Enter takes the server under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"server--name", "server--place", *(f"mark--{color}" for color in Color)}

    @dataclass
    class Chosen(Message):
        """The user took a server."""

        server: Server

    def __init__(self) -> None:
        super().__init__(compact=True, id="server-list")
        self._servers: tuple[Server, ...] = ()

    def on_mount(self) -> None:
        """Another theme has other colours for the names."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.show(self._servers))

    def show(self, servers: Sequence[Server]) -> None:
        """Show these, with the cursor on the one of the same name as before."""
        current = self.current
        self._servers = tuple(servers)
        self.clear_options()
        self.add_options([Option(self._prompt(server)) for server in servers])
        self.mark(next((each for each in servers if current is not None and each.name == current.name), None))

    @property
    def servers(self) -> tuple[Server, ...]:
        """What the list shows."""
        return self._servers

    @property
    def current(self) -> Server | None:
        """The server under the cursor."""
        return self._servers[self.highlighted] if self.highlighted is not None else None

    def mark(self, server: Server | None) -> None:
        """Put the cursor on the server in use."""
        if server in self._servers:
            self.highlighted = self._servers.index(server)
        elif self._servers and self.highlighted is None:
            self.highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell which server the option stands for."""
        event.stop()
        self.post_message(self.Chosen(self._servers[event.option_index]))

    def _prompt(self, server: Server) -> Text:
        color = server.profile.color
        mark = (" ", "") if color is Color.NONE else ("▌", self._style(f"mark--{color}"))
        return Text.assemble(
            mark,
            (server.name, self._style("server--name")),
            "\n",
            mark,
            (server.label, self._style("server--place")),
            no_wrap=True,
        )

    def _style(self, component: str) -> Style:
        return self.get_component_rich_style(component, partial=True)
