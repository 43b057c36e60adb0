"""What a process that composes can be asked."""

from enum import StrEnum


class Question(StrEnum):
    """Each is a frame with its arguments; the answer is a frame, too."""

    OPEN = "open"
    """Read a template for a list with these columns."""
    AUTHOR = "author"
    MESSAGE = "message"
    COMPOSE = "compose"
    LINT = "lint"
    CHECK = "check"
