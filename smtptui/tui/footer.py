"""The footer: a fixed order, no more entries than fit, the same words whatever has the focus."""

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from smtptui.tui.keys import FOOTER_LIMIT, KEYS


class KeyFooter(Footer):
    """Shows those keys of the registry that do something now."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    def compose(self) -> ComposeResult:
        """One entry per key that is active, in the registry's order."""
        active = {entry.binding.id: entry for entry in self.screen.active_bindings.values()}
        shown = [key for key in KEYS if key.footer and key.id in active and active[key.id].enabled]
        if len(shown) > FOOTER_LIMIT:
            shown = [key for key in shown if key.footer == 1]
        for key in shown:
            yield FooterKey(
                active[key.id].binding.key,
                key.display,
                key.label,
                key.action,
                classes="-last" if key.id == "palette" else "",
            )
