"""An event as people read it: one line for a list, all lines for a page; nothing in it can act on a terminal."""

from dataclasses import dataclass
from enum import StrEnum

from smtptui.protocol import Event, EventKind, Stage, visible, visible_lines

_CLIENT = {False: "→", True: "⇒"}
_SERVER = {False: "←", True: "⇐"}


class Tone(StrEnum):
    """What a line is, for whoever colours it."""

    CLIENT = "client"
    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    NOTE = "note"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class EventLine:
    """The one-line form. ``more`` lines are not shown; ``took`` is in seconds."""

    arrow: str
    text: str
    more: int
    took: float | None
    tone: Tone


def arrow(event: Event) -> str:
    """Who spoke: ``→ ←`` in the clear, ``⇒ ⇐`` inside TLS, ``•`` nobody, ``✗`` an error."""
    if event.kind in (EventKind.COMMAND, EventKind.CONTINUATION, EventKind.BODY):
        return _CLIENT[event.tls]
    if event.kind is EventKind.REPLY:
        return _SERVER[event.tls]
    return "✗" if event.kind is EventKind.ERROR else "•"


def tone(event: Event) -> Tone:
    """What the event's line is."""
    if event.kind is EventKind.ERROR:
        return Tone.ERROR
    if event.kind is EventKind.REPLY:
        if event.code is None:
            return Tone.ERROR
        if event.code < 400:
            return Tone.ACCEPTED
        return Tone.TEMPORARY if event.code < 500 else Tone.PERMANENT
    if event.kind in (EventKind.COMMAND, EventKind.CONTINUATION, EventKind.BODY):
        return Tone.CLIENT
    return Tone.NOTE


def body_lines(event: Event) -> list[str]:
    """All lines of an event's text, visible. A body says its size after its peek where that is not all."""
    if event.kind is EventKind.BODY:
        lines = visible_lines(event.text.removesuffix("\r\n"))
        shown = len(event.text.encode("utf-8", "surrogateescape"))
        if shown < event.size:
            lines.append(f"… {event.size} octets in all")
        return lines
    if event.kind is EventKind.REPLY:
        return visible_lines(event.text)
    return [visible(event.text)]


def event_line(event: Event) -> EventLine:
    """The one-line form of an event."""
    if event.kind is EventKind.BODY:
        return EventLine(
            arrow(event), f"message, {octets(event.size)}", len(body_lines(event)), event.took, tone(event)
        )
    # Only the first line is made visible here: a list asks for many events at once.
    first, end, rest = event.text.partition("\n")
    if event.kind is EventKind.REPLY:
        text = visible_lines(first + end)[0]
        more = rest.count("\n") + (not rest.endswith("\n")) if rest else 0
    else:
        text, more = visible(event.text), 0
    return EventLine(arrow(event), text, more, event.took, tone(event))


def octets(size: int) -> str:
    """A size as people say it; binary units, exact below 10 KiB."""
    if size < 10 * 1024:
        return f"{size} octets"
    if size < 10 * 1024 * 1024:
        return f"{size / 1024:.1f} KiB"
    return f"{size / 1024 / 1024:.1f} MiB"


def duration(seconds: float) -> str:
    """A time span as people say it: milliseconds below 10 s."""
    milliseconds = seconds * 1000
    # By the rounded value: what is read back is written the same again.
    if round(milliseconds, 1) < 10:
        return f"{milliseconds:.1f} ms"
    return f"{milliseconds:.0f} ms" if round(milliseconds) < 10_000 else f"{seconds:.1f} s"


def page_lines(event: Event) -> list[str]:
    """All lines of an event with time and arrow, for a page of text."""
    lines = body_lines(event)
    took = f"  [{duration(event.took)}]" if event.took is not None and event.stage is not Stage.BODY else ""
    if event.kind is EventKind.ERROR:
        lines = [f"ERROR {lines[0]}", *lines[1:]]
    lines[0] += took if len(lines) == 1 else ""
    if len(lines) > 1 and took:
        lines[-1] += took
    return [f"{event.at:8.3f} {arrow(event)} {line}" for line in lines]
