"""An account is a login at a host; what is sent by it counts once, whichever way it is sent."""

import time
from pathlib import Path

import pytest

from smtptui.batch import Count, Shared, account_of
from smtptui.protocol import Connection
from smtptui.transcript import Outcome, Verdict
from tests.cli.sessions import outcome

CONNECTION = Connection("relay.test", 587)


@pytest.mark.parametrize(
    ("host", "port", "user"),
    [("relay.test", 465, "me"), ("RELAY.test.", 25, " Me"), ("relay.test", 2525, "ME")],
)
def test_one_account_has_many_ports_and_spellings(host: str, port: int, user: str) -> None:
    assert account_of(Connection(host, port), user) == account_of(CONNECTION, "me")


def test_other_logins_and_hosts_are_other_accounts() -> None:
    names = {
        account_of(CONNECTION, "me"),
        account_of(CONNECTION, "you"),
        account_of(CONNECTION, ""),
        account_of(Connection("other.test", 587), "me"),
        account_of(Connection("::1", 587), "me"),
        account_of(Connection(socket_path=Path("/run/relay")), "me"),
    }
    assert len(names) == 6
    assert account_of(Connection("0:0::1"), "") == account_of(Connection("::1", 465), "")
    assert account_of(Connection("bücher.test"), "") == account_of(Connection("xn--bcher-kva.test"), "")


def _ended(*verdicts: Verdict) -> Outcome:
    return outcome(*((verdict, None) for verdict in verdicts))


def test_who_was_not_tried_is_given_back(tmp_path: Path) -> None:
    path, now = tmp_path / "shared.sqlite", time.time()
    count = Count(path, CONNECTION, "me", 4, 3)
    count.begin(now)
    assert count.notes == ()
    with Shared(path) as shared:
        assert shared.used("me@relay.test", now) == 3
    count.end(_ended(Verdict.ACCEPTED, Verdict.REFUSED, Verdict.UNTRIED), now)
    again = Count(path, Connection("Relay.test", 25), "ME", 4, 3)
    again.begin(now)
    assert "5 recipients in 24 hours" in again.notes[0]
    # What ended in a way that nobody foresaw counts whole.
    again.end(None, now)
    with Shared(path) as shared:
        assert shared.used("me@relay.test", now) == 5


def test_a_file_that_cannot_be_used_keeps_nobody_from_sending(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    path.write_bytes(b"something else" * 100)
    count = Count(path, CONNECTION, "me", 4, 3)
    count.begin(0.0)
    assert "not counted against the daily cap of 4" in count.notes[0]
    count.end(_ended(Verdict.ACCEPTED), 0.0)
