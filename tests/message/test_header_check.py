"""Header fields checked while they are typed: the same verdicts as when the message is built."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.message import MessageError, check_headers, replaced_by
from tests.message.making import make


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (("X-Mailer", "smtptui"), ""),
        (("", ""), ""),
        (("", "value"), "no name"),
        (("X Y", "value"), "no blank"),
        (("Date", "yesterday"), "no date"),
        (("Message-ID", "x"), "no message id"),
        (("Bcc", "a@example.org"), "give the address in Bcc instead (--bcc)"),
        (("Content-Type", "text/plain"), "structure"),
        (("To", "a@@b"), "a@@b"),
        (("To", "undisclosed-recipients:;"), ""),
        (("X-Mailer", "bell\x07"), "control character"),
    ],
)
def test_each_is_told_what_is_wrong_with_it(header: tuple[str, str], says: str) -> None:
    (fault,) = check_headers([header])
    assert says in fault
    assert bool(fault) == bool(says)
    assert not fault or fault.endswith((".", "”."))


def test_the_second_of_two_that_may_stand_once_is_the_one_that_is_wrong() -> None:
    faults = check_headers([("Subject", "a"), ("X-One", "1"), ("subject", "b"), ("X-One", "2")])
    assert [bool(fault) for fault in faults] == [False, False, True, False]
    assert "once" in faults[2]


@pytest.mark.parametrize(
    ("name", "what"), [("DATE", "the date of sending"), ("Subject", "the field Subject"), ("X", "")]
)
def test_what_a_header_replaces(name: str, what: str) -> None:
    assert replaced_by(name) == what


NAMES = st.sampled_from(["Date", "To", "Cc", "Bcc", "X-One", "Message-ID", "Subject", "References", "a b", "Sender"])


@given(st.lists(st.tuples(NAMES | st.text(max_size=8), st.text(max_size=20)), max_size=4))
def test_headers_without_fault_are_those_that_can_be_built(headers: list[tuple[str, str]]) -> None:
    headers = [header for header in headers if any(header)]
    faults = check_headers(headers)
    built = False
    with contextlib.suppress(MessageError):
        built = bool(make(headers=tuple(headers)).content)
    assert built == (not any(faults))
