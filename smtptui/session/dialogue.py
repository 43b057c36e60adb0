"""The dialogue as a table: which step comes when, and only if it is wanted."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from smtptui.protocol import Stage
from smtptui.session.conversation import Conversation
from smtptui.session.failures import recipients_in_words
from smtptui.session.steps import authenticate, connect, greeting, leave, transaction


def _always(_: Conversation) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One row: the stage it begins, what it does, and when it is wanted."""

    stage: Stage
    run: Callable[[Conversation], Awaitable[None]]
    wanted: Callable[[Conversation], bool] = _always


def _secured_late(talk: Conversation) -> bool:
    return talk.tls is not None and not talk.implicit


OPENING: tuple[Step, ...] = (
    Step(Stage.CONNECT, connect.connect),
    Step(Stage.BANNER, greeting.banner),
    Step(Stage.EHLO, greeting.ehlo),
    Step(Stage.STARTTLS, greeting.starttls, greeting.starttls_wanted),
    Step(Stage.EHLO_TLS, greeting.ehlo_tls, _secured_late),
    Step(Stage.AUTH, authenticate.authenticate, authenticate.auth_wanted),
)
"""From nothing to a server that takes mail from us. The handshake is part of connect or starttls."""

TRANSACTION: tuple[Step, ...] = (
    Step(Stage.MAIL, transaction.mail),
    Step(Stage.RCPT, transaction.rcpt),
    Step(Stage.DATA, transaction.data, transaction.data_wanted),
)
"""One message. Body and dot are part of data: between 354 and the dot there is no other way but out."""

AGAIN: tuple[Step, ...] = (Step(Stage.RSET, leave.reset, leave.reset_wanted),)
"""Between two transactions: one that came to nothing is voided first."""

CLOSING: tuple[Step, ...] = (
    Step(Stage.RSET, leave.reset, leave.reset_wanted),
    Step(Stage.QUIT, leave.quit_, lambda talk: talk.wire_up),
)
"""The polite way out."""


async def walk(talk: Conversation, steps: Iterable[Step]) -> None:
    """Take the steps that are wanted; raises what ends the session."""
    for step in steps:
        if step.wanted(talk):
            talk.enter(step.stage)
            await step.run(talk)


async def transact(talk: Conversation) -> None:
    """The transaction, and further ones for those whom the server takes no more than so many at a time of.

    Raises what ends the session; what the transactions before it came to stays as it is.
    """
    while True:
        before = len(talk.waiting)
        await walk(talk, TRANSACTION)
        left = len(talk.waiting)
        # Who is accepted still after DATA was skipped by hand: nothing may be sent in that transaction any more.
        if not left or left == before or talk.accepted or not talk.wire_up:
            break
        most = talk.capabilities.limit("MAILMAX")
        if most is not None and talk.transactions >= most:
            talk.recorder.note(
                Stage.MAIL, f"the server takes {most} transactions in a session; {left} recipients are left"
            )
            break
        await walk(talk, AGAIN)
        talk.recorder.note(Stage.MAIL, f"a further transaction for {recipients_in_words(left)}")
