"""Marks a pane as the one with the focus, or the open one, without styling all its fields anew."""

from textual.widget import Widget

HERE = "-here"
"""The pane with the focus; instead of ``:focus-within``, which costs a restyling at every move within a pane."""
OPEN = "-open"
"""The pane that has the room where there is room for one."""


def mark(pane: Widget, name: str, on: bool) -> None:
    """Set or remove such a class: the stylesheet may let only the pane itself and its title row depend on it."""
    if pane.has_class(name) is not on:
        pane.set_class(on, name, update=False)
        pane.app.stylesheet.update_nodes((pane, *pane.query(".title-row *")))
