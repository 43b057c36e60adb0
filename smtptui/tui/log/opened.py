"""A transcript that was read from a file, as the log shows it."""

from dataclasses import dataclass
from pathlib import Path

from smtptui.protocol import Stage
from smtptui.session import Progress, RunState
from smtptui.transcript import CertificateFacts, Outcome, TlsFacts, Transcript


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file tells: the transcript, and no more."""

    path: Path
    transcript: Transcript
    outcome: Outcome | None = None
    tls: TlsFacts | None = None
    chain: tuple[CertificateFacts, ...] = ()

    def progress(self) -> Progress:
        """It is over."""
        events = self.transcript
        last = events[-1] if len(events) else None
        return Progress(
            RunState.DONE,
            last.stage if last is not None else Stage.CONNECT,
            None,
            0,
            0,
            last.at if last is not None else 0.0,
        )
