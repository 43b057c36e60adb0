"""The sentences about a template that takes too much: what happened, where, and what to do."""

from smtptui.batch.composer.limits import MEMORY, READING_SECONDS, ROW_SECONDS, STANDSTILL

_SIMPLER = "Simplify the expression or the loop there."
_MEGABYTES = MEMORY // 1024 // 1024


def too_long(template: str, place: str, row: str = "", *, reading: bool = False) -> str:
    """More processor time than a message, or the reading of a template, may take."""
    what = f"{row}{_where(template, place)}"
    if reading:
        return f"{what} takes more than {READING_SECONDS:.0f} s to read. Make the template shorter or simpler."
    return f"{what} takes more than {ROW_SECONDS:.0f} s of processor time for one message. {_SIMPLER}"


def too_large(template: str, place: str, row: str = "") -> str:
    """More memory than composing may take."""
    return (
        f"{row}{_where(template, place)} takes more than {_MEGABYTES} MB of memory. Make lists, texts and attachments"
        " there smaller."
    )


def too_deep(template: str, place: str, row: str = "") -> str:
    """A value or a text that is nested too deeply to be worked on."""
    return f"{row}{_where(template, place)}: something is nested too deeply. Use fewer levels."


def too_slow(template: str, seconds: float) -> str:
    """Every message takes so long that all of them take for ever."""
    return f"{template} takes {seconds:.1f} s of processor time for each message. Simplify its expressions and loops."


def standstill(template: str, row: str) -> str:
    """No message for a long time, though nothing is computed."""
    return (
        f"{row}{template}: there was no message for {STANDSTILL:.0f} s. Are its attachments on a disk that does not"
        " answer?"
    )


def ended(template: str, place: str, row: str, how: str) -> str:
    """The process ended by itself."""
    return (
        f"{row}{_where(template, place)}: the process that composes the messages ended unexpectedly ({how}). Simplify"
        " the template, or make its attachments smaller."
    )


def not_started(reason: str) -> str:
    """There is no process."""
    return f"The process that composes the messages cannot be started: {reason.rstrip('.')}."


def _where(template: str, place: str) -> str:
    return f"{template}, {place}" if place else template
