"""A caught message's envelope as text for people."""

import dataclasses

from smtptui.sandbox import envelope_text
from tests.sandbox.test_caught import caught


def test_the_envelope_as_it_was_said() -> None:
    message = dataclasses.replace(
        caught(0),
        recipients=("b@y.test", "c@\x1b.test"),
        mail_parameters="RET=HDRS",
        rcpt_parameters=("NOTIFY=NEVER", ""),
    )
    assert envelope_text(message).splitlines() == [
        "MAIL FROM:<> RET=HDRS",
        "RCPT TO:<b@y.test> NOTIFY=NEVER",
        "RCPT TO:<c@\\x1b.test>",
    ]
