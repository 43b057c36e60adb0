"""Transcripts for others: text for a ticket, JSON Lines for a program, HTML for a page; and outcomes as JSON."""

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from smtptui.protocol import Event, Reply, Stage, visible, visible_lines
from smtptui.transcript.lines import page_lines, tone
from smtptui.transcript.outcome import CertificateFacts, Outcome, RecipientOutcome, TlsFacts, Verdict
from smtptui.transcript.transcript import Transcript


def to_text(transcript: Transcript, events: Iterable[Event] | None = None) -> str:
    """The whole session as text, or some of its events; times are seconds since the start, which the first line
    gives in UTC."""
    return "\n".join(text_lines(transcript, events)) + "\n"


def text_lines(transcript: Transcript, events: Iterable[Event] | None = None) -> Iterator[str]:
    """The lines of :func:`to_text`, one by one."""
    yield f"# SMTP session of {transcript.started:%Y-%m-%d %H:%M:%S} UTC; secrets are masked"
    for event in transcript if events is None else events:
        yield from page_lines(event)


def to_jsonl(transcript: Transcript) -> str:
    """One JSON object per event and line, which also has its time of day (UTC), seconds taken, octets and code."""
    return "".join(json.dumps(_record(event, transcript.started), ensure_ascii=False) + "\n" for event in transcript)


def _record(event: Event, started: datetime) -> dict[str, object]:
    time = _time(started + timedelta(seconds=round(event.at, 6)))
    took = round(event.took, 6) if event.took is not None else None
    return {**event_json(event), "time": time, "took": took, "size": event.size, "code": event.code}


def event_json(event: Event) -> dict[str, object]:
    """An event as JSON has it: ``text`` is visible text, its lines joined by a line feed."""
    return {
        "seq": event.seq,
        "at": round(event.at, 6),
        "kind": str(event.kind),
        "stage": str(event.stage),
        "tls": event.tls,
        "text": "\n".join(visible_lines(event.text)),
    }


def no_session_json(error: Mapping[str, object], started: datetime) -> dict[str, object]:
    """All keys of :func:`outcome_json` where something failed before there was a session."""
    return {
        "ok": False,
        "started": _time(started),
        "server": dict.fromkeys(("host", "port", "address", "local")),
        "tls": None,
        "auth": None,
        "recipients": [],
        "reply": None,
        "queue_id": None,
        "error": error,
        "transcript": [],
    }


def outcome_json(outcome: Outcome, transcript: Iterable[Event]) -> dict[str, object]:
    """The outcome with its transcript, as ``send --json`` prints it, but for the exit code."""
    failure = outcome.failure
    error = None
    if failure is not None:
        error = error_json(str(failure.kind), visible(failure.message), stage=str(failure.stage))
    return {
        "ok": outcome.ok,
        "started": _time(outcome.started),
        "server": {
            "host": outcome.server.host,
            "port": outcome.server.port,
            "address": outcome.server.address,
            "local": outcome.server.local,
        },
        "tls": _tls(outcome.tls) if outcome.tls is not None else None,
        "auth": outcome.auth,
        "recipients": [_recipient(recipient) for recipient in outcome.recipients],
        "reply": _reply(outcome.reply) if outcome.reply is not None else None,
        "queue_id": visible(outcome.queue_id) if outcome.queue_id is not None else None,
        "error": error,
        "transcript": [event_json(event) for event in transcript],
    }


def error_json(kind: str, message: str, *, stage: str | None = None) -> dict[str, object]:
    """An error as every command has it in JSON; ``stage`` is None if there was no session."""
    return {"stage": stage, "kind": kind, "message": message}


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reply(reply: Reply) -> dict[str, object]:
    enhanced = reply.enhanced
    return {
        "code": reply.code,
        "enhanced": str(enhanced) if enhanced is not None else None,
        "lines": [visible(line) for line in reply.lines],
    }


def _recipient(recipient: RecipientOutcome) -> dict[str, object]:
    reply = recipient.reply
    enhanced = reply.enhanced if reply is not None else None
    return {
        "address": visible(recipient.address),
        "verdict": str(recipient.verdict),
        "stage": str(recipient.stage) if recipient.stage is not None else None,
        "code": reply.code if reply is not None else None,
        "enhanced": str(enhanced) if enhanced is not None else None,
        "text": reply.text if reply is not None else recipient.reason and visible(recipient.reason),
    }


def _tls(tls: TlsFacts) -> dict[str, object]:
    return {
        "version": tls.version,
        "cipher": tls.cipher,
        "certificate": _certificate(tls.chain[0]) if tls.chain else None,
        "verified": tls.verified,
        "verification": tls.verification,
    }


def _certificate(certificate: CertificateFacts) -> dict[str, object]:
    return {
        "subject": certificate.subject,
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "not_before": f"{certificate.not_before:%Y-%m-%dT%H:%M:%SZ}",
        "not_after": f"{certificate.not_after:%Y-%m-%dT%H:%M:%SZ}",
        "sha256": certificate.sha256,
    }


def render(transcript: Transcript, outcome: Outcome | None, suffix: str) -> str:
    """The transcript in the form that a file's suffix asks for: ``.jsonl``, ``.html`` or ``.htm``, else text."""
    match suffix.lower():
        case ".jsonl":
            return to_jsonl(transcript)
        case ".html" | ".htm":
            return to_html(transcript, outcome)
        case _:
            return to_text(transcript)


_STYLE = """
body { font: 14px/1.5 ui-monospace, Menlo, Consolas, monospace; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
  color: #1d2330; background: #fff; }
@media (prefers-color-scheme: dark) { body { color: #dfe3ea; background: #14171f; } }
p { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; padding-left: 12ch; text-indent: -12ch; }
.note { opacity: .7 } .accepted { color: #2b8a3e } .temporary { color: #b36b00 }
.permanent, .error { color: #d6336c; font-weight: bold }
"""


def to_html(transcript: Transcript, outcome: Outcome | None = None) -> str:
    """A page that stands alone: no script, nothing fetched."""
    title = f"SMTP session of {transcript.started:%Y-%m-%d %H:%M:%S} UTC"
    rows = "\n".join(
        f'<p class="{tone(event)}">{html.escape(line)}</p>' for event in transcript for line in page_lines(event)
    )
    result = f"<p><strong>{html.escape(describe(outcome))}</strong></p>\n" if outcome is not None else ""
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{title}</h1>\n{result}{rows}\n</html>\n"
    )


def describe(outcome: Outcome) -> str:
    """The outcome in a sentence or two, harmless to show."""
    took = [r for r in outcome.recipients if r.stage is Stage.DOT and r.verdict is Verdict.ACCEPTED]
    if outcome.failure is not None and not took:
        return visible(outcome.failure.message)
    server = outcome.server
    host = f"[{server.host}]" if ":" in server.host else server.host
    where = f"{host}:{server.port}" if server.host else "the socket"
    if not took:
        return visible(f"Done with {where}: left as asked, no message was sent.")
    whom = took[0].address if len(took) == 1 else f"{len(took)} recipients"
    queued = f", queued as {outcome.queue_id}" if outcome.queue_id is not None else ""
    rest = f" {outcome.failure.message}" if outcome.failure is not None else ""
    return visible(f"Accepted by {where} for {whom}{queued}.{rest}")
