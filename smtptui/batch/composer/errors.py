"""Why there is no message, in sentences and in a kind for exit codes."""

from enum import StrEnum


class FaultOf(StrEnum):
    """What has to be mended."""

    TEMPLATE = "template"
    INPUT = "input"
    """The row, or what the template makes of it."""
    LIMIT = "limit"
    """The template takes more time or memory than a message needs."""
    CONFIGURATION = "configuration"
    FILE = "file"
    """A file that cannot be read."""
    PROCESS = "process"
    """The process that composes cannot be started, or ended for a reason that nobody knows."""


class ComposerError(Exception):
    """There is no message, or no composer; ``sentences`` say why."""

    def __init__(self, fault: FaultOf, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.fault = fault
        self.sentences = sentences
