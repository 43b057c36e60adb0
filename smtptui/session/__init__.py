"""One observed SMTP session, the engine alone: client, dialogue and its steps, AUTH, TLS, mask, pipeline."""

from smtptui.session.auth import MECHANISMS
from smtptui.session.delivery import Delivery
from smtptui.session.envelope_commands import EnvelopeCommands, Prepared, prepare, spoken
from smtptui.session.fast_recorder import Written, develop
from smtptui.session.gate import PASS, Action, Decision, ExitAfter, Gate, Pending
from smtptui.session.lane_opening import LaneError, LaneSettings, OpenLane, open_lane
from smtptui.session.login_test import describe_login_test, login_test_request
from smtptui.session.pipeline import BeforeBody, Lane, Pipelining, Source
from smtptui.session.recipient_verdict import contradicts
from smtptui.session.request import Request
from smtptui.session.run import Progress, RunState, SessionRun

__all__ = [
    "MECHANISMS",
    "PASS",
    "Action",
    "BeforeBody",
    "Decision",
    "Delivery",
    "EnvelopeCommands",
    "ExitAfter",
    "Gate",
    "Lane",
    "LaneError",
    "LaneSettings",
    "OpenLane",
    "Pending",
    "Pipelining",
    "Prepared",
    "Progress",
    "Request",
    "RunState",
    "SessionRun",
    "Source",
    "Written",
    "contradicts",
    "describe_login_test",
    "develop",
    "login_test_request",
    "open_lane",
    "prepare",
    "spoken",
]
