"""A list through a real Postfix that is strict with lists: the journal and Postfix's own log say the same of everyone.

One in twenty is unknown there, some are greylisted, some messages are above the size limit, and a limit on messages a
second turns away who is too fast.
"""

import random
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.batch.trial import Trial
from tests.servers.postfix import GREY_SECONDS, Postfix
from tests.servers.postfix_log import Account, read_account

RUNS = 100
HELD_S = 8.0


def addresses(mark: str, count: int) -> list[str]:
    """One in twenty unknown, one in twelve greylisted."""
    names = []
    for number in range(count):
        kind = "nobody" if number % 20 == 3 else "test-grey" if number % 12 == 5 else "test"
        names.append(f"{kind}-{mark}-{number}@good.test")
    return names


def send_all(trial: Trial) -> None:
    """Run until nobody is left; who is greylisted is tried again at once, and a run that is held back is stopped, since
    the next one does not know of it."""
    for _ in range(RUNS):
        with trial.running("--no-wait") as runner:
            try:
                runner.wait(HELD_S)
            except subprocess.TimeoutExpired:
                runner.send_signal(signal.SIGTERM)
                runner.wait(40)
            # On a busy machine it may be stopped before it has begun.
            assert runner.returncode in (69, 75, -signal.SIGTERM), runner.stderr and runner.stderr.read()
        status = trial.status()
        if status["pending"] + status["deferred"] == 0:
            return
        time.sleep(GREY_SECONDS)
        trial.command("batch", "retry", "trial", "--state", "deferred")
    raise AssertionError(f"not at its end after {RUNS} runs: {status}")


def settled(postfix: Postfix, belongs: re.Pattern[str], count: int) -> Account:
    """Postfix's account, once it has delivered what it took."""
    ends = time.monotonic() + 60
    while True:
        account = read_account(postfix.whole_log, belongs)
        if len(account.sent) >= count or time.monotonic() > ends:
            return account
        time.sleep(0.1)


def compare(folder: Path, postfix: Postfix, mark: str, count: int, *options: str) -> Account:
    """Send to a list, and hold journal and log against each other."""
    people = addresses(mark, count)
    trial = Trial(folder, postfix.ports.lists)
    trial.new(people, *options)
    send_all(trial)
    rows = trial.rows()
    assert rows.keys() == set(people)
    sent = {address: row for address, row in rows.items() if row.state == "sent"}
    account = settled(postfix, re.compile(rf"(nobody|test|test-grey)-{mark}-"), len(sent))
    assert {address: [row.queue_id] for address, row in sent.items()} == account.sent
    assert {row.queue_id: row.message_id for row in sent.values()}.items() <= account.message_ids.items()
    failed = {address: f"{row.code} {row.enhanced}" for address, row in rows.items() if row.state == "failed"}
    assert failed == {address: "550 5.1.1" for address in people if address.startswith("nobody")}
    assert sent.keys() | failed.keys() == set(people)
    refused_for_good = {address for address, replies in account.rejected.items() if replies[-1].startswith("5")}
    assert refused_for_good == failed.keys()
    grey = {address for address, replies in account.rejected.items() if "450 4.2.0" in replies}
    assert grey == {address for address in people if address.startswith("test-grey")}
    return account


@pytest.mark.servers
def test_the_journal_is_what_postfix_has(postfix: Postfix, tmp_path: Path) -> None:
    compare(tmp_path, postfix, f"s{random.randrange(10**6)}", 100, "--rate", "50/s")


@pytest.mark.servers
def test_a_message_above_the_size_limit_is_left_alone(postfix: Postfix, tmp_path: Path) -> None:
    mark = f"z{random.randrange(10**6)}"
    people = [f"test-{mark}-{number}@good.test" for number in range(30)]
    trial = Trial(tmp_path, postfix.ports.lists)
    line = (
        "{% for each in range(600 if number == '7' else 2) %}{{ each }} is one of many lines to be read.\n{% endfor %}"
    )
    trial.new(people, text=line)
    trial.done("batch", "run", "trial", "--untested", "--no-wait", code=75, timeout=120)
    rows = trial.rows()
    assert {address for address, row in rows.items() if row.state == "pending"} == {people[7]}
    account = settled(postfix, re.compile(rf"test-{mark}-"), 29)
    assert account.sent == {address: [row.queue_id] for address, row in rows.items() if row.state == "sent"}
    assert len(account.sent) == 29


@pytest.mark.servers
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_thousand_and_a_limit_that_turns_them_away(postfix: Postfix, tmp_path: Path) -> None:
    account = compare(tmp_path, postfix, f"l{random.randrange(10**6)}", 2000)
    assert account.too_fast > 0, "the rate limit was never met"
