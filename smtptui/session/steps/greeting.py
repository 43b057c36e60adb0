"""Greeting, EHLO, STARTTLS and EHLO again."""

from smtptui.protocol import Capabilities, FailureKind, Stage, TlsMode
from smtptui.session.conversation import Conversation
from smtptui.session.failures import refusal
from smtptui.session.steps.handshake import handshake, prepare
from smtptui.transcript import SessionError


async def banner(talk: Conversation) -> None:
    """Wait for the greeting; nothing may be said before it (RFC 5321 section 3.1)."""
    await talk.pause(Stage.BANNER)
    client = talk.live()
    try:
        reply = await client.reply(talk.seconds(Stage.BANNER))
    except SessionError as error:
        raise _silent_banner(talk, error) from error
    talk.final = reply
    if reply.code == 421:
        talk.closing = True
    if reply.code != 220:
        raise refusal(Stage.BANNER, "The connection", reply)


def _silent_banner(talk: Conversation, error: SessionError) -> SessionError:
    kind = error.failure.kind
    if talk.implicit or kind not in (FailureKind.TIMEOUT, FailureKind.CLOSED):
        return error
    hint = (
        "A port that wants TLS from the start says nothing: use implicit TLS (465 does). "
        if kind is FailureKind.TIMEOUT
        else "The server may block this address, or want TLS from the start. "
    )
    return SessionError(Stage.BANNER, kind, f"{error} {hint}".strip())


async def ehlo(talk: Conversation) -> None:
    """EHLO, or LHLO for LMTP; HELO for servers that know no EHLO (RFC 5321 section 3.2)."""
    await _hello(talk, Stage.EHLO)


async def ehlo_tls(talk: Conversation) -> None:
    """What was offered before TLS counts no more (RFC 3207 section 4.2)."""
    talk.capabilities = Capabilities()
    await _hello(talk, Stage.EHLO_TLS)


async def _hello(talk: Conversation, stage: Stage) -> None:
    lmtp = talk.request.connection.lmtp
    verb = "LHLO" if lmtp else "EHLO"
    pair = await talk.ask(stage, f"{verb} {talk.ehlo_name}")
    if pair is None:
        return
    reply, true = pair
    talk.final = reply
    if reply.code in (500, 501, 502, 504) and not lmtp:
        talk.recorder.note(stage, "the server does not know EHLO: HELO, without extensions")
        answer = await talk.say(stage, f"HELO {talk.ehlo_name}")
        if answer is None:
            return
        talk.final = reply = answer
        if reply.code == 250:
            # What follows the name is for people: HELO announces nothing.
            talk.capabilities = Capabilities(Capabilities.from_reply(reply).domain)
            return
        verb = "HELO"
    if reply.code != 250:
        no_lmtp = "It speaks SMTP, not LMTP: leave LMTP out." if lmtp and reply.code in (500, 501, 502, 503) else None
        raise refusal(stage, verb, reply, no_lmtp)
    # From the true reply: a password like "plain" would blot out what is offered.
    talk.capabilities = Capabilities.from_reply(true)


def starttls_wanted(talk: Conversation) -> bool:
    """Whether STARTTLS is due: by mode, and for opportunistic by what is offered."""
    mode = talk.request.connection.tls_mode
    return mode is TlsMode.STARTTLS or (mode is TlsMode.OPPORTUNISTIC and "STARTTLS" in talk.capabilities)


async def starttls(talk: Conversation) -> None:
    """STARTTLS and the handshake; without it a session that demands TLS ends here."""
    mode = talk.request.connection.tls_mode
    if "STARTTLS" not in talk.capabilities:
        raise SessionError(
            Stage.STARTTLS,
            FailureKind.TLS,
            "The server does not offer STARTTLS, and TLS is required. Use implicit TLS (465), or opportunistic if "
            "mail may travel in the clear.",
        )
    # Before the command: after its 220 there is only the handshake, and files may turn out to be unusable.
    context = await prepare(talk)
    reply = await talk.say(Stage.STARTTLS, "STARTTLS")
    if reply is None:
        if mode is TlsMode.STARTTLS:
            raise SessionError(Stage.STARTTLS, FailureKind.TLS, "STARTTLS was skipped, and TLS is required.")
        return
    talk.final = reply
    if reply.code != 220:
        if mode is TlsMode.OPPORTUNISTIC and not talk.must_log_in:
            talk.recorder.note(Stage.STARTTLS, "no TLS: the server refused STARTTLS, going on in the clear")
            return
        error = refusal(Stage.STARTTLS, "STARTTLS", reply)
        kind = FailureKind.TLS if reply.permanent else error.failure.kind
        raise SessionError(Stage.STARTTLS, kind, str(error), reply)
    await talk.pause(Stage.TLS)

    async def upgrade() -> None:
        await talk.live().wire.upgrade(context, talk.tls_name, talk.seconds(Stage.TLS))

    await handshake(talk, upgrade)
