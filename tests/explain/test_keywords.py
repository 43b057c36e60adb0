"""The words of EHLO: every registered one is known, parameters are told in words, nothing a server says breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.explain import keyword, known_keywords, parameters_in_words
from smtptui.session import MECHANISMS

REGISTERED = frozenset(
    """SEND SOML SAML EXPN HELP TURN 8BITMIME SIZE VERB ONEX CHUNKING BINARYMIME CHECKPOINT DELIVERBY PIPELINING DSN
    ETRN ENHANCEDSTATUSCODES STARTTLS NO-SOLICITING MTRK SUBMITTER ATRN AUTH BURL FUTURERELEASE CONPERM CONNEG UTF8SMTP
    SMTPUTF8 MT-PRIORITY RRVS REQUIRETLS LIMITS""".split()  # noqa: SIM905 - a list of words is easier to compare
)
"""The IANA registry of SMTP service extensions, 2025-08-25."""


def test_the_registry_is_known_in_full() -> None:
    assert {name for name, known in known_keywords().items() if known.registered} == REGISTERED
    for name in REGISTERED:
        assert known_keywords()[name].source.startswith("RFC ") or name in ("VERB", "ONEX")


def test_entries_fit_a_line_and_are_no_sentences() -> None:
    for name, known in known_keywords().items():
        assert name == name.upper()
        assert known.says.isprintable()
        assert 10 <= len(known.says) <= 100
        assert not known.says.endswith(".")
        assert known.source


@pytest.mark.parametrize("name", ["XCLIENT", "XFORWARD", "X-ANONYMOUSTLS", "X-EXPS", "XEXCH50", "AUTH=", "VRFY"])
def test_private_ones_are_known_as_such(name: str) -> None:
    known = keyword(name.lower())
    assert known is not None
    assert not known.registered


def test_what_nobody_knows() -> None:
    assert keyword("XMAILER") is None
    assert parameters_in_words("XMAILER", "1 2 3", spoken=()) == ""


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("SIZE", "52428800", "at most 50 MiB (52,428,800 octets)"),
        ("SIZE", "35882577", "at most 34.2 MiB (35,882,577 octets)"),
        ("SIZE", "100", "at most 100 octets"),
        ("size", "0", "no fixed limit"),
        ("SIZE", "", "no limit is named"),
        ("SIZE", "much", ""),
        ("SIZE", "９", ""),
        ("SIZE", "99999999999999999999", "at most 86.7 EiB (99,999,999,999,999,999,999 octets)"),
        ("AUTH", "PLAIN LOGIN", "smtptui speaks PLAIN, LOGIN"),
        ("AUTH", "plain ntlm x-own", "smtptui speaks PLAIN; not NTLM (Windows challenge and response), X-OWN"),
        ("AUTH=", "GSSAPI", "smtptui speaks none of them: GSSAPI (Kerberos)"),
        ("AUTH", "", "no mechanism is named"),
        ("LIMITS", "RCPTMAX=100 MAILMAX=20", "at most 100 recipients a message, 20 messages a session"),
        ("LIMITS", "RCPTDOMAINMAX=1 FOO=2 RCPTMAX=x", "at most 1 recipient domains a message, FOO=2, RCPTMAX=x"),
        ("FUTURERELEASE", "86400 2027-01-01T00:00:00Z", "up to 1 day ahead, until 2027-01-01T00:00:00Z at the latest"),
        ("FUTURERELEASE", "7200", "up to 2 hours ahead"),
        ("DELIVERBY", "90", "no sooner than in 90 seconds"),
        ("DELIVERBY", "", ""),
        ("MT-PRIORITY", "MIXER", "by the policy MIXER"),
        ("BURL", "imap imap://mail.test", "from any IMAP server that lets it"),
        ("BURL", "imap://mail.test", "from mail.test"),
        ("BURL", "", "once logged in"),
        ("NO-SOLICITING", "net.test:ADV", "not wanted: net.test:ADV"),
        ("XCLIENT", "NAME ADDR", "may be told: NAME, ADDR"),
        ("PIPELINING", "", ""),
    ],
)
def test_parameters_in_words(name: str, parameters: str, words: str) -> None:
    assert parameters_in_words(name, parameters, spoken=MECHANISMS) == words


@given(st.sampled_from(sorted(known_keywords())), st.text(max_size=60))
def test_no_parameters_break_it(name: str, parameters: str) -> None:
    assert isinstance(parameters_in_words(name, parameters, spoken=MECHANISMS), str)
