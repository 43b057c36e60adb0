"""AUTH: consent, choice of mechanism, and the exchange itself (RFC 4954)."""

import asyncio
import base64
import binascii
from collections.abc import Sequence

from smtptui.explain import after_refused_login
from smtptui.protocol import EventKind, FailureKind, Reply, Stage, TlsMode, decode, visible
from smtptui.session.auth import (
    Answers,
    Binding,
    Context,
    ExchangeError,
    Mechanism,
    NoMechanism,
    ServerUnproven,
    UnknownMechanism,
    choose,
    oauth_refusal,
)
from smtptui.session.conversation import Conversation
from smtptui.session.failures import refusal
from smtptui.session.gate import EXCHANGE_ACTIONS
from smtptui.session.tls import end_point_binding
from smtptui.transcript import SessionError

_MOST_CHALLENGES = 20
"""No mechanism needs as many; a server that asks on and on is stopped."""
_LINE_MOST = 510
"""Octets of a command line without CRLF. A longer initial response waits for the server's empty challenge
(RFC 4954 section 4): tokens are often longer, and Postfix for one reads no more than 2048 of a command."""


def auth_wanted(talk: Conversation) -> bool:
    """Whether there is something to log in with and the user wants it."""
    return talk.logs_in


async def authenticate(talk: Conversation) -> None:
    """Log in once. A refused credential is never tried again, nor another mechanism with it."""
    credentials = talk.request.credentials
    assert credentials is not None
    if not talk.must_log_in and (why := _certificate_unwanted(talk)):
        talk.recorder.note(Stage.AUTH, f"no login: {why}")
        return
    _check_consent(talk)
    connection = talk.request.connection
    binding = _binding(talk)
    try:
        choice = choose(
            connection.auth,
            talk.capabilities.auth,
            credentials,
            tls=talk.tls is not None,
            bindable=bool(binding.data),
            certificate=connection.tls.client_cert is not None,
        )
    except UnknownMechanism as error:
        raise SessionError(Stage.AUTH, FailureKind.CONFIGURATION, str(error)) from error
    except NoMechanism as error:
        raise SessionError(Stage.AUTH, FailureKind.AUTH, str(error)) from error
    talk.recorder.note(Stage.AUTH, choice.why)
    context = Context(credentials, talk.target.host, talk.target.port, binding, talk.nonce)
    reply = await _exchange(talk, choice.mechanism, context)
    if reply is None:
        return
    talk.final = reply
    if reply.code != 235:
        advice = after_refused_login(choice.mechanism.wants, must_log_in=talk.must_log_in)
        raise refusal(Stage.AUTH, f"AUTH {choice.mechanism.name}", reply, advice)
    talk.auth = choice.mechanism.name


def _certificate_unwanted(talk: Conversation) -> str:
    """Why a client certificate does not log in here; empty if it can."""
    if talk.tls is None:
        return "without TLS the client certificate is not shown"
    if "EXTERNAL" not in talk.capabilities.auth:
        return "the server does not offer EXTERNAL, by which the client certificate would log in"
    return ""


def _check_consent(talk: Conversation) -> None:
    connection = talk.request.connection
    if talk.tls is not None:
        return
    if connection.tls_mode is TlsMode.OPPORTUNISTIC:
        raise SessionError(
            Stage.AUTH,
            FailureKind.CONSENT,
            "The connection is not encrypted"
            + (", since the server offers no STARTTLS" if "STARTTLS" not in talk.capabilities else "")
            + "; opportunistic TLS never logs in in the clear. Use a port with starttls or implicit TLS.",
        )
    if not connection.allow_clear_auth and connection.socket_path is None:
        raise SessionError(
            Stage.AUTH,
            FailureKind.CONSENT,
            "The connection is not encrypted: everybody on the way could read the login. Use starttls or implicit "
            "TLS, or allow it with --allow-clear-auth.",
        )


def _binding(talk: Conversation) -> Binding:
    data: list[tuple[str, bytes]] = []
    channel = talk.live().channel()
    if channel is not None:
        if channel.version() != "TLSv1.3" and (unique := channel.get_channel_binding("tls-unique")):
            data.append(("tls-unique", unique))
        if talk.channel_certificate:
            data.append(("tls-server-end-point", end_point_binding(talk.channel_certificate)))
    return Binding(tuple(data), any(name.endswith("-PLUS") for name in talk.capabilities.auth))


async def _exchange(talk: Conversation, mechanism: Mechanism, context: Context) -> Reply | None:
    """The command, the challenges and answers; returns the reply that ends it, None where it was skipped."""
    answers = mechanism.start(context)
    complete = not mechanism.finished_by_server
    try:
        initial = next(answers)
    except ExchangeError as error:
        raise SessionError(Stage.AUTH, FailureKind.AUTH, f"{mechanism.name}: {error}.") from error
    command = f"AUTH {mechanism.name}"
    if initial is not None:
        # An empty initial response is "=" (RFC 4954 section 4).
        whole = f"{command} {_encoded(initial) or '='}"
        if len(whole) <= _LINE_MOST:
            command, initial = whole, None
    pair = await talk.ask(Stage.AUTH, command)
    for _ in range(_MOST_CHALLENGES):
        if pair is None:
            return None
        reply, true = pair
        if reply.code != 334:
            if reply.code == 235 and not complete:
                raise SessionError(
                    Stage.AUTH,
                    FailureKind.PROTOCOL,
                    f"The server says the login succeeded, but did not prove itself as {mechanism.name} demands: it "
                    "may be an impostor. The session was stopped.",
                    reply,
                )
            return reply
        challenge = _decoded(true.lines)
        if challenge is None:
            return await _cancel(talk, "the server's challenge is not base64", FailureKind.PROTOCOL)
        _show(talk, mechanism, challenge)
        try:
            answer, initial = initial, None
            if answer is None:
                # Key derivation may take a second: off the event loop.
                answer = await asyncio.to_thread(_advance, answers, challenge)
        except ServerUnproven as error:
            return await _cancel(talk, talk.recorder.masker.challenge(str(error)), FailureKind.PROTOCOL)
        except ExchangeError as error:
            return await _cancel(talk, talk.recorder.masker.challenge(str(error)), FailureKind.AUTH)
        if answer is None:
            return await _cancel(talk, f"{mechanism.name} has no answer to another challenge", FailureKind.PROTOCOL)
        if mechanism.finished_by_server and answer == b"":
            complete = True
        pair = await talk.ask(Stage.AUTH, _encoded(answer), allowed=EXCHANGE_ACTIONS, kind=EventKind.CONTINUATION)
    return await _cancel(talk, f"the server sent {_MOST_CHALLENGES} challenges", FailureKind.PROTOCOL)


def _advance(answers: Answers, challenge: bytes) -> bytes | None:
    try:
        return answers.send(challenge)
    except StopIteration:
        return None


async def _cancel(talk: Conversation, why: str, kind: FailureKind) -> Reply:
    """End the exchange with "*" (RFC 4954 section 4), then the session."""
    reply = await talk.say(Stage.AUTH, "*", allowed=EXCHANGE_ACTIONS)
    raise SessionError(Stage.AUTH, kind, f"AUTH was cancelled: {why}.", reply)


def _show(talk: Conversation, mechanism: Mechanism, challenge: bytes) -> None:
    refused = oauth_refusal(challenge) if mechanism.wants == "token" else None
    masker = talk.recorder.masker
    if refused:
        talk.recorder.note(Stage.AUTH, f"the server refuses the token: {masker.challenge(refused)}")
    elif mechanism.finished_by_server and challenge.startswith(b"v="):
        talk.recorder.note(Stage.AUTH, "challenge: the server's own proof, which is checked")
    elif challenge:
        talk.recorder.note(Stage.AUTH, f"challenge: {masker.challenge(visible(decode(challenge)))}")


def _encoded(answer: bytes) -> str:
    return base64.b64encode(answer).decode("ascii")


def _decoded(lines: Sequence[str]) -> bytes | None:
    text = lines[-1].strip() if lines else ""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
