"""A caught message's envelope as text for people; the message itself is read by :mod:`smtptui.message`."""

from smtptui.protocol import visible
from smtptui.sandbox.caught import Caught


def envelope_text(caught: Caught) -> str:
    """MAIL and RCPT as they were said, one a line; every line is safe to show."""
    lines = [f"MAIL FROM:<{caught.sender}> {caught.mail_parameters}"]
    for index, recipient in enumerate(caught.recipients):
        parameters = caught.rcpt_parameters[index] if index < len(caught.rcpt_parameters) else ""
        lines.append(f"RCPT TO:<{recipient}> {parameters}")
    return "\n".join(visible(line.rstrip()) for line in lines)
