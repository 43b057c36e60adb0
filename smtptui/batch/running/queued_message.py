"""One message on its way: whose it is, what is sent, and since when."""

from collections.abc import Callable
from dataclasses import dataclass

from smtptui.batch.model import Recipient
from smtptui.batch.running.attempt_log import NOT_KEPT, Words
from smtptui.session import Prepared


@dataclass(slots=True)
class QueuedMessage:
    """A recipient that a lane has taken, with its message."""

    recipient: Recipient
    prepared: Prepared
    began: float
    """When it was taken, in seconds since the epoch."""
    words: Words = NOT_KEPT
    """What is kept of its delivery; until then, nothing."""


Compose = Callable[[Recipient], Prepared]
"""Makes a recipient's envelope and message; raises :class:`smtptui.batch.composer.UnsendableError`."""
