"""What is said of replies that are not what was needed: the failure, in a sentence with what to do next."""

from collections.abc import Sequence

from smtptui.explain import after_refusal, kind_of
from smtptui.protocol import FailureKind, Reply, Stage
from smtptui.transcript import Failure, RecipientOutcome, SessionError, Verdict


def refusal(stage: Stage, what: str, reply: Reply, advice_if_refused: str | None = None) -> SessionError:
    """The error for a reply that is not what ``what`` needed; the stage has an advice unless one is given."""
    kind = kind_of(reply, stage)
    verb = {
        FailureKind.DEFERRED: "was deferred",
        FailureKind.AUTH_TEMPORARY: "was deferred",
        FailureKind.PROTOCOL: "got an answer it cannot have",
    }.get(kind, "was refused")
    advice = after_refusal(reply, stage, kind, advice_if_refused)
    return SessionError(stage, kind, f"{what} {verb}: {str(reply).rstrip('.')}. {advice}".strip(), reply)


def lost(recipients: Sequence[RecipientOutcome]) -> Failure | None:
    """What is to be said of recipients that were refused or put off, or None where there are none."""
    them = [each for each in recipients if each.verdict in (Verdict.REFUSED, Verdict.DEFERRED)]
    replies = [(each.reply, each.stage or Stage.RCPT) for each in them if each.reply is not None]
    if not replies:
        return None
    kinds = [kind_of(reply, stage) for reply, stage in replies]
    kind = kinds[0]
    if len(set(kinds)) > 1:
        kind = FailureKind.DEFERRED if FailureKind.DEFERRED in kinds else FailureKind.REFUSED
    # What one reply advises is for all only where they mean the same.
    reply, stage = next((pair for pair in replies if pair[0].permanent), replies[0])
    advice = after_refusal(reply, stage, kind) if len(set(kinds)) == 1 else ""
    if kind is FailureKind.DEFERRED and len(them) < len(recipients):
        # "Try again later" with the same command would send it twice to those who have it.
        advice = "Later, send it again only to those who were deferred."
    said = "; ".join(f"<{each.address}> {str(each.reply).rstrip('.')}" for each in them)
    if rest := untried(recipients):
        said = f"{said}. {rest.message}"
        advice = ""
    what = f"{len(them)} of {len(recipients)} recipients not accepted"
    if len(them) == len(recipients):
        what = "No recipient was accepted" if len(them) > 1 else "The recipient was not accepted"
    return Failure(stage, kind, f"{what}: {said}. {advice}".strip(), reply)


def untried(recipients: Sequence[RecipientOutcome]) -> Failure | None:
    """What is to be said of recipients that were not tried although others have the message; None without any."""
    count = sum(each.verdict is Verdict.UNTRIED for each in recipients)
    if not count or not any(each.stage is Stage.DOT and each.verdict is Verdict.ACCEPTED for each in recipients):
        return None
    who = "1 recipient was" if count == 1 else f"{count} recipients were"
    message = f"{who} not tried: the server takes no more. Later, send it again to those that are left only."
    return Failure(Stage.RCPT, FailureKind.DEFERRED, message)


def recipients_in_words(count: int) -> str:
    """``1 recipient`` or ``2 recipients``."""
    return "1 recipient" if count == 1 else f"{count} recipients"
