"""What the forms share: the error that names a field."""

from textual.widget import Widget


class FormError(ValueError):
    """What the user filled in cannot be used: a sentence, and the field it is about."""

    def __init__(self, message: str, field: Widget) -> None:
        super().__init__(message)
        self.field = field
