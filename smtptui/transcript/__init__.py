"""What was said in a session: the store of events, and all that is made from them: filter, lines, timing, export."""

from smtptui.transcript.capability_diff import OFFERING, Change, Comparison, Offered, Offers, offers
from smtptui.transcript.event_filter import FAILED, EventFilter
from smtptui.transcript.export import (
    describe,
    error_json,
    event_json,
    no_session_json,
    outcome_json,
    render,
    text_lines,
    to_html,
    to_jsonl,
    to_text,
)
from smtptui.transcript.lines import EventLine, Tone, body_lines, duration, event_line, octets, page_lines
from smtptui.transcript.outcome import (
    EXPIRES_SOON,
    CertificateFacts,
    Failure,
    Outcome,
    RecipientOutcome,
    ServerFacts,
    SessionError,
    TlsFacts,
    Verdict,
)
from smtptui.transcript.read_error import ReadError
from smtptui.transcript.reader import Reading
from smtptui.transcript.timing import Phase, Stopwatch, phases
from smtptui.transcript.transcript import BODY_PEEK, Transcript, wire_text

__all__ = [
    "BODY_PEEK",
    "EXPIRES_SOON",
    "FAILED",
    "OFFERING",
    "CertificateFacts",
    "Change",
    "Comparison",
    "EventFilter",
    "EventLine",
    "Failure",
    "Offered",
    "Offers",
    "Outcome",
    "Phase",
    "ReadError",
    "Reading",
    "RecipientOutcome",
    "ServerFacts",
    "SessionError",
    "Stopwatch",
    "TlsFacts",
    "Tone",
    "Transcript",
    "Verdict",
    "body_lines",
    "describe",
    "duration",
    "error_json",
    "event_json",
    "event_line",
    "no_session_json",
    "octets",
    "offers",
    "outcome_json",
    "page_lines",
    "phases",
    "render",
    "text_lines",
    "to_html",
    "to_jsonl",
    "to_text",
    "wire_text",
]
