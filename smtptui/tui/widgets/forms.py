"""What the forms share: the error that names a field, and being brought back after a restart."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from textual.widget import Widget


class FormError(ValueError):
    """What the user filled in cannot be used: a sentence, and the field it is about."""

    def __init__(self, message: str, field: Widget) -> None:
        super().__init__(message)
        self.field = field


@runtime_checkable
class Remembering(Protocol):
    """A form that can be brought back. A snapshot is made of what JSON knows, and never has a secret in it."""

    def snapshot(self) -> dict[str, object]:
        """What is filled in."""
        ...

    def restore(self, snapshot: Mapping[str, object], /) -> None:
        """Fill it in again, as far as it makes sense; whatever it is, this raises nothing but ValueError, TypeError
        or LookupError."""
        ...
