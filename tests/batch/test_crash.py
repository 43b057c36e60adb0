"""The promise of a batch, tried by force: never silently lost, never sent twice by itself, every doubt by name.

The runner is killed at random moments and started again, while the server drops, resets, stalls and refuses; then it
runs to its end. The server's own record says what was received.
"""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.batch.trial import Trial
from tests.servers.counting import counting

GIVE_UP = 60
"""Runs after the last kill, within which a batch must come to its end."""


def people(count: int) -> list[str]:
    """Addresses, some unknown to the server and some greylisted by it."""
    names = {3: "unknown", 7: "grey"}
    return [f"{names.get(number % 50, 'user')}{number}@good{number % 9}.test" for number in range(count)]


def kill_at_random(trial: Trial, chance: random.Random, most: int) -> None:
    """Start the runner and kill it: most often soon after the server took some more messages, sometimes before it
    took any."""
    # A line of its record is some 80 octets; reading it all again and again would be slow.
    record = trial.folder / "record"
    before = record.stat().st_size
    with trial.running("--no-wait") as runner:
        if chance.random() < 0.15:
            early = time.monotonic() + chance.uniform(0.0, 1.0)
            while time.monotonic() < early and runner.poll() is None:
                time.sleep(0.01)
        else:
            target = before + 80 * chance.randrange(most)
            # Where the pace holds everything back for a while, it is killed there; to start takes a while as well.
            enough = time.monotonic() + 10
            while runner.poll() is None and record.stat().st_size < target and time.monotonic() < enough:
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 0.01))
        if runner.poll() is None:
            runner.send_signal(signal.SIGKILL)
            runner.wait()
            trial.kills += 1


def run_to_the_end(trial: Trial) -> None:
    """Let the runner go on, and have the deferred tried at once, until nobody is left."""
    for _ in range(GIVE_UP):
        trial.command("batch", "retry", "trial", "--state", "deferred")
        ended = trial.command("batch", "run", "trial", "--untested", "--no-wait", timeout=120)
        status = trial.status()
        if status["pending"] + status["deferred"] + status["inflight"] == 0:
            return
        assert ended.code in (75, 76), ended.err
    raise AssertionError(f"not at its end after {GIVE_UP} runs: {status}")


def crash(folder: Path, *, seed: int, count: int, kills: int, storm: float) -> dict[str, int]:
    """One trial; returns its figures."""
    chance, addresses = random.Random(seed), people(count)
    # A slow server, so that there is something on its way whenever the end comes.
    with counting(folder / "record", seed=seed, storm=storm, slow=0.002) as port:
        trial = Trial(folder, port, folder / "record")
        trial.new(addresses, "--timeout", "2")
        # Else each run would look at every message first, and be killed while it does.
        trial.done("batch", "lint", "trial", timeout=300)
        runs = 0
        while trial.kills < kills:
            runs += 1
            kill_at_random(trial, chance, max(2, count // kills))
            if (runs % 10 == 0 or trial.kills == kills) and trial.audit(addresses)["pending"] == 0:
                break
        run_to_the_end(trial)
        states = trial.audit(addresses)
        assert {row.state for row in trial.rows().values()} <= {"sent", "failed", "uncertain"}
        failed = {address for address, row in trial.rows().items() if row.state == "failed"}
        assert failed == {address for address in addresses if address.startswith("unknown")}
        held = {address for address, row in trial.rows().items() if row.state == "uncertain"}
        figures = {
            "kills": trial.kills,
            "runs": runs,
            "sent": states["sent"],
            "uncertain": states["uncertain"],
            "of these received": sum(trial.received().accepted[address] for address in held),
            "faults": sum(trial.received().faults.values()),
            "unanswered after the dot": trial.received().unanswered,
        }
        if held:
            resend_the_held(trial, addresses, held)
    return figures


def resend_the_held(trial: Trial, addresses: list[str], held: set[str]) -> None:
    """Only what is asked for is sent again, and as the same message."""
    before = trial.received()
    for _ in range(GIVE_UP):
        trial.done("batch", "resolve", "trial", "--resend")
        run_to_the_end(trial)
        if trial.status()["uncertain"] == 0:
            break
    after = trial.received()
    again = {address for address in addresses if after.accepted[address] > before.accepted[address]}
    assert again == held
    assert [address for address, ids in after.message_ids.items() if len(ids) != 1] == []
    wanted = {address for address in addresses if not address.startswith("unknown")}
    assert set(after.accepted) == wanted, "somebody never got it"


def test_killed_and_resumed_nobody_is_lost_and_nobody_gets_it_twice(tmp_path: Path) -> None:
    figures = crash(tmp_path, seed=1, count=2_400, kills=3, storm=0.005)
    assert figures["kills"] >= 2, figures


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_kills(tmp_path: Path, seed: int) -> None:
    figures = crash(tmp_path, seed=seed, count=20_000, kills=200, storm=0.01)
    print(figures)
    assert figures["kills"] == 200, figures
    # Or the kills did not hit what they were meant for.
    assert figures["uncertain"] > 200, figures
