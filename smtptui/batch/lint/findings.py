"""What the preflight finds: a check, how bad it is, where it was seen, and what to do."""

from collections import Counter
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
    """A recipient that a finding is about."""

    line: int
    """Where the recipient stands in the list, as :meth:`smtptui.batch.ListSettings.place` says it."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found, in all messages together."""

    check: str
    """Its name, as in ``list-unsubscribe``."""
    severity: Severity
    sentence: str
    advice: str
    """What to do; empty if the sentence says it."""
    count: int = 1
    """In how many messages; 1 for what is about the batch as a whole."""
    examples: tuple[Example, ...] = ()
    """The first of these; empty for what is about the batch as a whole."""
    everyone: bool = False
    """Whether it is in all of several messages that could have it: then it is the template's, or the batch's."""


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


_MOST_KINDS = 50
"""Sentences of one check that are told apart: what differs in each row would fill the memory."""


class Findings:
    """Gathers findings: counts all, keeps the first few rows of each."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._found: dict[tuple[str, Severity, str], tuple[str, int, list[Example]]] = {}
        self._kinds: Counter[tuple[str, Severity]] = Counter()
        self._seen_in: set[tuple[str, Severity, str]] = set()

    def add(
        self, check: str, severity: Severity, sentence: str, advice: str, *rows: Example, made: bool = False
    ) -> None:
        """A finding. Those that differ only in their rows become one. ``made`` is whether it was seen in the message
        itself, so that rows without a message cannot have it."""
        key = (check, severity, sentence)
        if key not in self._found:
            if self._kinds[check, severity] >= _MOST_KINDS:
                key = (check, severity, "Further messages have other findings of this kind.")
            else:
                self._kinds[check, severity] += 1
        _, count, examples = self._found.get(key, ("", 0, []))
        if made:
            self._seen_in.add(key)
        examples.extend(rows[: self._kept - len(examples)])
        self._found[key] = (advice, count + max(1, len(rows)), examples)

    def all(self, messages: int, made: int) -> Sequence[Finding]:
        """The findings in so many messages, of which so many could be made; the worst first, otherwise as found."""
        order = list(Severity)
        found = []
        for key, (advice, count, examples) in self._found.items():
            everyone = bool(examples) and count == (made if key in self._seen_in else messages) > 1
            found.append(Finding(*key, advice, count, tuple(examples), everyone))
        return sorted(found, key=lambda finding: order.index(finding.severity))
