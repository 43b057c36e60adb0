"""The profile editor: every field with what it means, and all that is wrong at once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Label, Static

from smtptui.profiles import Profile
from smtptui.tui.connect.field_row import FieldRow
from smtptui.tui.connect.presets_picker import Picked, PresetsPicker
from smtptui.tui.connect.profile_fields import SECTIONS
from smtptui.tui.connect.values import ProfileFault, Values, profile_of
from smtptui.tui.keys.registry import Where, bindings
from smtptui.tui.widgets.dialog import Dialog
from smtptui.tui.widgets.question import Question


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of editing: the values, and the profile they make; without a name of its own it is unnamed."""

    values: Values
    profile: Profile


class ProfileEditor(Dialog[Edited | None]):
    """Dismissed with what was edited, or with None.

    ``taken`` are the names of other profiles. Without ``named`` it edits a connection that is not kept: there is no
    name, and the host may be empty. ``save`` keeps the profile and returns a sentence if that failed.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.EDITOR)
    HELP = """\
## Profile editor

A profile is a server one knows. Every field has its meaning beside it; an empty one has its default. **F6** goes to
the next section, **ctrl+s** saves, **esc** leaves and asks if something would be lost. **F2** begins with what is known
of a provider.

The secret itself is never kept here: only where it comes from.
"""

    def __init__(
        self,
        title: str,
        values: Mapping[str, object],
        *,
        name: str = "",
        named: bool = True,
        taken: Collection[str] = (),
        save: Callable[[Edited], str | None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._title = title
        self._before = flat(values, name)
        self._named = named
        self._taken = frozenset(taken)
        self._keep = save
        self._shown_faults = False

    def compose(self) -> ComposeResult:
        """Sections in a scroll, buttons below it."""
        with Vertical(classes="dialog -large -editor") as dialog:
            dialog.border_title = Text(self._title)
            with VerticalScroll(id="editor-fields", can_focus=False):
                for title, fields in SECTIONS:
                    yield Label(title, classes="section", id=f"section-{title.lower()}")
                    for field in fields:
                        if field.key != "name" or self._named:
                            yield FieldRow(field, self._before.get(field.key, ""))
            yield Static("", id="editor-says", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Presets F2", compact=True, id="presets")
                yield Button("Save ^s" if self._named else "Use ^s", compact=True, id="yes")
                yield Button("Back esc", compact=True, id="no")

    def on_mount(self) -> None:
        """Begin with the first field."""
        next(iter(self.rows.values())).control.focus()

    @property
    def rows(self) -> dict[str, FieldRow]:
        """The fields by their names."""
        return {row.field.key: row for row in self.query(FieldRow)}

    def entered(self) -> dict[str, str]:
        """What is filled in, without what is empty."""
        return {key: value for key, row in self.rows.items() if (value := row.value)}

    # What is wrong

    def faults(self) -> dict[str, str]:
        """What is wrong, by field."""
        entered = self.entered()
        name = entered.pop("name", "")
        faults: dict[str, str] = {}
        if self._named and not name:
            faults["name"] = "a name of 1 to 60 characters"
        if name in self._taken:
            faults["name"] = "another profile has this name; choose one of its own"
        try:
            profile_of(nested(entered), name or "unnamed", any_host=not self._named)
        except ProfileFault as fault:
            faults |= fault.faults
        return faults

    def _show_faults(self) -> dict[str, str]:
        faults = self.faults()
        rows = self.rows
        for key, row in rows.items():
            row.fault(faults.get(key))
        count = len(faults)
        elsewhere = "; ".join(fault for key, fault in faults.items() if key not in rows)
        self.query_one("#editor-says", Static).update(
            f"✗ {count} field{'s' * (count != 1)} to mend. {elsewhere}".rstrip() if faults else ""
        )
        return faults

    @on(Input.Changed)
    def _changed(self) -> None:
        if self._shown_faults:
            self._show_faults()

    def on_descendant_blur(self) -> None:
        """A field that was left says what is wrong with it, if what is in it was typed there."""
        if self._shown_faults:
            self._show_faults()
            return
        faults, entered = self.faults(), self.entered()
        for key, row in self.rows.items():
            changed = entered.get(key, "") != self._before.get(key, "")
            row.fault(faults.get(key) if changed else None)

    # What can be done

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.focus_next()

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        match event.button.id:
            case "yes":
                self.action_save()
            case "presets":
                self.action_presets()
            case _:
                self.action_back()

    def action_save(self) -> None:
        """Keep it, unless something is wrong."""
        self._shown_faults = True
        faults = self._show_faults()
        if faults:
            first = next((row for key, row in self.rows.items() if key in faults), None)
            if first is not None:
                first.control.focus()
            return
        entered = self.entered()
        name = entered.pop("name", "unnamed")
        values = nested(entered)
        edited = Edited(values, profile_of(values, name, any_host=not self._named))
        trouble = self._keep(edited)
        if trouble is None:
            self.dismiss(edited)
        else:
            self.query_one("#editor-says", Static).update(f"✗ {trouble}")

    def action_back(self) -> None:
        """Leave; ask first if something would be lost."""
        if self.entered() == {key: value for key, value in self._before.items() if value}:
            self.dismiss(None)
            return

        def answered(answer: str | None) -> None:
            if answer == "save":
                self.action_save()
            elif answer == "drop":
                self.dismiss(None)

        self.app.push_screen(
            Question(
                "Changes are not saved",
                "What was changed here is lost if you leave now.",
                (("save", "Save s", "s"), ("drop", "Drop d", "d")),
            ),
            answered,
        )

    def action_presets(self) -> None:
        """Fill in what is known of a provider."""
        entered = self.entered()
        self.app.push_screen(PresetsPicker(entered.get("from") or entered.get("user", "")), self._picked)

    def _picked(self, picked: Picked | None) -> None:
        if picked is None:
            return
        rows, entered = self.rows, self.entered()
        for key, value in flat(picked.values, entered.get("name") or picked.name).items():
            if key in rows:
                rows[key].value = value
        if not entered.get("note"):
            rows["note"].value = picked.advice
        self.query_one("#editor-says", Static).update(f"• {picked.advice}")

    def next_pane(self) -> None:
        """To the first field of the next section."""
        rows = list(self.rows.values())
        starts = {
            title: next(number for number, row in enumerate(rows) if row.field in fields) for title, fields in SECTIONS
        }
        focused = self.focused
        here = next((at for at, row in enumerate(rows) if focused is not None and row in focused.ancestors), -1)
        title = next((title for title, start in starts.items() if start > here), SECTIONS[0][0])
        rows[starts[title]].control.focus(scroll_visible=False)
        heading = self.query_one(f"#section-{title.lower()}")
        self.query_one("#editor-fields", VerticalScroll).scroll_to_widget(heading, top=True, animate=False)


def flat(values: Mapping[str, object], name: str = "") -> dict[str, str]:
    """Values by the keys of the fields, all as text."""
    texts = {"name": name}
    for key, value in values.items():
        if isinstance(value, Mapping):
            texts |= {f"{key}.{inner}": str(number) for inner, number in value.items()}
        else:
            texts[key] = str(value)
    return texts


def nested(entered: Mapping[str, str]) -> Values:
    """The values as in the file."""
    values: Values = {}
    for key, text in entered.items():
        outer, _, inner = key.partition(".")
        if inner:
            values.setdefault(outer, {})[inner] = text
        else:
            values[key] = text
    return values
