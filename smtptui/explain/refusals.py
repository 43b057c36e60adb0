"""What kind of failure a reply is, by its code, its enhanced code and its stage."""

import re

from smtptui.protocol import FailureKind, Reply, Stage

_LOGIN_CODES = frozenset({530, 534, 535, 538})
_SYNTAX_CODES = frozenset({500, 501, 502, 503, 504, 555})
_SIZE_STAGES = frozenset({Stage.MAIL, Stage.DATA, Stage.BODY, Stage.DOT})
"""Where 552 is about the message and not about a full mailbox (RFC 1870 section 6)."""
_SIZE_CODES = frozenset({"5.2.3", "5.3.4"})
"""Too long for the recipient, too big for the system (RFC 3463)."""
_MAILBOX = re.compile(r"mailbox|inbox|quota|\bfull\b|storage|disk|insufficient|space", re.IGNORECASE)
_TOO_MANY = re.compile(r"too many (recipients|rcpts?)|recipients? (limit|exceeded)", re.IGNORECASE)


def kind_of(reply: Reply, stage: Stage) -> FailureKind:
    """What kind of failure a reply is at a stage."""
    if stage is Stage.RCPT and too_many_recipients(reply):
        return FailureKind.DEFERRED
    if reply.temporary:
        return FailureKind.AUTH_TEMPORARY if stage is Stage.AUTH and reply.code != 421 else FailureKind.DEFERRED
    if reply.permanent and stage in _SIZE_STAGES:
        enhanced = reply.enhanced
        if reply.code == 552 if enhanced is None else str(enhanced) in _SIZE_CODES:
            return FailureKind.TOO_LARGE
    if asks_for_tls(reply):
        return FailureKind.TLS
    if reply.permanent:
        return FailureKind.AUTH if stage is Stage.AUTH or asks_for_login(reply) else FailureKind.REFUSED
    return FailureKind.PROTOCOL


def asks_for_login(reply: Reply) -> bool:
    """Whether a reply asks for a login, or for a better one (RFC 4954 section 6)."""
    return reply.code in _LOGIN_CODES


def asks_for_tls(reply: Reply) -> bool:
    """Whether a 530 is about TLS and not about a login: it is, before STARTTLS (RFC 3207 section 4)."""
    return reply.code == 530 and "STARTTLS" in reply.text.upper()


def is_about_syntax(reply: Reply) -> bool:
    """Whether a reply is about the command itself (RFC 5321 section 4.2.2)."""
    return reply.code in _SYNTAX_CODES


def too_many_recipients(reply: Reply) -> bool:
    """Whether a reply to RCPT says that the transaction is full: the other recipients are for a further one.

    552 is what 452 was before RFC 821 was revised (RFC 5321 section 4.5.3.1.10, RFC 3463 X.5.3).
    """
    if reply.code not in (452, 552):
        return False
    enhanced = reply.enhanced
    if enhanced is not None and (enhanced.subject, enhanced.detail) == (5, 3):
        return True
    if _TOO_MANY.search(reply.text):
        return True
    # Without a code or a word that tells, 452 is most likely about this, and 552 about a mailbox.
    return reply.code == 452 and enhanced is None and not _MAILBOX.search(reply.text)
