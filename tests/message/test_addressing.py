"""The envelope: what the message suggests, what the user wants instead, and who needs to be named."""

import pytest

from smtptui.message import Addressing, NoAddressError, envelope_of
from smtptui.protocol import Body, MailboxError, Notify, Ret, Stage
from tests.message.making import make

MESSAGE = make(to=("bob@example.net",), bcc=("Dora <dora@example.net>",))
NOBODYS = make()


def test_the_message_suggests_it() -> None:
    envelope = envelope_of(MESSAGE, Addressing())
    assert envelope.sender == "ann@example.org"
    assert [recipient.address for recipient in envelope.recipients] == ["bob@example.net", "dora@example.net"]


@pytest.mark.parametrize(("text", "sender"), [("<>", ""), ("", ""), (" Eve <eve@example.com> ", "eve@example.com")])
def test_the_sender_can_be_another_or_none(text: str, sender: str) -> None:
    assert envelope_of(MESSAGE, Addressing(sender=text)).sender == sender


def test_other_recipients_are_named_once_each() -> None:
    wanted = Addressing(recipients=("x@example.com, Y <y@example.com>", "x@EXAMPLE.com"))
    envelope = envelope_of(MESSAGE, wanted)
    assert [recipient.address for recipient in envelope.recipients] == ["x@example.com", "y@example.com"]


def test_notifications_name_the_original_recipient_where_that_is_ascii() -> None:
    wanted = Addressing(
        None, ("b@example.com", "é@example.com"), (Notify.FAILURE,), Ret.HDRS, "q1", Body.EIGHT_BIT, True
    )
    envelope = envelope_of(MESSAGE, wanted)
    assert [recipient.orcpt for recipient in envelope.recipients] == ["rfc822;b@example.com", None]
    assert (envelope.ret, envelope.envid, envelope.body, envelope.smtputf8) == (Ret.HDRS, "q1", Body.EIGHT_BIT, True)


@pytest.mark.parametrize("stage", list(Stage))
def test_who_is_needed_depends_on_how_far_the_session_goes(stage: Stage) -> None:
    if stage.order < Stage.RCPT.order:
        assert envelope_of(NOBODYS, Addressing(), until=stage).recipients == ()
    else:
        with pytest.raises(NoAddressError) as caught:
            envelope_of(NOBODYS, Addressing(), until=stage)
        assert caught.value.stage is Stage.RCPT


def test_an_address_that_cannot_be_read_is_named() -> None:
    with pytest.raises(MailboxError, match="a@@b"):
        envelope_of(MESSAGE, Addressing(recipients=("a@@b",)))
