"""Pacing: how fast a batch may go, and what a server's answers change in that. No I/O, no clock."""

from smtptui.batch.pacing.effects import Action, Consequence, Ground, Scope
from smtptui.batch.pacing.forecast import Outlook, remaining
from smtptui.batch.pacing.hours import Hours, HoursError
from smtptui.batch.pacing.limits import Limits, limits_of
from smtptui.batch.pacing.pacer import STARTING, Pacer
from smtptui.batch.pacing.reply_policy import consequence
from smtptui.batch.pacing.retries import Retries
from smtptui.batch.pacing.time_format import moment
from smtptui.batch.pacing.waves import Stop

__all__ = [
    "STARTING",
    "Action",
    "Consequence",
    "Ground",
    "Hours",
    "HoursError",
    "Limits",
    "Outlook",
    "Pacer",
    "Retries",
    "Scope",
    "Stop",
    "consequence",
    "limits_of",
    "moment",
    "remaining",
]
