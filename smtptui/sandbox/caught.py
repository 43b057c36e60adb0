"""Messages that the sandbox has caught, and the list that keeps the latest of them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from smtptui.message import header
from smtptui.protocol import visible


@dataclass(frozen=True, slots=True)
class Caught:
    """One message, with how it came. ``content`` is exactly what was sent between DATA and the dot."""

    seq: int
    """Position among all messages of this sandbox, from 0."""
    queue_id: str
    """What the reply to the dot called it."""
    at: datetime
    """When it was accepted, UTC."""
    listener: str
    """``smtp``, ``submission`` or ``smtps``."""
    peer: str
    """Address and port of the client."""
    helo: str
    tls: bool
    user: str | None
    """Who logged in."""
    sender: str
    """Empty for the null reverse-path ``<>``."""
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)
    mail_parameters: str = ""
    """What followed the sender's path, as sent: ``SIZE=120 RET=HDRS``."""
    rcpt_parameters: tuple[str, ...] = ()
    """What followed each recipient's path, as sent."""

    @property
    def subject(self) -> str:
        """The Subject, decoded and safe to show; read anew at each call."""
        return header(self.content, "Subject")

    @property
    def from_(self) -> str:
        """The From header, decoded and safe to show; read anew at each call."""
        return header(self.content, "From")


class CaughtStore:
    """What was caught, oldest first: only appended to, and the oldest give way to the limits.

    ``version`` grows with every change, so a reader can tell whether to look again.
    """

    def __init__(self, *, messages: int = 10_000, octets: int = 256 * 1024 * 1024) -> None:
        self._kept: deque[Caught] = deque()
        self._messages = messages
        self._limit = octets
        self._octets = 0
        self.version = 0
        self.dropped = 0
        """How many have given way."""

    @property
    def next_seq(self) -> int:
        """The ``seq`` of the message that is caught next."""
        return self.dropped + len(self._kept)

    def append(self, caught: Caught) -> None:
        """Add one; the latest is kept even if it alone is above the limits."""
        self._kept.append(caught)
        self._octets += len(caught.content)
        while len(self._kept) > 1 and (len(self._kept) > self._messages or self._octets > self._limit):
            self._octets -= len(self._kept.popleft().content)
            self.dropped += 1
        self.version += 1

    def find(self, queue_id: str) -> Caught | None:
        """The message that a reply called ``queue_id``, if it is still kept."""
        return next((caught for caught in reversed(self._kept) if caught.queue_id == queue_id), None)

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, index: int) -> Caught:
        return self._kept[index]

    def __iter__(self) -> Iterator[Caught]:
        return iter(tuple(self._kept))


def envelope_text(caught: Caught) -> str:
    """MAIL and RCPT as they were said, one a line; every line is safe to show."""
    lines = [f"MAIL FROM:<{caught.sender}> {caught.mail_parameters}"]
    for index, recipient in enumerate(caught.recipients):
        parameters = caught.rcpt_parameters[index] if index < len(caught.rcpt_parameters) else ""
        lines.append(f"RCPT TO:<{recipient}> {parameters}")
    return "\n".join(visible(line.rstrip()) for line in lines)
