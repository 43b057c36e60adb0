"""One observed SMTP session: client, dialogue and its steps, AUTH, TLS, transcript, export."""

from smtptui.session.auth import MECHANISMS, ORDER_CLEAR, ORDER_TLS, ORDER_TOKEN
from smtptui.session.export import describe, event_json, line_text, outcome_json, to_html, to_jsonl, to_text
from smtptui.session.gate import PASS, Action, Decision, ExitAfter, Gate, Pending
from smtptui.session.lines import EventLine, Tone, body_lines, duration, event_line, octets
from smtptui.session.outcome import (
    CertificateFacts,
    Failure,
    FailureKind,
    Outcome,
    RecipientOutcome,
    ServerFacts,
    TlsFacts,
    Verdict,
)
from smtptui.session.request import Request
from smtptui.session.run import RunProgress, RunState, SessionRun
from smtptui.session.transcript import Transcript

Progress = RunProgress

__all__ = [
    "MECHANISMS",
    "ORDER_CLEAR",
    "ORDER_TLS",
    "ORDER_TOKEN",
    "PASS",
    "Action",
    "CertificateFacts",
    "Decision",
    "EventLine",
    "ExitAfter",
    "Failure",
    "FailureKind",
    "Gate",
    "Outcome",
    "Pending",
    "Progress",
    "RecipientOutcome",
    "Request",
    "RunProgress",
    "RunState",
    "ServerFacts",
    "SessionRun",
    "TlsFacts",
    "Tone",
    "Transcript",
    "Verdict",
    "body_lines",
    "describe",
    "duration",
    "event_json",
    "event_line",
    "line_text",
    "octets",
    "outcome_json",
    "to_html",
    "to_jsonl",
    "to_text",
]
