"""Providers to begin with: filter as you type, see what one wants, choose the port."""

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from smtptui.profiles import Preset, load_presets, preset_for_address
from smtptui.protocol import MailboxError, parse_mailbox
from smtptui.tui.connect.values import Values, values_of
from smtptui.tui.widgets.choice import Choice
from smtptui.tui.widgets.dialog import Dialog


@dataclass(frozen=True, slots=True)
class Picked:
    """A preset as values for a form, and what the provider wants in sentences."""

    name: str
    values: Values
    advice: str


class PresetsPicker(Dialog[Picked | None]):
    """Dismissed with what was picked, or None. ``address`` is whose login it might be."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", show=False),
        Binding("enter", "take", "Take", show=False),
        Binding("up", "cursor(-1)", show=False),
        Binding("down", "cursor(1)", show=False),
        Binding("pageup", "cursor(-8)", show=False),
        Binding("pagedown", "cursor(8)", show=False),
    ]
    HELP = """\
## Presets

What is known of providers, with its source. Type to filter by name, host or domain; enter takes the one under the
cursor, tab goes to the choice of port. *Not verified* means that the settings were not found in a document of the
provider: they may be wrong.
"""

    def __init__(self, address: str = "") -> None:
        super().__init__()
        self._address = _address(address)
        self._found: tuple[Preset, ...] = ()

    def compose(self) -> ComposeResult:
        """Filter, list, and what the one under the cursor wants."""
        with Vertical(classes="dialog -large -picker") as dialog:
            dialog.border_title = "Presets"
            dialog.border_subtitle = "enter take · tab port · esc back"
            yield Input(placeholder="type a name, host or domain", compact=True, id="preset-filter")
            yield OptionList(compact=True, id="preset-list")
            with VerticalScroll(id="preset-facts", can_focus=False):
                with Horizontal(classes="row", id="preset-port"):
                    yield Label("Port  ")
                yield Static("", markup=False, id="preset-advice", classes="sentence")
                yield Static("", markup=False, id="preset-source", classes="muted sentence")

    async def on_mount(self) -> None:
        """All of them, filter first."""
        self.query_one("#preset-list").can_focus = False
        self._filter("")
        self.query_one(Input).focus()

    @property
    def current(self) -> Preset | None:
        """The preset under the cursor."""
        at = self.query_one(OptionList).highlighted
        return self._found[at] if at is not None and at < len(self._found) else None

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter(event.value)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        self._found = tuple(preset for preset in load_presets() if all(word in _haystack(preset) for word in words))
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_line(preset)) for preset in self._found])
        if self._found:
            options.highlighted = 0
        else:
            self.query_one("#preset-advice", Static).update("No preset has these words. Erase some, or esc goes back.")
            self.query_one("#preset-source", Static).update("")
            self.query(Choice).remove()

    @on(OptionList.OptionHighlighted)
    async def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        preset = self.current
        if preset is None:
            return
        self.query_one("#preset-advice", Static).update(" ".join(preset.advice))
        self.query_one("#preset-source", Static).update(f"Source: {', '.join(preset.source)}")
        await self.query(Choice).remove()
        labels = [way.label for way in preset.ways]
        await self.query_one("#preset-port").mount(Choice(*labels, value=labels[0]))
        self.query_one("#preset-facts", VerticalScroll).scroll_home(animate=False)

    def action_cursor(self, step: int) -> None:
        """Another preset, while the focus stays where one types."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            options.highlighted = max(0, min(len(self._found) - 1, options.highlighted + step))

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def action_take(self) -> None:
        """This one."""
        preset = self.current
        if preset is None:
            return
        choices = self.query(Choice)
        label = choices.first().value if choices else ""
        way = next((way for way in preset.ways if way.label == label), preset.ways[0])
        address = self._address if preset == preset_for_address(self._address) else ""
        values = values_of(preset.profile(address=address, way=way, parameters=preset.placeholders))
        values.pop("from", None)
        values.setdefault("port", str(way.port))
        self.dismiss(Picked(preset.name, values, " ".join(preset.advice)))


def _address(text: str) -> str:
    try:
        return parse_mailbox(text).address
    except MailboxError:
        return ""


def _haystack(preset: Preset) -> str:
    return " ".join((preset.id, preset.name, preset.host, *preset.domains)).casefold()


def _line(preset: Preset) -> Text:
    mark = "" if preset.verified else "not verified"
    return Text.assemble((f"{preset.name:<26} ", "bold"), f"{mark:<14}{preset.host}", no_wrap=True)
