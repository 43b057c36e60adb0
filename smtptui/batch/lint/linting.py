"""The preflight: every message of a batch is made and looked at, and nothing is contacted."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from smtptui.batch.addresses.checking import kind_of_reason
from smtptui.batch.addresses.known_keys import KnownKeys
from smtptui.batch.lint.bodies import BodyCheck, offers_to_leave, parts_of
from smtptui.batch.lint.content import Seen, header_faults, header_of, octet_faults
from smtptui.batch.lint.findings import Example, Findings, LintReport, Severity
from smtptui.batch.lint.whole import bulk_faults, number_faults, relay_faults, sender_faults
from smtptui.batch.model import OPEN, BatchState, Largest, Recipient, RecipientState, SizeLimit, Tally
from smtptui.batch.settings import BatchSettings
from smtptui.message import Facts, Fault, FaultKind, Message


class Composes(Protocol):
    """What is needed of :class:`smtptui.message.Composer`."""

    def look(self, values: Sequence[object], facts: Facts) -> tuple[list[Fault], Message | None]:
        """What is wrong with the message of a row, and the message unless something keeps it from being sent."""


@dataclass(frozen=True, slots=True)
class LintSubject:
    """The batch as a whole."""

    settings: BatchSettings
    tally: Tally
    state: BatchState = BatchState.DRAFT
    size_limit: SizeLimit | None = None
    """What the relay takes; None where it is not known."""


class FirstError(NamedTuple):
    """The first message that cannot be made, and why; else the largest of all."""

    recipient: Recipient | None
    fault: Fault | None
    largest: Largest | None


def first_error(
    recipients: Iterable[Recipient], composer: Composes, facts_of: Callable[[Recipient], Facts]
) -> FirstError:
    """Make all messages that are still to be sent, up to the first that cannot be made. Flat memory."""
    messages = _Messages(recipients, composer, facts_of)
    for recipient, faults, _ in messages:
        error = next((fault for fault in faults if not fault.warning), None)
        if error is not None:
            return FirstError(recipient, error, None)
    return FirstError(None, None, messages.largest)


def lint_batch(
    recipients: Iterable[Recipient],
    composer: Composes,
    facts_of: Callable[[Recipient], Facts],
    subject: LintSubject,
    *,
    kept: int = 100,
    progress: Callable[[int], None] = lambda _: None,
) -> LintReport:
    """Look at all messages that are still to be sent. Flat memory; ``kept`` rows are named for each finding.

    ``progress`` is told how many messages were looked at, once in a hundred.
    """
    findings = Findings(kept)
    with KnownKeys() as keys, KnownKeys() as identifiers:
        run = _Run(subject, findings, keys, identifiers)
        messages = _Messages(recipients, composer, facts_of)
        for recipient, faults, message in messages:
            run.look(recipient, faults, message)
            if run.looked % 100 == 0:
                progress(run.looked)
        run.conclude(messages.left_out)
    return LintReport(tuple(findings.all(run.looked, run.made)), run.looked, messages.largest)


class _Messages:
    """The messages that are still to be sent, each made as it is asked for: with its recipient, and what is wrong."""

    def __init__(
        self, recipients: Iterable[Recipient], composer: Composes, facts_of: Callable[[Recipient], Facts]
    ) -> None:
        self.largest: Largest | None = None
        """Of those until now."""
        self.left_out: Counter[str] = Counter()
        """Rows until now that are skipped, for each kind of reason."""
        self._recipients = recipients
        self._composer = composer
        self._facts_of = facts_of

    def __iter__(self) -> Iterator[tuple[Recipient, list[Fault], Message | None]]:
        for recipient in self._recipients:
            if recipient.state is RecipientState.SKIPPED:
                self.left_out[kind_of_reason(recipient.reason)] += 1
            if recipient.state not in OPEN:
                continue
            faults, message = self._composer.look(recipient.values, self._facts_of(recipient))
            if message is not None:
                self.largest = _larger(self.largest, recipient, message)
            yield recipient, faults, message


class _Run:
    def __init__(self, subject: LintSubject, findings: Findings, keys: KnownKeys, identifiers: KnownKeys) -> None:
        self.looked = self.made = 0
        self._subject = subject
        self._findings = findings
        self._keys = keys
        self._identifiers = identifiers
        self._google = 0
        self._one_click = self._signed = True
        self._author: str | None = None
        self._bodies = BodyCheck()

    def look(self, recipient: Recipient, faults: Iterable[Fault], message: Message | None) -> None:
        self.looked += 1
        self._google += recipient.destination == "google"
        self._address(recipient)
        for fault in faults:
            severity = Severity.WARNING if fault.warning else Severity.ERROR
            self._row(recipient, _check_of(fault, severity), fault.sentence)
        if message is not None:
            self._message(recipient, message)

    def conclude(self, left_out: Counter[str]) -> None:
        """What is about the batch as a whole; ``left_out`` counts the rows that are skipped, for each reason."""
        subject = self._subject
        if self._author is not None:
            self._whole(sender_faults(self._author, subject.settings))
            self._whole(bulk_faults(self._one_click, self._signed, subject.settings, self._google, self.looked))
        self._whole(relay_faults(subject.settings.relay.connection))
        self._whole(number_faults(subject.settings, subject.tally, subject.state))
        if left_out:
            reasons = ", ".join(f"{count:,} {reason}" for reason, count in left_out.most_common())
            count = left_out.total()
            are = "is" if count == 1 else "are"
            advice = (
                "“smtptui batch export NAME --state skipped” lists them; “smtptui batch correct NAME OLD NEW” corrects"
                " an address."
            )
            self._whole([Seen("left-out", Severity.INFORMATION, f"{count:,} {are} left out: {reasons}.", advice)])

    def _address(self, recipient: Recipient) -> None:
        if not recipient.address.isascii():
            advice = "A server without it rejects them; ask these recipients for another address."
            self._row(
                recipient,
                Seen("smtputf8", Severity.WARNING, "An address needs a server with SMTPUTF8 (RFC 6531).", advice),
                recipient.address,
            )
        first = self._keys.add(recipient.key, recipient.line)
        if first is not None:
            place = self._subject.settings.list.place(first)
            advice = "Leave it so if that is wanted; else make the batch without --allow-duplicates."
            self._row(
                recipient,
                Seen("duplicates", Severity.WARNING, "An address gets more than one message.", advice),
                f"{recipient.address} is also in {place}.",
            )

    def _message(self, recipient: Recipient, message: Message) -> None:
        self.made += 1
        fields = header_of(message.content)
        self._size(recipient, message)
        parts = parts_of(message.content, fields)
        seen = [*header_faults(fields), *octet_faults(message.content), *self._bodies.faults(parts, recipient.token)]
        if "list-unsubscribe" in fields and not offers_to_leave(parts, fields["list-unsubscribe"][0]):
            advice = "Add one with {{ unsubscribe }}; not every mail program shows the header."
            seen.append(
                Seen("unsubscribe-link", Severity.WARNING, "The text has no visible link to unsubscribe.", advice)
            )
        identifier = fields.get("message-id", [""])[0]
        first = self._identifiers.add(identifier, recipient.line) if identifier else None
        if first is not None:
            advice = "Leave MESSAGE-ID out of the template, or make it different for each row."
            seen.append(Seen("message-id", Severity.ERROR, "Two messages have the same Message-ID.", advice))
        for each in dict.fromkeys(seen):
            self._row(recipient, each, each.sentence, made=True)
        urls = fields.get("list-unsubscribe", [""])[0].lower()
        post = fields.get("list-unsubscribe-post", [""])[0]
        self._one_click = self._one_click and "<https://" in urls and post == "List-Unsubscribe=One-Click"
        self._signed = self._signed and any(map(_covers, fields.get("dkim-signature", ())))
        if self._author is None:
            self._author = fields.get("from", [""])[0]

    def _size(self, recipient: Recipient, message: Message) -> None:
        octets = len(message.content)
        limit = self._subject.size_limit
        if limit is not None and octets > limit.octets:
            sentence = f"The message is larger than {limit}."
            advice = (
                "Make attachments and images smaller, or link to them. If the server takes more by now, test again."
            )
            self._row(recipient, Seen("size", Severity.ERROR, sentence, advice), f"{octets:,} octets.", made=True)

    def _row(self, recipient: Recipient, seen: Seen, sentence: str, *, made: bool = False) -> None:
        self._findings.add(*seen, Example(recipient.line, sentence), made=made)

    def _whole(self, seen: Iterable[Seen]) -> None:
        for each in seen:
            self._findings.add(*each)


_CHECKS = {
    FaultKind.LEFT_OVER: ("leftover", "a brace is left.", "Correct the template, or the value."),
    FaultKind.NO_VALUE: ("empty-value", "there is no value to fill in.", "Fill in the list, or test for it."),
    FaultKind.LINE_BREAK: ("line-break", "a value has a line break or a control character.", "Remove it."),
    FaultKind.ATTACHMENT: ("attachment", "a file cannot be attached.", "Correct the name, or --files."),
    FaultKind.NO_COPY: (
        "no-copy",
        "it names people who get no copy.",
        "Add a row to the list for each of them, or leave them out.",
    ),
    FaultKind.MARKUP: ("html-value", "a value is put in as HTML.", "Filter it with |e, unless it is meant as HTML."),
    FaultKind.OTHER: ("row", "the message cannot be made.", "Correct the row or the template."),
}
_IN_FULL = {
    FaultKind.IMAGE: "image",
    FaultKind.FOREIGN: "foreign-field",
    FaultKind.GAP: "empty-cell",
    FaultKind.MISPLACED: "misplaced-field",
}
"""Faults of the template: the sentence is the same in each message that has them, and says what to do."""


def _check_of(fault: Fault, severity: Severity) -> Seen:
    """The check that a fault of a row belongs to, one for each place in the template."""
    if fault.kind in _IN_FULL:
        return Seen(_IN_FULL[fault.kind], severity, fault.sentence, "")
    check, sentence, advice = _CHECKS[fault.kind]
    return Seen(check, severity, f"{fault.field}: {sentence}", advice)


def _larger(largest: Largest | None, recipient: Recipient, message: Message) -> Largest:
    octets = len(message.content)
    if largest is not None and octets <= largest.octets:
        return largest
    return Largest(recipient.seq, recipient.line, octets)


def _covers(signature: str) -> bool:
    found = re.search(r"(?:^|;)\s*h=([^;]*)", signature)
    names = re.sub(r"\s", "", found[1]).lower().split(":") if found else []
    return "list-unsubscribe" in names and "list-unsubscribe-post" in names
