"""MAIL, RCPT for each recipient, DATA with the message and its dot (RFC 5321 section 3.3, RFC 2033)."""

from dataclasses import replace

from smtptui.explain import LOOK_BEFORE_SENDING_AGAIN, too_many_recipients
from smtptui.protocol import FailureKind, Reply, Stage
from smtptui.session.conversation import Conversation
from smtptui.session.envelope_commands import Terms, word
from smtptui.session.failures import refusal
from smtptui.session.recipient_verdict import verdict_of
from smtptui.transcript import RecipientOutcome, SessionError, Verdict


async def mail(talk: Conversation) -> None:
    """MAIL with the parameters asked for."""
    talk.commands = word(talk.prepared, Terms.of(talk.capabilities))
    reply = await talk.say(Stage.MAIL, talk.commands.mail)
    if reply is None:
        return
    talk.final = reply
    if reply.code != 250:
        raise refusal(Stage.MAIL, f"The sender <{talk.request.envelope.sender}>", reply)
    talk.transaction = True
    talk.transactions += 1


async def rcpt(talk: Conversation) -> None:
    """RCPT, one by one: a refused recipient does not stop the others.

    No more than the server takes in a transaction (RFC 9422); where it says that it has enough (RFC 5321 section
    4.5.3.1.10) the others stay waiting for a further one.
    """
    assert talk.commands is not None
    for index in _portion(talk):
        reply = await talk.say(Stage.RCPT, talk.commands.rcpt[index])
        if reply is None:
            talk.waiting.remove(index)
            continue
        talk.final = reply
        outcome = talk.recipients[index]
        verdict = verdict_of(reply, Stage.RCPT)
        if verdict is Verdict.UNTRIED:
            raise refusal(Stage.RCPT, f"The recipient <{outcome.address}>", reply)
        talk.recipients[index] = RecipientOutcome(outcome.address, verdict, Stage.RCPT, reply)
        if too_many_recipients(reply) and talk.accepted:
            return
        talk.waiting.remove(index)


def _portion(talk: Conversation) -> list[int]:
    """Positions of the recipients that one transaction may have, the next ones that wait."""
    most, domains_most = talk.capabilities.limit("RCPTMAX"), talk.capabilities.limit("RCPTDOMAINMAX")
    found: list[int] = []
    domains: set[str] = set()
    for index in talk.waiting:
        domain = talk.prepared.domains[index]
        if most is not None and len(found) >= most:
            break
        if domains_most is not None and domain not in domains and len(domains) >= domains_most:
            # Of a domain that is there already, a later one may still come along.
            continue
        domains.add(domain)
        found.append(index)
    return found


def data_wanted(talk: Conversation) -> bool:
    """Whether anybody is there to get the message."""
    return bool(talk.accepted)


async def data(talk: Conversation) -> None:
    """DATA, the message, the dot, and the reply (for LMTP one for each accepted recipient)."""
    accepted = talk.sent = talk.accepted
    reply = await talk.say(Stage.DATA, "DATA")
    if reply is None:
        return
    talk.final = reply
    if reply.code != 354:
        if not reply.positive:
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
    if not client.wire.answered:
        await talk.pause(Stage.DOT)
    if client.wire.answered:
        early = await client.reply(talk.seconds(Stage.DOT))
        talk.final = early
        raise _early(talk, early)
    client.wire.say_dot()
    talk.dot_written = True
    try:
        replies = await client.answers(count, talk.seconds(Stage.DOT))
    except BaseException:
        # What has come before the fault, or before a cancel, is known.
        known = [reply for reply, _ in client.wire.remaining()][:count]
        if count == 1:
            known *= len(accepted)
        _decide(talk, accepted[: len(known)], known, Stage.DOT)
        talk.dot_written = len(known) < len(accepted)
        raise
    talk.awaiting_message = talk.transaction = False
    talk.dot_written = False
    if count == 1:
        replies *= len(accepted)
    _decide(talk, accepted, replies, Stage.DOT)
    talk.final = replies[-1]
    talk.closing = any(each.code == 421 for each in replies)
    verdicts = {verdict_of(each, Stage.DOT) for each in replies}
    if Verdict.UNCERTAIN in verdicts:
        # Out of step: what is said next may be taken for a message.
        talk.awaiting_message = True
        raise SessionError(
            Stage.DOT,
            FailureKind.UNCERTAIN,
            f"Unexpected reply to the message: {replies[-1]}. It may have been accepted or not. "
            f"{LOOK_BEFORE_SENDING_AGAIN}",
            replies[-1],
        )
    if Verdict.ACCEPTED not in verdicts:
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
    return refusal(Stage.BODY, "The message, before it was complete,", reply)


def _decide(talk: Conversation, accepted: list[int], replies: list[Reply], stage: Stage) -> None:
    for index, reply in zip(accepted, replies, strict=True):
        talk.recipients[index] = replace(
            talk.recipients[index], verdict=verdict_of(reply, stage), stage=stage, reply=reply
        )
