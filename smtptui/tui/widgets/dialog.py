"""The base of the dialogs."""

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """A screen over another one, which gives one answer."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with an answer.

        Does nothing if the dialog is closed already: a key that was typed twice, quickly, arrives here twice, and the
        second one would close the screen below, or fail as that is the last one.
        """
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)
