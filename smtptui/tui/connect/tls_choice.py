"""The choice of TLS mode, which can be given back to the port."""

from dataclasses import dataclass

from textual.message import Message

from smtptui.tui.widgets.choice import Choice


class TlsChoice(Choice):
    """Backspace lets the port decide again."""

    @dataclass
    class GivenBack(Message):
        """The port shall decide again."""

    def action_erase(self) -> None:
        """There is no number to erase."""
        self.post_message(self.GivenBack())
