"""Every way a session can end has its exit code."""

import pytest

from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.verdict import exit_code
from smtptui.explain import kind_of
from smtptui.protocol import FailureKind, Stage
from smtptui.session.recipient_verdict import verdict_of
from smtptui.transcript import Verdict
from tests.cli.sessions import outcome, reply

K, V = FailureKind, Verdict
OK = (V.ACCEPTED, "250 2.0.0 Ok")
REFUSED = (V.REFUSED, "550 5.1.1 No such user")
DEFERRED = (V.DEFERRED, "451 4.7.1 Later")
UNCERTAIN = (V.UNCERTAIN, None)
UNTRIED = (V.UNTRIED, None)


def test_all_accepted_or_stage_reached_is_0() -> None:
    assert exit_code(outcome(OK, OK)) is ExitCode.OK
    assert exit_code(outcome(UNTRIED)) is ExitCode.OK


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (K.DNS_UNKNOWN, 68),
        (K.DNS_TEMPORARY, 75),
        (K.NULL_MX, 69),
        (K.CONNECT, 75),
        (K.TIMEOUT, 75),
        (K.CLOSED, 75),
        (K.TLS, 76),
        (K.CERTIFICATE, 76),
        (K.PROTOCOL, 76),
        (K.AUTH, 77),
        (K.AUTH_TEMPORARY, 75),
        (K.CONSENT, 77),
        (K.UNSUPPORTED, 69),
        (K.TOO_LARGE, 69),
        (K.REFUSED, 69),
        (K.DEFERRED, 75),
        (K.UNCERTAIN, 76),
        (K.INPUT, 65),
        (K.CONFIGURATION, 78),
        (K.LOCAL, 74),
        (K.CANCELLED, 75),
    ],
)
def test_what_failed_gives_the_code(kind: FailureKind, code: int) -> None:
    assert exit_code(outcome(UNTRIED, failure=kind)) == code


def test_no_kind_of_failure_is_forgotten() -> None:
    for kind in FailureKind:
        assert exit_code(outcome(UNTRIED, failure=kind)) not in (ExitCode.OK, ExitCode.INTERNAL)


@pytest.mark.parametrize("code", [530, 534, 535, 538])
def test_a_reply_about_the_login_is_77_wherever_it_comes(code: int) -> None:
    text = f"{code} 5.7.0 Authentication required"
    assert exit_code(outcome(UNTRIED, failure=K.AUTH, why=text)) == 77
    assert exit_code(outcome(OK, (V.REFUSED, text), failure=K.REFUSED)) == 77


def test_530_that_wants_starttls_is_about_tls() -> None:
    text = "530 5.7.0 Must issue a STARTTLS command first"
    assert exit_code(outcome(UNTRIED, failure=K.TLS, why=text)) == 76
    assert exit_code(outcome(OK, (V.REFUSED, text), failure=K.TLS, why=text)) == 76


@pytest.mark.parametrize(
    "text",
    [
        *(f"{code} 5.7.0 Authentication required" for code in (530, 534, 535, 538)),
        "530 5.7.0 Must issue a STARTTLS command first",
        "534 5.7.9 STARTTLS, then a stronger mechanism",
        "550 5.1.1 No such user; try STARTTLS",
        "552 5.2.2 Mailbox full",
        "451 4.7.1 Later",
    ],
)
def test_a_reply_means_the_same_to_a_recipient_and_to_the_session(text: str) -> None:
    meant = kind_of(reply(text), Stage.RCPT)
    verdict = verdict_of(reply(text), Stage.RCPT)
    # Beside a failure of less weight the recipient's own reply decides.
    assert exit_code(outcome((verdict, text), failure=K.REFUSED)) == exit_code(outcome(UNTRIED, failure=meant))


def test_the_worst_recipient_decides() -> None:
    assert exit_code(outcome(OK, REFUSED, failure=K.REFUSED)) == 69
    assert exit_code(outcome(OK, REFUSED, DEFERRED, failure=K.DEFERRED)) == 75
    assert exit_code(outcome(REFUSED, DEFERRED, UNCERTAIN, failure=K.UNCERTAIN)) == 76
    assert exit_code(outcome(REFUSED, UNCERTAIN, UNTRIED, failure=K.AUTH)) == 77
    assert exit_code(outcome(OK, DEFERRED, failure=K.REFUSED)) == 75


def test_failure_counts_beside_the_recipients() -> None:
    assert exit_code(outcome(REFUSED, UNTRIED, failure=K.TIMEOUT)) == 75
