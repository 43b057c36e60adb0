"""The queue id in the final reply: the name the receiving server gave the message in its own log."""

import re

from smtptui.protocol.reply import Reply

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bqueued as ([0-9A-Za-z._-]+)",  # Postfix, MailEnable, SendGrid
        r"\bid=([0-9A-Za-z-]+)",  # Exim: OK id=1abCde-000000-00
        r"<([^<>\s]+)> \[InternalId=",  # Exchange and Microsoft 365
        r"\bok:? *queued (?:as )?\(?([0-9A-Za-z._-]+)",  # Haraka and others
        r"\bmessage queued \(([0-9A-Fa-f.-]+)\)",  # Haraka
        r"\bok:?\s+\d{9,} (\S+) - gsmtp",  # Gmail
        r"\bok (\d+ qp \d+)",  # qmail
        r"^(?:2\.\d\.\d )?([0-9A-Za-z]{8,}) message accepted for delivery",  # Sendmail, OpenSMTPD
        r"^<[^>]*> ([0-9A-Za-z+/=]+) saved",  # Dovecot LMTP
        r"^ok ([0-9a-f]{16}-[0-9a-f-]{20,})$",  # Amazon SES
    )
)
_SOME = re.compile(r"queued|id=|gsmtp| qp |accepted| saved|[0-9a-f]{16}-", re.IGNORECASE)
"""What is in every text that has one: a reply without is not looked at ten times."""


def queue_id_of(reply: Reply) -> str | None:
    """The queue id in a positive reply to the dot, where the text has one in a form that is known."""
    if not 200 <= reply.code < 300:
        return None
    for line in reversed(reply.lines):
        text = line.strip()
        if not _SOME.search(text):
            continue
        for candidate in (text, re.sub(r"^\d\.\d+\.\d+ ", "", text)):
            for pattern in _PATTERNS:
                if match := pattern.search(candidate):
                    return match[1].rstrip(".")
    return None
