"""What a session came to, as an exit code."""

from smtptui.cli.exitcodes import PRECEDENCE, ExitCode
from smtptui.protocol import Reply
from smtptui.session import FailureKind, Outcome, Verdict

_OF_KIND = {
    FailureKind.DNS_UNKNOWN: ExitCode.NO_HOST,
    FailureKind.DNS_TEMPORARY: ExitCode.TEMPORARY,
    FailureKind.NULL_MX: ExitCode.UNAVAILABLE,
    FailureKind.CONNECT: ExitCode.TEMPORARY,
    FailureKind.TIMEOUT: ExitCode.TEMPORARY,
    FailureKind.CLOSED: ExitCode.TEMPORARY,
    FailureKind.TLS: ExitCode.PROTOCOL,
    FailureKind.CERTIFICATE: ExitCode.PROTOCOL,
    FailureKind.PROTOCOL: ExitCode.PROTOCOL,
    FailureKind.AUTH: ExitCode.PERMISSION,
    FailureKind.AUTH_TEMPORARY: ExitCode.TEMPORARY,
    FailureKind.CONSENT: ExitCode.PERMISSION,
    FailureKind.UNSUPPORTED: ExitCode.UNAVAILABLE,
    FailureKind.TOO_LARGE: ExitCode.UNAVAILABLE,
    FailureKind.REFUSED: ExitCode.UNAVAILABLE,
    FailureKind.DEFERRED: ExitCode.TEMPORARY,
    FailureKind.UNCERTAIN: ExitCode.PROTOCOL,
    FailureKind.INPUT: ExitCode.DATA,
    FailureKind.CONFIGURATION: ExitCode.CONFIGURATION,
    FailureKind.LOCAL: ExitCode.IO,
    FailureKind.CANCELLED: ExitCode.TEMPORARY,
}
_OF_VERDICT = {
    Verdict.ACCEPTED: ExitCode.OK,
    Verdict.DEFERRED: ExitCode.TEMPORARY,
    Verdict.REFUSED: ExitCode.UNAVAILABLE,
    Verdict.UNCERTAIN: ExitCode.PROTOCOL,
}
_WANTS_LOGIN = frozenset({530, 534, 535, 538})
"""Replies that are about the login, at whatever stage they come (RFC 4954 sections 4.7.x and 6)."""


def exit_code(outcome: Outcome) -> ExitCode:
    """The code for a session's end; the worst of several, in the order of ``PRECEDENCE``."""
    if outcome.ok:
        return ExitCode.OK
    codes: set[ExitCode] = {
        ExitCode.PERMISSION if _about_login(recipient.reply) else _OF_VERDICT[recipient.verdict]
        for recipient in outcome.recipients
        if recipient.verdict in _OF_VERDICT
    }
    if outcome.failure is not None:
        about_login = _about_login(outcome.failure.reply)
        codes.add(ExitCode.PERMISSION if about_login else _OF_KIND[outcome.failure.kind])
    ranked = [code for code in PRECEDENCE if code in codes and code is not ExitCode.OK]
    if ranked:
        return ranked[0]
    # What is outside the precedence is about us or the name, and comes before any recipient was tried.
    return next((code for code in ExitCode if code in codes and code is not ExitCode.OK), ExitCode.INTERNAL)


def _about_login(reply: Reply | None) -> bool:
    return reply is not None and reply.code in _WANTS_LOGIN
