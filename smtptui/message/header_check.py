"""Header fields set by hand, checked one by one while they are typed, by the same code that builds them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from smtptui.message.draft import Draft
from smtptui.message.fields import header_section
from smtptui.message.message import MessageError

_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_MADE = {
    "date": "the date of sending",
    "message-id": "the id that is made",
    "from": "the field From",
    "to": "the field To",
    "cc": "the field Cc",
    "reply-to": "the field Reply-To",
    "subject": "the field Subject",
}


def check_headers(headers: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What is wrong with each field, in a sentence; empty where nothing is. A wholly empty one is no field."""
    faults: list[str] = []
    good: dict[str, tuple[str, str]] = {}
    for header in headers:
        fault = _fault([header]) if any(header) else ""
        name = header[0].lower()
        if not fault and name in good:
            # Some may stand there once only; the later one is the one to remove.
            fault = _fault([good[name], header])
        elif not fault and any(header):
            good[name] = header
        faults.append(fault)
    return tuple(faults)


def replaced_by(name: str) -> str:
    """What a field of this name replaces of what is made by itself; empty if it only comes in addition."""
    return _MADE.get(name.lower(), "")


def _fault(headers: Iterable[tuple[str, str]]) -> str:
    draft = Draft(sender="someone@example.org", headers=tuple(headers))
    try:
        header_section(draft, now=_SOME_TIME, message_token="0", smtputf8=True)  # noqa: S106 - no secret
    except MessageError as error:
        text = str(error)
        return text if text.endswith(".") else f"{text}."
    return ""
