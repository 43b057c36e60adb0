"""MAIL, RCPT for each recipient, DATA with the message and its dot (RFC 5321 section 3.3, RFC 2033)."""

from dataclasses import replace

from smtptui.protocol import Reply, Stage
from smtptui.session.conversation import Conversation
from smtptui.session.outcome import FailureKind, RecipientOutcome, SessionError, Verdict
from smtptui.session.steps.verdicts import refusal, verdict_of
from smtptui.session.wording import Terms, word


async def mail(talk: Conversation) -> None:
    """MAIL with the parameters asked for."""
    talk.wording = word(talk.prepared, Terms.of(talk.capabilities))
    reply = await talk.say(Stage.MAIL, talk.wording.mail)
    if reply is None:
        return
    talk.final = reply
    if reply.code != 250:
        raise refusal(Stage.MAIL, f"The sender <{talk.request.envelope.sender}>", reply)
    talk.transaction = True


async def rcpt(talk: Conversation) -> None:
    """RCPT, one by one: a refused recipient does not stop the others."""
    assert talk.wording is not None
    for index, line in enumerate(talk.wording.rcpt):
        reply = await talk.say(Stage.RCPT, line)
        if reply is None:
            continue
        talk.final = reply
        outcome = talk.recipients[index]
        # 251 and 252 accept as well (RFC 5321 section 4.2.3).
        if reply.code < 400 and reply.code not in (250, 251, 252):
            raise refusal(Stage.RCPT, f"The recipient <{outcome.address}>", reply)
        talk.recipients[index] = RecipientOutcome(outcome.address, verdict_of(reply), Stage.RCPT, reply)


def data_wanted(talk: Conversation) -> bool:
    """Whether anybody is there to get the message."""
    return bool(talk.accepted)


async def data(talk: Conversation) -> None:
    """DATA, the message, the dot, and the reply (for LMTP one for each accepted recipient)."""
    accepted = talk.accepted
    reply = await talk.say(Stage.DATA, "DATA")
    if reply is None:
        return
    talk.final = reply
    if reply.code != 354:
        _decide(talk, accepted, [reply] * len(accepted), Stage.DATA)
        raise refusal(Stage.DATA, "DATA", reply)
    talk.awaiting_message = True
    await talk.pause(Stage.BODY)
    client, stuffed = talk.live(), talk.prepared.stuffed
    talk.position.total = len(stuffed)

    def progress(done: int) -> None:
        talk.position.sent = done

    count = len(accepted) if talk.request.connection.lmtp else 1
    await client.upload(stuffed, talk.seconds(Stage.BODY), progress, replies=count)
    if client.wire.answered:
        early = await client.reply(talk.seconds(Stage.DOT))
        talk.final = early
        raise _early(talk, early)
    await talk.pause(Stage.DOT)
    client.wire.say_dot()
    talk.dot_written = True
    try:
        replies = await client.answers(count, talk.seconds(Stage.DOT))
    except BaseException:
        # LMTP: for the recipients whose replies came it is known what became of the message.
        known = [reply for reply, _ in client.wire.remaining()]
        _decide(talk, accepted[: len(known)], known, Stage.DOT)
        raise
    talk.awaiting_message = talk.transaction = False
    talk.dot_written = False
    if count == 1:
        replies *= len(accepted)
    _decide(talk, accepted, replies, Stage.DOT)
    talk.final = replies[-1]
    talk.closing = any(each.code == 421 for each in replies)
    if all(verdict_of(each) is not Verdict.ACCEPTED for each in replies):
        raise refusal(Stage.DOT, "The message", replies[-1])


def _early(talk: Conversation, reply: Reply) -> SessionError:
    """The server answered before the message had ended: it does not want the rest."""
    if reply.positive:
        return SessionError(
            Stage.BODY,
            FailureKind.PROTOCOL,
            f"The server answered {reply} before the message had ended. The connection was dropped; the message was "
            "not completed.",
            reply,
        )
    _decide(talk, talk.accepted, [reply] * len(talk.accepted), Stage.BODY)
    return refusal(Stage.BODY, "The message, in its midst,", reply)


def _decide(talk: Conversation, accepted: list[int], replies: list[Reply], stage: Stage) -> None:
    for index, reply in zip(accepted, replies, strict=True):
        talk.recipients[index] = replace(talk.recipients[index], verdict=verdict_of(reply), stage=stage, reply=reply)
