"""The preflight of a batch: what is wrong with its messages, its list and its sender, before anything is sent."""

from smtptui.batch.lint.linting import LintSubject, lint_batch
from smtptui.batch.lint.model import Example, Finding, LintReport, Severity

__all__ = ["Example", "Finding", "LintReport", "LintSubject", "Severity", "lint_batch"]
