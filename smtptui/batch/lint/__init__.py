"""The preflight of a batch: what is wrong with its messages, its list and its sender, before anything is sent."""

from smtptui.batch.lint.advice import next_step, step_after_errors
from smtptui.batch.lint.findings import Example, Finding, LintReport, Severity
from smtptui.batch.lint.linting import FirstError, LintSubject, first_error, lint_batch

__all__ = [
    "Example",
    "Finding",
    "FirstError",
    "LintReport",
    "LintSubject",
    "Severity",
    "first_error",
    "lint_batch",
    "next_step",
    "step_after_errors",
]
