"""The TLS handshake, implicit or after STARTTLS, and what is recorded of it."""

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from datetime import datetime

from smtptui.protocol import FailureKind, Stage, TlsMode
from smtptui.session.certificate import read_chain
from smtptui.session.conversation import Conversation
from smtptui.session.tls import Channel, TlsFileError, certificate_fault, facts, handshake_fault, make_context
from smtptui.transcript import EXPIRES_SOON, CertificateFacts, SessionError


def must_verify(talk: Conversation) -> bool:
    """Whether OpenSSL has to accept the certificate.

    Opportunistic TLS without a login is better than none whoever answers (RFC 7435), so there the result is
    only noted; with a login the check is strict.
    """
    settings = talk.request.connection.tls
    if not settings.verify or settings.fingerprint is not None:
        return False
    return talk.request.connection.tls_mode is not TlsMode.OPPORTUNISTIC or talk.must_log_in


async def prepare(talk: Conversation) -> ssl.SSLContext:
    """The context for this conversation; raises :class:`SessionError` for files that cannot be used."""
    settings, verify = talk.request.connection.tls, must_verify(talk)
    try:
        return await asyncio.to_thread(make_context, settings, talk.sighting, verify=verify)
    except TlsFileError as error:
        raise SessionError(Stage.TLS, FailureKind.CONFIGURATION, str(error)) from error


async def handshake(talk: Conversation, shake: Callable[[], Awaitable[None]]) -> None:
    """Run ``shake`` and record what came of it; every failure becomes a :class:`SessionError`."""
    recorder, name = talk.recorder, talk.tls_name
    started = recorder.now
    try:
        await shake()
    except ssl.SSLCertVerificationError as error:
        _note_chain(talk)
        message = certificate_fault(error, talk.sighting, name, talk.now())
        raise SessionError(Stage.TLS, FailureKind.CERTIFICATE, message) from error
    except TimeoutError as error:
        raise SessionError(Stage.TLS, FailureKind.TIMEOUT, _silence(talk)) from error
    except ConnectionAbortedError as error:
        # asyncio's word for a handshake that took too long.
        raise SessionError(Stage.TLS, FailureKind.TIMEOUT, _silence(talk)) from error
    except ValueError as error:
        raise SessionError(
            Stage.TLS, FailureKind.CONFIGURATION, f"The name “{name}” cannot be asked for in a TLS handshake."
        ) from error
    except (ssl.SSLError, OSError) as error:
        raise SessionError(Stage.TLS, FailureKind.TLS, handshake_fault(error)) from error
    await _record(talk, recorder.now - started)


async def _record(talk: Conversation, took: float) -> None:
    settings, channel = talk.request.connection.tls, talk.live().channel()
    if channel is None:
        raise SessionError(Stage.TLS, FailureKind.TLS, "The connection was lost right after the TLS handshake.")
    chain = talk.sighting.chain
    talk.channel_certificate = channel.getpeercert(binary_form=True) or b""
    found = await asyncio.to_thread(
        facts,
        Channel.of(channel),
        talk.sighting,
        settings,
        name=talk.tls_name,
        checked=must_verify(talk),
        now=talk.now(),
    )
    talk.tls = found
    talk.recorder.secured(f"{found.version} {found.cipher}", took)
    _note_chain(talk)
    if settings.fingerprint is not None and not found.verified:
        seen = hashlib.sha256(chain[0]).hexdigest() if chain else "none"
        # Whoever this is gets to hear nothing, not even QUIT.
        talk.closing = True
        raise SessionError(
            Stage.TLS,
            FailureKind.CERTIFICATE,
            f"The server's certificate is not the pinned one: its SHA-256 is {seen}. If it was renewed on purpose, "
            "pin the new one; otherwise somebody is in between.",
        )
    talk.recorder.secured(found.verification)
    await talk.live().wire.settled()


def _note_chain(talk: Conversation) -> None:
    talk.chain = read_chain(talk.sighting.chain)
    for position, certificate in enumerate(talk.chain):
        talk.recorder.secured(describe_certificate(certificate, talk.now(), issuer_only=position > 0))


def describe_certificate(certificate: CertificateFacts, now: datetime, *, issuer_only: bool = False) -> str:
    """A certificate in a line: names, issuer, expiry."""
    days = certificate.days_left(now)
    if now > certificate.not_after:
        until = f"EXPIRED {certificate.not_after:%Y-%m-%d}"
    elif now < certificate.not_before:
        until = f"NOT YET VALID, valid from {certificate.not_before:%Y-%m-%d}"
    else:
        until = f"until {certificate.not_after:%Y-%m-%d}, {days} day{'' if days == 1 else 's'} left"
        if days < EXPIRES_SOON:
            until += ", EXPIRES SOON"
    what = "issuer" if issuer_only else "certificate"
    names = f" for {', '.join(certificate.names)}" if certificate.names else ""
    return f"{what} “{certificate.subject}”{names}, {certificate.key}, by “{certificate.issuer}”, {until}"


def _silence(talk: Conversation) -> str:
    seconds = talk.seconds(Stage.TLS)
    if talk.implicit:
        return (
            f"No TLS handshake within {seconds:g} s: the server may wait for plain SMTP here. Use starttls, "
            "or the implicit-TLS port (465)."
        )
    return f"No TLS handshake within {seconds:g} s after STARTTLS: the server stopped answering."
