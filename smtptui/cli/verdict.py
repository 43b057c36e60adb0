"""What a session came to, as an exit code."""

from smtptui.cli.exitcodes import PRECEDENCE, ExitCode
from smtptui.explain import asks_for_login, asks_for_tls
from smtptui.protocol import FailureKind
from smtptui.transcript import Outcome, RecipientOutcome, Verdict

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
    Verdict.UNREADABLE: ExitCode.DATA,
}


def exit_code(outcome: Outcome) -> ExitCode:
    """The code for a session's end; the worst of several, in the order of ``PRECEDENCE``."""
    if outcome.ok:
        return ExitCode.OK
    codes: set[ExitCode] = {
        _of_recipient(recipient) for recipient in outcome.recipients if recipient.verdict in _OF_VERDICT
    }
    if outcome.failure is not None:
        codes.add(_OF_KIND[outcome.failure.kind])
    ranked = [code for code in PRECEDENCE if code in codes and code is not ExitCode.OK]
    if ranked:
        return ranked[0]
    # What is outside the precedence is about us or the name, and comes before any recipient was tried.
    return next((code for code in ExitCode if code in codes and code is not ExitCode.OK), ExitCode.INTERNAL)


def _of_recipient(recipient: RecipientOutcome) -> ExitCode:
    """The code for one recipient; for a refusal that of a session which failed with the same reply."""
    reply = recipient.reply
    if recipient.verdict is not Verdict.REFUSED or reply is None or not asks_for_login(reply):
        return _OF_VERDICT[recipient.verdict]
    return _OF_KIND[FailureKind.TLS if asks_for_tls(reply) else FailureKind.AUTH]
