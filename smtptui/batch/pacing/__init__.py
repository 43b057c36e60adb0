"""Pacing: how fast a batch may go, and what a server's answers change in that. No I/O, no clock."""

from smtptui.batch.pacing.consequence import consequence
from smtptui.batch.pacing.effects import Action, Consequence, Ground, Scope
from smtptui.batch.pacing.hours import Hours, HoursError
from smtptui.batch.pacing.limits import Limits, limits_of
from smtptui.batch.pacing.pacer import Pacer
from smtptui.batch.pacing.retries import Retries
from smtptui.batch.pacing.waves import Stop

__all__ = [
    "Action",
    "Consequence",
    "Ground",
    "Hours",
    "HoursError",
    "Limits",
    "Pacer",
    "Retries",
    "Scope",
    "Stop",
    "consequence",
    "limits_of",
]
