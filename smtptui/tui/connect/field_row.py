"""One field of the editor: label, what it is filled in with, what it means, and what is wrong with it."""

from textual.app import ComposeResult
from textual.containers import Container
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static, TextArea

from smtptui.tui.connect.profile_fields import Field, Kind
from smtptui.tui.widgets.choice import Choice


class FieldRow(Container):
    """A row of a grid where there is room, else the description goes below."""

    says = query_one(".edit-says", Static)

    def __init__(self, field: Field, value: str) -> None:
        super().__init__(classes="field-row -long" if field.kind is Kind.LONG else "field-row")
        self.field = field
        self._initial = value
        self._fault: str | None = None

    def compose(self) -> ComposeResult:
        """Label, control, description."""
        yield Label(self.field.label, classes="edit-label")
        yield self._control()
        yield Static(self.field.description, markup=False, classes="edit-says")

    @property
    def control(self) -> Widget:
        """What has the focus when the field is filled in."""
        return self.query_one(".edit-control")

    @property
    def value(self) -> str:
        """What is filled in; empty for the default."""
        control = self.control
        if isinstance(control, Input):
            return control.value.strip()
        if isinstance(control, TextArea):
            return control.text.strip()
        if isinstance(control, Choice):
            return dict(self.field.options)[control.value]
        assert isinstance(control, Select)
        return str(control.value)

    @value.setter
    def value(self, value: str) -> None:
        control = self.control
        if isinstance(control, Input):
            control.value = value
        elif isinstance(control, TextArea):
            control.text = value
        elif isinstance(control, Choice):
            control.choose(self._shown(value))
        elif isinstance(control, Select):
            control.value = value

    def fault(self, sentence: str | None) -> None:
        """Say what is wrong, or again what the field means."""
        if sentence == self._fault:
            return
        self._fault = sentence
        self.says.update(f"✗ {sentence}" if sentence else self.field.description)
        self.set_class(sentence is not None, "-faulty")

    def _control(self) -> Widget:
        field, value = self.field, self._initial
        control: Widget
        match field.kind:
            case Kind.TEXT:
                control = Input(value, placeholder=field.hint, compact=True)
            case Kind.LONG:
                control = TextArea(value, compact=True, tab_behavior="focus")
            case Kind.CHOICE:
                control = Choice(*(shown for shown, _ in field.options), value=self._shown(value))
            case Kind.SELECT:
                control = Select(field.options, value=value, allow_blank=False, compact=True)
        control.add_class("edit-control")
        return control

    def _shown(self, value: str) -> str:
        return next((shown for shown, meant in self.field.options if meant == value), self.field.options[0][0])
