"""The bar that says in sentences how the session ended, or why nothing was sent."""

from rich.text import Text
from textual.widgets import Static

from smtptui.transcript import Outcome, describe
from smtptui.tui.runs.outcome_badge import ink_of, mark_of
from smtptui.tui.widgets.rows import MARKS, Ink


class OutcomeBar(Static):
    """Hidden while there is nothing to say; its left edge has the outcome's colour."""

    COMPONENT_CLASSES = {f"outcome--{ink}" for ink in Ink}  # noqa: RUF012 - as Textual types it

    def __init__(self) -> None:
        super().__init__(id="outcome")
        self._said: tuple[str, Ink, str] | None = None

    def on_mount(self) -> None:
        """Another theme has other colours."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.say(*self._said) if self._said else None)

    def say(self, text: str, ink: Ink, mark: str) -> None:
        """Show a sentence; its first line stands out."""
        self._said = (text, ink, mark)
        for other in Ink:
            self.set_class(other is ink, f"-{other}")
        style = self.get_component_rich_style(f"outcome--{ink}", partial=True)
        head, dot, rest = _first_sentence(text)
        self.update(Text.assemble((f"{mark} {head}{dot}", style), rest))
        self.add_class("-shown")

    def finished(self, outcome: Outcome) -> None:
        """Say how a session ended."""
        self.say(describe(outcome), ink_of(outcome), mark_of(outcome))

    def refused(self, sentence: str) -> None:
        """Say why nothing was sent."""
        self.say(sentence, Ink.PERMANENT, MARKS[Ink.PERMANENT])

    def clear(self) -> None:
        """Hide it."""
        self._said = None
        self.remove_class("-shown")


def _first_sentence(text: str) -> tuple[str, str, str]:
    head, dot, rest = text.partition(". ")
    return (head, ".", f" {rest}") if dot else (text, "", "")
