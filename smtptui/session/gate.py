"""The gate: before each command somebody may let it pass, edit it, skip it, quit there or drop the connection."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from smtptui.protocol import QUITTABLE, Stage


class Action(StrEnum):
    """What a gate decides."""

    PASS = "pass"  # noqa: S105 - a verb
    EDIT = "edit"
    SKIP = "skip"
    QUIT = "quit"
    DROP = "drop"


COMMAND_ACTIONS = frozenset(Action)
"""What may happen to an ordinary command."""
HELD_ACTIONS = frozenset({Action.PASS, Action.DROP})
"""What may happen where the protocol allows no choice: the greeting, the handshake, the body, the dot. After a
354 anything but the message or a closed connection would be delivered as a message."""
EXCHANGE_ACTIONS = frozenset({Action.PASS, Action.EDIT, Action.DROP})
"""What may happen to an answer inside an AUTH exchange."""
LAST_ACTIONS = frozenset({Action.PASS, Action.EDIT, Action.SKIP, Action.DROP})
"""What may happen to RSET and QUIT."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What is about to happen. ``line`` is the command with secrets masked, or None where it is no command."""

    stage: Stage
    line: str | None
    allowed: frozenset[Action]


@dataclass(frozen=True, slots=True)
class Decision:
    """A gate's answer; ``line`` is the command to send instead, without CRLF, for EDIT."""

    action: Action
    line: str = ""

    def __post_init__(self) -> None:
        if "\r" in self.line or "\n" in self.line:
            raise ValueError("one command at a time: an edited line has no CR or LF")


PASS = Decision(Action.PASS)

Gate = Callable[[Pending], Awaitable[Decision]]


@dataclass(frozen=True, slots=True)
class ExitAfter:
    """Leave the session once ``stage`` is done: politely with QUIT, or by dropping the connection."""

    stage: Stage
    drop: bool = False

    def __post_init__(self) -> None:
        if not self.drop and self.stage not in QUITTABLE:
            stages = ", ".join(stage for stage in Stage if stage in QUITTABLE)
            raise ValueError(f"QUIT cannot follow {self.stage}; it can after {stages}")

    def due(self, pending: Pending, *, implicit: bool) -> bool:
        """Whether ``stage`` lies behind what is pending; ``implicit`` tells that TLS comes before the greeting.

        A session need not meet every stage, so a later one counts as well.
        """
        behind = _position(pending.stage, implicit) > _position(self.stage, implicit)
        return behind and (self.drop or Action.QUIT in pending.allowed)


def _position(stage: Stage, implicit: bool) -> float:
    if implicit and stage in (Stage.STARTTLS, Stage.TLS):
        return Stage.CONNECT.order + 0.5
    if implicit and stage is Stage.EHLO_TLS:
        return Stage.EHLO.order
    return stage.order
