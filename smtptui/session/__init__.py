"""One observed SMTP session: client, dialogue and its steps, AUTH, TLS, transcript, export."""

from smtptui.session.auth import MECHANISMS
from smtptui.session.delivery import Delivery
from smtptui.session.event_filter import FAILED, EventFilter
from smtptui.session.export import describe, event_json, outcome_json, render, text_lines, to_html, to_jsonl, to_text
from smtptui.session.gate import PASS, Action, Decision, ExitAfter, Gate, Pending
from smtptui.session.lane_opening import LaneError, LaneSettings, OpenLane, open_lane
from smtptui.session.lines import EventLine, Tone, body_lines, duration, event_line, octets, page_lines
from smtptui.session.offers import OFFERING, Change, Comparison, Offered, Offers, offers
from smtptui.session.outcome import (
    EXPIRES_SOON,
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
from smtptui.session.pipeline import BeforeBody, Lane, Pipelining, Source
from smtptui.session.prospect import Prospect, prospect
from smtptui.session.reading import Reading
from smtptui.session.reading_error import ReadError
from smtptui.session.request import Request
from smtptui.session.run import Progress, RunState, SessionRun
from smtptui.session.tape import Written, develop
from smtptui.session.timing import Phase, Stopwatch, phases
from smtptui.session.transcript import Transcript
from smtptui.session.trial import describe_trial, trial
from smtptui.session.wording import Prepared, Wording, prepare, spoken

__all__ = [
    "EXPIRES_SOON",
    "FAILED",
    "MECHANISMS",
    "OFFERING",
    "PASS",
    "Action",
    "BeforeBody",
    "CertificateFacts",
    "Change",
    "Comparison",
    "Decision",
    "Delivery",
    "EventFilter",
    "EventLine",
    "ExitAfter",
    "Failure",
    "FailureKind",
    "Gate",
    "Lane",
    "LaneError",
    "LaneSettings",
    "Offered",
    "Offers",
    "OpenLane",
    "Outcome",
    "Pending",
    "Phase",
    "Pipelining",
    "Prepared",
    "Progress",
    "Prospect",
    "ReadError",
    "Reading",
    "RecipientOutcome",
    "Request",
    "RunState",
    "ServerFacts",
    "SessionError",
    "SessionRun",
    "Source",
    "Stopwatch",
    "TlsFacts",
    "Tone",
    "Transcript",
    "Verdict",
    "Wording",
    "Written",
    "body_lines",
    "describe",
    "describe_trial",
    "develop",
    "duration",
    "event_json",
    "event_line",
    "octets",
    "offers",
    "open_lane",
    "outcome_json",
    "page_lines",
    "phases",
    "prepare",
    "prospect",
    "render",
    "spoken",
    "text_lines",
    "to_html",
    "to_jsonl",
    "to_text",
    "trial",
]
