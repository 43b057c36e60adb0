"""A stylesheet that is parsed anew for other colours only, and not for every screen that is opened."""

from textual.css.stylesheet import Stylesheet


class LazyStylesheet(Stylesheet):
    """Textual sets the variables and parses all there is whenever a screen comes to the front for the first time."""

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._known = variables
        self._others = False

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take these; the same again are none."""
        if variables != self._known:
            self._known = variables
            self._others = True
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse everything with the variables, where they are others than before."""
        if self._others:
            super().reparse()
            self._others = False
