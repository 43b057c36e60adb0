"""A supervised runner: the secret on its input, and what the end of the input means."""

import os
import sys

import pytest

from smtptui.batch import BatchError, BatchErrorKind, start_runner, supervised_credentials
from smtptui.profiles import plan_login
from smtptui.protocol import Connection, Secret

LOGIN = plan_login(Connection("127.0.0.1", 587, auth="PLAIN"), "me")


def given(octets: bytes) -> int:
    """A descriptor from which these octets are read."""
    reading, writing = os.pipe()
    os.write(writing, octets)
    os.close(writing)
    return reading


def test_the_first_line_is_the_secret_and_the_rest_is_left() -> None:
    reading = given(b"s\xc3\xa4cret\r\nrest")
    credentials = supervised_credentials(LOGIN, reading)
    assert credentials is not None
    assert credentials.password == Secret("säcret")
    assert os.read(reading, 9) == b"rest"
    os.close(reading)


@pytest.mark.parametrize(("line", "kind"), [(b"\n", BatchErrorKind.USAGE), (b"\xff\n", BatchErrorKind.INPUT)])
def test_a_line_without_a_secret_is_refused(line: bytes, kind: BatchErrorKind) -> None:
    reading = given(line)
    with pytest.raises(BatchError) as caught:
        supervised_credentials(LOGIN, reading)
    assert caught.value.kind is kind
    os.close(reading)


def test_without_a_login_the_line_is_empty() -> None:
    reading = given(b"\n")
    assert supervised_credentials(plan_login(Connection("127.0.0.1", 25), ""), reading) is None
    os.close(reading)


def test_a_runner_gets_the_secret_on_its_input_and_ends_with_it() -> None:
    # It ends with 7 if the line is the secret, once its input has ended.
    program = (
        "import sys; line = sys.stdin.readline(); sys.stdin.read(); sys.exit(7 if line[::-1] == '\\nneddih' else 1)"
    )
    with start_runner([sys.executable, "-c", program], Secret("hidden")) as runner:
        assert runner.poll() is None
        assert "hidden" not in str(runner.args)
        assert runner.stdin is not None
        runner.stdin.close()
        assert runner.wait(60) == 7
