"""TLS in words: version, cipher, the result of the check, and every certificate the server showed."""

from collections.abc import Callable, Hashable
from datetime import datetime

from smtptui.protocol import EventKind, Stage, visible
from smtptui.session import RunState
from smtptui.transcript import EXPIRES_SOON, OFFERING, CertificateFacts, EventFilter, Outcome, TlsFacts, offers
from smtptui.tui.log.page import labelled, row, sentence
from smtptui.tui.runs.history import ObservedSession
from smtptui.tui.widgets.rows import MARKS, Ink, Row

_TOLD = EventFilter(kinds=frozenset({EventKind.TLS}))
"""What a transcript alone tells of TLS."""
_TOLD_MOST = 20


class TlsPage:
    """The TLS of one session. ``now`` is the time of day, for what has expired since."""

    empty = "No session yet. F5 sends; this will tell of TLS and certificates."

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._observed: ObservedSession | None = None
        self._told: list[int] = []
        self._looked_at = 0

    def watch(self, observed: ObservedSession) -> None:
        """Tell of this session from now on."""
        self._observed = observed
        self._told = []
        self._looked_at = 0

    def advance(self) -> bool:
        """Nearly all is asked of the session itself; the transcript's own words are for one read from a file."""
        if self._observed is None:
            return True
        transcript = self._observed.transcript
        end = min(len(transcript), self._looked_at + 65_536)
        if len(self._told) < _TOLD_MOST:
            self._told += transcript.matching(_TOLD, self._looked_at, end)
        self._looked_at = end
        return end == len(transcript)

    @property
    def state(self) -> Hashable:
        """What is known, and until when it holds."""
        observed = self._observed
        if observed is None:
            return None
        stage = observed.progress().stage if observed.outcome is None else None
        return (
            id(observed),
            observed.tls,
            observed.chain,
            observed.outcome is None,
            stage,
            tuple(self._told),
            self._day,
        )

    def rows(self, width: int) -> list[Row]:
        """Head line, result of the check, certificates."""
        observed = self._observed
        if observed is None:
            return []
        chain = observed.tls.chain if observed.tls is not None else observed.chain
        rows = self._head(observed, width)
        for position, certificate in enumerate(chain):
            rows += [row(), *self._certificate(certificate, position, width)]
        if observed.tls is not None and not chain:
            rows += [row(), *sentence("The server showed no certificate that can be read.", width)]
        return rows

    @property
    def _day(self) -> int:
        return self._now().toordinal()

    def _head(self, observed: ObservedSession, width: int) -> list[Row]:
        outcome, tls = observed.outcome, observed.tls
        if tls is not None:
            return [*_agreed(tls, width), *_failed(outcome, width)]
        if failed := _failed(outcome, width):
            return failed
        if self._told:
            # Read from a file, which has the words of the transcript and no more.
            told = [visible(observed.transcript[position].text) for position in self._told[:_TOLD_MOST]]
            note = "This is what the transcript tells of TLS; a file holds no certificates."
            rows = [piece for text in told for piece in sentence(text, width)]
            return [*rows, row(), *sentence(note, width, Ink.MUTED)]
        progress = observed.progress()
        if outcome is None and progress.state is not RunState.DONE:
            return sentence(f"Not encrypted so far: the session is at {progress.stage.upper()}.", width)
        if outcome is not None and outcome.failure is not None and outcome.failure.stage is Stage.CONNECT:
            return sentence("There was no connection, and so no TLS.", width)
        words = f"{MARKS[Ink.TEMPORARY]} Not encrypted: all of the session travelled in the clear."
        return [*sentence(words, width, Ink.TEMPORARY), row(), *sentence(_why(observed), width)]

    def _certificate(self, certificate: CertificateFacts, position: int, width: int) -> list[Row]:
        title = "Certificate of the server" if position == 0 else f"Issuer {position}"
        names = ", ".join(certificate.names) or "none"
        days, ink = self._validity(certificate)
        rows = [row((title, Ink.STRONG))]
        rows += labelled("Subject", certificate.subject, width)
        if position == 0 or certificate.names:
            rows += labelled("Names", names, width)
        rows += labelled("Issued by", certificate.issuer, width)
        span = f"{certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}"
        rows.append(Row((*labelled("Valid", span, width)[0].parts, (" · ", Ink.MUTED), (days, ink))))
        rows += labelled("Key", certificate.key, width)
        rows += labelled("Signature", certificate.signature, width)
        rows += [row(("  SHA-256", Ink.MUTED), (", as --fingerprint wants it" if position == 0 else "", Ink.MUTED))]
        rows += sentence(certificate.sha256, width, indent=2)
        return rows

    def _validity(self, certificate: CertificateFacts) -> tuple[str, Ink]:
        now = self._now()
        days = certificate.days_left(now)
        plural = "" if days == 1 else "s"
        if now > certificate.not_after:
            return f"{MARKS[Ink.PERMANENT]} expired", Ink.PERMANENT
        if now < certificate.not_before:
            return f"{MARKS[Ink.PERMANENT]} not valid yet", Ink.PERMANENT
        if days < EXPIRES_SOON:
            return f"{MARKS[Ink.TEMPORARY]} expires soon: {days} day{plural} left", Ink.TEMPORARY
        return f"{days} day{plural} left", Ink.PLAIN


def _why(observed: ObservedSession) -> str:
    """Whether TLS could be had. What a server offers comes early in a session."""
    transcript = observed.transcript
    found = offers(transcript[at] for at in transcript.matching(OFFERING, 0, 1000)).clear
    if found is None:
        return "The server has not said whether it offers STARTTLS."
    if "STARTTLS" in found.keywords:
        return "The server offers STARTTLS, and it was not used: choose opportunistic or starttls."
    return "The server does not offer STARTTLS. Where it has a port with implicit TLS (465), use that."


def _agreed(tls: TlsFacts, width: int) -> list[Row]:
    mark, ink = (MARKS[Ink.ACCEPTED], Ink.ACCEPTED) if tls.verified else (MARKS[Ink.TEMPORARY], Ink.TEMPORARY)
    version = tls.version.replace("TLSv", "TLS ")
    checked = sentence(f"{mark} {visible(tls.verification)}", width, ink)
    return [row((version, Ink.STRONG), (f" · {tls.cipher}", Ink.PLAIN)), *checked]


def _failed(outcome: Outcome | None, width: int) -> list[Row]:
    failure = outcome.failure if outcome is not None else None
    if failure is None or failure.stage not in (Stage.STARTTLS, Stage.TLS):
        return []
    return sentence(f"{MARKS[Ink.PERMANENT]} {visible(failure.message)}", width, Ink.PERMANENT)
