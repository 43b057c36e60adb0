"""What an outcome looks like: one word, one mark, one colour; the badge and the outcome bar share it."""

from smtptui.protocol import FailureKind
from smtptui.session import Progress
from smtptui.transcript import Outcome, Verdict, duration, octets
from smtptui.tui.widgets.rows import MARKS, Ink

_TEMPORARY = frozenset(
    {
        FailureKind.DEFERRED,
        FailureKind.AUTH_TEMPORARY,
        FailureKind.DNS_TEMPORARY,
        FailureKind.CONNECT,
        FailureKind.TIMEOUT,
        FailureKind.CLOSED,
    }
)
_WORDS = {
    FailureKind.DEFERRED: "deferred",
    FailureKind.REFUSED: "refused",
    FailureKind.UNCERTAIN: "uncertain",
    FailureKind.CANCELLED: "cancelled",
}

Parts = tuple[tuple[str, Ink], ...]
"""Pieces of text with what they mean."""


def ink_of(outcome: Outcome) -> Ink:
    """Accepted, temporary, permanent or uncertain; muted for a session that was cancelled."""
    verdicts = {recipient.verdict for recipient in outcome.recipients}
    kind = outcome.failure.kind if outcome.failure is not None else None
    if kind is FailureKind.UNCERTAIN or Verdict.UNCERTAIN in verdicts:
        return Ink.UNCERTAIN
    if outcome.ok:
        return Ink.ACCEPTED
    if kind is FailureKind.CANCELLED:
        return Ink.MUTED
    if kind in _TEMPORARY or (kind is None and Verdict.REFUSED not in verdicts):
        return Ink.TEMPORARY
    return Ink.PERMANENT


def mark_of(outcome: Outcome) -> str:
    """The mark that goes with :func:`ink_of`."""
    return "■" if ink_of(outcome) is Ink.MUTED else MARKS[ink_of(outcome)]


def badge(outcome: Outcome) -> Parts:
    """The end of a session in at most 40 cells: mark, word, codes, stage, time."""
    ink = ink_of(outcome)
    words = f"{mark_of(outcome)} {_word(outcome)}"
    reply = outcome.failure.reply if outcome.failure is not None else outcome.reply
    if reply is not None and ink is not Ink.MUTED:
        words += f" {reply.code}" + (f" {reply.enhanced}" if reply.enhanced is not None else "")
    stage = f" {outcome.failure.stage.upper()}" if outcome.failure is not None else ""
    return ((words, ink), (f"{stage} · {duration(outcome.took)}", Ink.PLAIN))


def running_badge(progress: Progress) -> Parts:
    """Where a session is now; during a long upload its share, rate and time left."""
    where = f"… {progress.stage.upper()}"
    if progress.total >= _LONG_BODY and 0 < progress.sent < progress.total:
        share = progress.sent / progress.total
        rate = progress.sent / progress.elapsed if progress.elapsed > 0 else 0.0
        left = (progress.total - progress.sent) / rate if rate else 0.0
        return (
            (f"{where} {share:.0%}", Ink.STRONG),
            (f" · {octets(int(rate))}/s · {duration(left)} left", Ink.PLAIN),
        )
    return ((where, Ink.STRONG), (f" · {duration(progress.elapsed)}", Ink.PLAIN))


_LONG_BODY = 256 * 1024
"""Octets above which an upload shows its progress."""


def _word(outcome: Outcome) -> str:
    accepted = sum(recipient.verdict is Verdict.ACCEPTED for recipient in outcome.recipients)
    if outcome.ok:
        return "accepted" if outcome.recipients else "done"
    if accepted and accepted < len(outcome.recipients):
        return f"{accepted} of {len(outcome.recipients)} accepted"
    if outcome.failure is None:
        return "failed"
    return _WORDS.get(outcome.failure.kind, "failed")
