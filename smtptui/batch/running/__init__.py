"""Running a batch: lanes, the desk they take letters from, the journal behind it, and how a run ends."""

from smtptui.batch.running.composing import Composing, EnvelopeRules
from smtptui.batch.running.ending import Ending
from smtptui.batch.running.letter import UnsendableError
from smtptui.batch.running.portions import serve
from smtptui.batch.running.runner import BatchRun, RunProgress, RunRequest, RunResult
from smtptui.batch.running.starting import run_batch

__all__ = [
    "BatchRun",
    "Composing",
    "Ending",
    "EnvelopeRules",
    "RunProgress",
    "RunRequest",
    "RunResult",
    "UnsendableError",
    "run_batch",
    "serve",
]
