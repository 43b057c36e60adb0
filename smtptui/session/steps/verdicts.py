"""From a reply to what it means for the session: the failure it is, in a sentence."""

import re
from collections.abc import Sequence

from smtptui.protocol import FailureKind, Reply, Stage
from smtptui.transcript import Failure, RecipientOutcome, SessionError, Verdict

_RCPT_TAKEN = frozenset({250, 251, 252})
_LOGIN_CODES = frozenset({530, 534, 535, 538})
"""Replies that ask for a login, or for a better one (RFC 4954 section 6)."""
_SIZE_STAGES = frozenset({Stage.MAIL, Stage.DATA, Stage.BODY, Stage.DOT})
"""Where 552 is about the message and not about a full mailbox (RFC 1870 section 6)."""
_SIZE_CODES = frozenset({"5.2.3", "5.3.4"})
"""Too long for the recipient, too big for the system (RFC 3463)."""
_SYNTAX_CODES = frozenset({500, 501, 502, 503, 504, 555})
"""Replies that are about the command itself (RFC 5321 section 4.2.2)."""

_MAILBOX = re.compile(r"mailbox|inbox|quota|\bfull\b|storage|disk|insufficient|space", re.IGNORECASE)

_NEXT = {
    Stage.BANNER: "The server takes no mail from here now: its administrator, or its log, knows why.",
    Stage.EHLO: "Check the EHLO name: many servers want one that resolves.",
    Stage.EHLO_TLS: "Check the EHLO name: many servers want one that resolves.",
    Stage.STARTTLS: "The server cannot do TLS now: its log says why.",
    Stage.AUTH: "Check the user name, its form, and the password; some providers want an app password.",
    Stage.MAIL: "Check the sender: may this login or this host use it here?",
    Stage.RCPT: "Check the address, and whether this server takes mail for its domain from you.",
    Stage.DATA: "The server does not take the message now.",
    Stage.BODY: "The message itself was refused: content, size, authentication of the domain or policy.",
    Stage.DOT: "The message itself was refused: content, size, authentication of the domain or policy.",
}


def refusal(stage: Stage, what: str, reply: Reply, advice_if_refused: str | None = None) -> SessionError:
    """The error for a reply that is not what ``what`` needed; the stage has an advice unless one is given."""
    kind = kind_of(reply, stage)
    verb = {
        FailureKind.DEFERRED: "was deferred",
        FailureKind.AUTH_TEMPORARY: "was deferred",
        FailureKind.PROTOCOL: "got an answer it cannot have",
    }.get(kind, "was refused")
    advice = _advice(reply, stage, kind, advice_if_refused)
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
    advice = _advice(reply, stage, kind) if len(set(kinds)) == 1 else ""
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


def _advice(reply: Reply, stage: Stage, kind: FailureKind, if_refused: str | None = None) -> str:
    """What to do next."""
    if _wants_tls(reply):
        return "Use TLS: starttls, or the implicit-TLS port."
    if reply.code in _LOGIN_CODES and stage is not Stage.AUTH:
        return "Log in first: give a user, and TLS if the server offers AUTH only inside it."
    if reply.code in _SYNTAX_CODES and stage in (Stage.MAIL, Stage.RCPT, Stage.DATA):
        return "The server does not understand the command or one of its parameters: see what was said above."
    return {
        FailureKind.DEFERRED: "Try again later.",
        FailureKind.AUTH_TEMPORARY: "The server's login service has trouble: try again later.",
        FailureKind.PROTOCOL: "The server is broken, or replies and commands were edited out of step.",
        FailureKind.TOO_LARGE: "Make it smaller, or send a link instead of the attachment.",
    }.get(kind, if_refused or _NEXT.get(stage, ""))


def too_many(reply: Reply) -> bool:
    """Whether a reply to RCPT says that the transaction has as many recipients as it may have: the others are for a
    further one. 552 is what 452 was before RFC 821 was revised (RFC 5321 section 4.5.3.1.10, RFC 3463 X.5.3)."""
    if reply.code not in (452, 552):
        return False
    enhanced = reply.enhanced
    if enhanced is not None and (enhanced.subject, enhanced.detail) == (5, 3):
        return True
    if re.search(r"too many (recipients|rcpts?)|recipients? (limit|exceeded)", reply.text, re.IGNORECASE):
        return True
    # Without a code or a word that tells, 452 is most likely about this, and 552 about a mailbox.
    return reply.code == 452 and enhanced is None and not _MAILBOX.search(reply.text)


def kind_of(reply: Reply, stage: Stage) -> FailureKind:
    """What kind of failure a reply is at a stage."""
    if stage is Stage.RCPT and too_many(reply):
        return FailureKind.DEFERRED
    if reply.temporary:
        return FailureKind.AUTH_TEMPORARY if stage is Stage.AUTH and reply.code != 421 else FailureKind.DEFERRED
    if reply.permanent and stage in _SIZE_STAGES:
        enhanced = reply.enhanced
        if reply.code == 552 if enhanced is None else str(enhanced) in _SIZE_CODES:
            return FailureKind.TOO_LARGE
    if _wants_tls(reply):
        return FailureKind.TLS
    if reply.permanent:
        return FailureKind.AUTH if stage is Stage.AUTH or reply.code in _LOGIN_CODES else FailureKind.REFUSED
    return FailureKind.PROTOCOL


def _wants_tls(reply: Reply) -> bool:
    """530 before STARTTLS is about TLS, not about a login (RFC 3207 section 4)."""
    return reply.code == 530 and "STARTTLS" in reply.text.upper()


def verdict_of(reply: Reply, stage: Stage) -> Verdict:
    """What a reply at RCPT, DATA, in the midst of a body or at the dot means for a recipient.

    Only the dot accepts a message, and RCPT a recipient with 250, 251 or 252 (RFC 5321 section 4.2.3). A positive
    reply anywhere else is none that can be: it decides nothing, and at the dot it leaves the outcome unknown.
    """
    if stage is Stage.RCPT and too_many(reply):
        return Verdict.DEFERRED
    if reply.permanent:
        return Verdict.REFUSED
    if reply.temporary:
        return Verdict.DEFERRED
    if stage is Stage.DOT:
        return Verdict.ACCEPTED if reply.code < 300 else Verdict.UNCERTAIN
    return Verdict.ACCEPTED if stage is Stage.RCPT and reply.code in _RCPT_TAKEN else Verdict.UNTRIED
