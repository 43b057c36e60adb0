"""One observed SMTP session: client, dialogue and its steps, AUTH, TLS, transcript, export."""

from smtptui.session.auth import MECHANISMS
from smtptui.session.export import describe, event_json, outcome_json, render, to_html, to_jsonl, to_text
from smtptui.session.gate import PASS, Action, Decision, ExitAfter, Gate, Pending
from smtptui.session.lines import EventLine, Tone, body_lines, duration, event_line, octets, page_lines
from smtptui.session.outcome import (
    CertificateFacts,
    Failure,
    FailureKind,
    Outcome,
    RecipientOutcome,
    ServerFacts,
    SessionError,
    TlsFacts,
    Verdict,
)
from smtptui.session.pipeline import Delivery, Lane, Pipelining, Source
from smtptui.session.prospect import Prospect, prospect
from smtptui.session.request import Request
from smtptui.session.run import Progress, RunState, SessionRun
from smtptui.session.tape import develop
from smtptui.session.transcript import Transcript
from smtptui.session.trial import describe_trial, trial
from smtptui.session.wording import Prepared, Wording, prepare, spoken

__all__ = [
    "MECHANISMS",
    "PASS",
    "Action",
    "CertificateFacts",
    "Decision",
    "Delivery",
    "EventLine",
    "ExitAfter",
    "Failure",
    "FailureKind",
    "Gate",
    "Lane",
    "Outcome",
    "Pending",
    "Pipelining",
    "Prepared",
    "Progress",
    "Prospect",
    "RecipientOutcome",
    "Request",
    "RunState",
    "ServerFacts",
    "SessionError",
    "SessionRun",
    "Source",
    "TlsFacts",
    "Tone",
    "Transcript",
    "Verdict",
    "Wording",
    "body_lines",
    "describe",
    "describe_trial",
    "develop",
    "duration",
    "event_json",
    "event_line",
    "octets",
    "outcome_json",
    "page_lines",
    "prepare",
    "prospect",
    "render",
    "spoken",
    "to_html",
    "to_jsonl",
    "to_text",
    "trial",
]
