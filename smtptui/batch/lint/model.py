"""What the preflight finds: a check, how bad it is, where it was seen, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from smtptui.batch.model import Largest


class Severity(StrEnum):
    """An error keeps the batch from being sent; a warning and an information do not."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Example:
    """A row that a finding is about."""

    seq: int
    line: int
    """Where the row begins in the list."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found, in all rows together."""

    check: str
    """Its name, as in ``list-unsubscribe``."""
    severity: Severity
    sentence: str
    advice: str
    """What to do."""
    count: int = 1
    """In how many rows; 1 for what is about the batch as a whole."""
    examples: tuple[Example, ...] = ()
    """The first of these rows; empty for what is about the batch as a whole."""


@dataclass(frozen=True, slots=True)
class LintReport:
    """All findings, the worst first."""

    findings: tuple[Finding, ...]
    messages: int
    """How many messages were made and looked at."""
    largest: Largest | None = None
    """The largest of them; of equal ones the first."""

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


class Findings:
    """Gathers findings: counts all, keeps the first few rows of each."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._found: dict[tuple[str, Severity, str], tuple[str, int, list[Example]]] = {}

    def add(self, check: str, severity: Severity, sentence: str, advice: str, *rows: Example) -> None:
        """A finding. Those that differ only in their rows become one."""
        key = (check, severity, sentence)
        _, count, examples = self._found.get(key, ("", 0, []))
        examples.extend(rows[: self._kept - len(examples)])
        self._found[key] = (advice, count + max(1, len(rows)), examples)

    def all(self) -> Sequence[Finding]:
        """The findings, the worst first, otherwise as they were found."""
        order = list(Severity)
        found = [
            Finding(check, severity, sentence, advice, count, tuple(examples))
            for (check, severity, sentence), (advice, count, examples) in self._found.items()
        ]
        return sorted(found, key=lambda finding: order.index(finding.severity))
