"""Running a batch: lanes, the queue they take messages from, the journal behind it, and how a run ends."""

from smtptui.batch.running.ending import Ending
from smtptui.batch.running.runner import BatchRun, RunProgress, RunRequest, RunResult
from smtptui.batch.running.starting import run_batch

__all__ = [
    "BatchRun",
    "Ending",
    "RunProgress",
    "RunRequest",
    "RunResult",
    "run_batch",
]
