"""Files of a batch are damaged, cut, lost and put back while it is not done: nobody gets a message twice.

A runner is killed in the midst. Then, for each kind of damage, the files are those of that moment with the damage done
to them, and the batch is run again, recovered where it asks for it, and run to its end. What the server has received
before and since says who got a message how often.
"""

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.batch.trial import Trial
from tests.cli.running import Ended, flawless
from tests.servers.counting import counting

COUNT = 80
PEOPLE = [f"user{number}@good{number % 9}.test" for number in range(COUNT)]
PAGE, HEADER, FRAME = 4096, 32, 24
"""Octets of a page, and of the headers of a log and of a frame in it (SQLite file format, section 4)."""
Damage = Callable[["Files", random.Random], None]


@dataclass(frozen=True)
class Files:
    """The files of one batch, and of what all batches share."""

    data: Path
    kept: Path
    """Where the states of the files are kept that they once had."""

    @property
    def main(self) -> Path:
        return self.data / "batches" / "trial.sqlite"

    @property
    def log(self) -> Path:
        return Path(f"{self.main}-wal")

    @property
    def index(self) -> Path:
        return Path(f"{self.main}-shm")

    @property
    def shared(self) -> Path:
        return self.data / "shared.sqlite"

    def keep(self, name: str) -> None:
        """Keep the files as they are now."""
        shutil.copytree(self.data, self.kept / name)

    def restore(self, name: str) -> None:
        """Make the files what they were then."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(self.kept / name, self.data)

    def put_back(self, name: str, *suffixes: str) -> None:
        """Put back the journal of an earlier state; ``shared.sqlite`` stays."""
        for each in (self.main, self.log, self.index):
            each.unlink(missing_ok=True)
        for suffix in suffixes:
            old = self.kept / name / "batches" / f"trial.sqlite{suffix}"
            if old.exists():
                shutil.copy(old, f"{self.main}{suffix}")


class Damaged:
    """A batch whose runner was killed in the midst."""

    def __init__(self, trial: Trial, files: Files) -> None:
        self.trial, self.files = trial, files
        self.received: Counter[str] = Counter()
        """What the server had when the runner was killed."""

    def command(self, *arguments: str) -> Ended:
        """Run a command to its end."""
        return flawless(*arguments, env=self.trial.env)

    def run(self) -> Ended:
        """Send whatever is due now."""
        return self.command("batch", "run", "trial", "--untested", "--no-wait")

    def after(self, damage: Damage, *, seed: int = 0) -> str:
        """Do damage, and send to the end; in a word, what was necessary for it."""
        self.files.restore("killed")
        before = Counter(self.trial.received().accepted)
        damage(self.files, random.Random(seed))
        for look in (("status", "trial"), ("errors", "trial"), ("list",), ("export", "trial")):
            self.command("batch", *look)
        ended, word = self.run(), "whole"
        if ended.code == 74:
            assert "batch recover trial" in ended.err, ended.err
            word = "recovered"
            recovered = self.command("batch", "recover", "trial")
            if recovered.code == 74:
                word = "refused"
            else:
                assert recovered.code == 0, recovered.err
                ended = self.run()
                assert ended.code in (0, 75, 76), ended.err
        elif ended.code == 64:
            assert "There is no batch" in ended.err, ended.err
            word = "gone"
        else:
            # What the journal says of how it is to be sent cannot be read: nothing is.
            assert ended.code in (0, 75, 76, 78), ended.err
            word = "refused" if ended.code == 78 else word
        received = Counter(self.trial.received().accepted)
        got = Counter({each: self.received[each] + received[each] - before[each] for each in received})
        assert {each: number for each, number in got.items() if number > 1} == {}, word
        if word in ("whole", "recovered"):
            status = self.command("batch", "status", "trial", "--json").document
            assert (status["total"], status["pending"], status["damaged"]) == (COUNT, 0, None)
            missed = COUNT - len(got)
            assert missed <= status["uncertain"] + status["skipped"] + status["deferred"], "lost"
        return word


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Damaged]:
    """A batch that was sent to ten, paused, and then killed in the midst."""
    folder = tmp_path_factory.mktemp("damage")
    with counting(folder / "record", slow=0.004) as port:
        trial = Trial(folder, port, folder / "record", connections=3)
        files = Files(folder / "data", folder / "kept")
        case = Damaged(trial, files)
        trial.new(PEOPLE)
        files.keep("new")
        for name, number in (("paused", 10), ("killed", 40)):
            with trial.running("--no-wait") as runner:
                while sum(trial.received().accepted.values()) < number:
                    assert runner.poll() is None, runner.stderr and runner.stderr.read()
                if name == "paused":
                    runner.terminate()
                else:
                    runner.kill()
                runner.wait(30)
            files.keep(name)
        case.received = Counter(trial.received().accepted)
        assert 40 <= sum(case.received.values()) < COUNT
        assert files.log.stat().st_size > HEADER + FRAME + PAGE
        yield case


def flip(path: Path, chance: random.Random, *, least: int = 0, most: int | None = None) -> None:
    """One bit."""
    octets = bytearray(path.read_bytes())
    octets[chance.randrange(least, most or len(octets))] ^= 1 << chance.randrange(8)
    path.write_bytes(octets)


def cut(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)


def frames(path: Path) -> int:
    return (path.stat().st_size - HEADER) // (FRAME + PAGE)


def zero_tail(path: Path, begin: int) -> None:
    octets = path.read_bytes()
    path.write_bytes(octets[:begin] + bytes(len(octets) - begin))


def at_frame(path: Path, chance: random.Random) -> int:
    """Where a frame begins."""
    return HEADER + chance.randrange(frames(path)) * (FRAME + PAGE)


def from_elsewhere(files: Files, _: random.Random) -> None:
    for each in files.data.glob("shared.sqlite*"):
        each.unlink()


def foreign_log(files: Files, _: random.Random) -> None:
    """The log of another database, with checksums that are right."""
    other = files.kept / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE IF NOT EXISTS other (text)")
    connection.execute("INSERT INTO other VALUES ('x')")
    connection.commit()
    shutil.copy(f"{other}-wal", files.log)
    connection.close()


def with_the_log_of_now(files: Files, _: random.Random) -> None:
    files.put_back("new", "")
    shutil.copy(files.kept / "killed" / "batches" / "trial.sqlite-wal", files.log)


def older_shared(files: Files, _: random.Random) -> None:
    for each in files.data.glob("shared.sqlite*"):
        each.unlink()
    shutil.copy(files.kept / "paused" / "shared.sqlite", files.shared)


def without(*names: str) -> Damage:
    def damage(files: Files, _: random.Random) -> None:
        for name in names:
            getattr(files, name).unlink(missing_ok=True)

    return damage


def garbage(files: Files, chance: random.Random) -> None:
    files.index.write_bytes(chance.randbytes(32768))


def anywhere(path: Path, chance: random.Random) -> int:
    return chance.randrange(path.stat().st_size)


LOG: dict[str, Damage] = {
    "a bit of the log": lambda files, chance: flip(files.log, chance),
    "a bit of its first frame": lambda files, chance: flip(files.log, chance, least=HEADER, most=HEADER + FRAME + PAGE),
    "half of the log is gone": lambda files, _: cut(files.log, HEADER + frames(files.log) // 2 * (FRAME + PAGE)),
    "the log cut anywhere": lambda files, chance: cut(files.log, anywhere(files.log, chance)),
    "the log cut at a frame": lambda files, chance: cut(files.log, at_frame(files.log, chance)),
    "the last frame is gone": lambda files, _: cut(files.log, files.log.stat().st_size - FRAME - PAGE),
    "the log ends in zeros": lambda files, chance: zero_tail(files.log, anywhere(files.log, chance)),
    "zeros from a frame on": lambda files, chance: zero_tail(files.log, at_frame(files.log, chance)),
    "the log is empty": lambda files, _: cut(files.log, 0),
    "the log has its header alone": lambda files, _: cut(files.log, HEADER),
    "the log is missing": without("log"),
    "log and index are missing": without("log", "index"),
    "a foreign log": foreign_log,
}
MAIN: dict[str, Damage] = {
    "a bit of the journal": lambda files, chance: flip(files.main, chance),
    "the journal cut": lambda files, chance: cut(files.main, anywhere(files.main, chance)),
    "the journal ends in zeros": lambda files, chance: zero_tail(files.main, anywhere(files.main, chance)),
    "the journal is empty": lambda files, _: cut(files.main, 0),
    "the journal is missing": without("main"),
    "all but the log is missing": without("main", "index"),
}
OLDER: dict[str, Damage] = {
    "as it was made": lambda files, _: files.put_back("new", ""),
    "as it was paused": lambda files, _: files.put_back("paused", "", "-wal"),
    "without its log": lambda files, _: files.put_back("killed", ""),
    "an older journal with the log of now": with_the_log_of_now,
    "on another machine": from_elsewhere,
    "an older shared.sqlite": older_shared,
}
HARMLESS: dict[str, Damage] = {
    "nothing": lambda *_: None,
    "the index is missing": without("index"),
    "the index is garbage": garbage,
}


@pytest.mark.parametrize("what", ["a bit of its first frame", "half of the log is gone", "the log is empty"])
def test_a_damaged_log_sends_nothing_twice(killed: Damaged, what: str) -> None:
    assert killed.after(LOG[what]) == "recovered"


@pytest.mark.parametrize("what", ["as it was made", "without its log", "on another machine"])
def test_an_older_or_foreign_journal_sends_nothing_twice(killed: Damaged, what: str) -> None:
    assert killed.after(OLDER[what]) == "recovered"


def test_the_index_of_the_log_is_made_again(killed: Damaged) -> None:
    assert killed.after(HARMLESS["the index is garbage"]) == "whole"


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("what", [*LOG, *MAIN, *OLDER, *HARMLESS])
def test_whatever_is_damaged_nothing_is_sent_twice(killed: Damaged, what: str) -> None:
    damage = (LOG | MAIN | OLDER | HARMLESS)[what]
    words = Counter(killed.after(damage, seed=seed) for seed in range(12))
    print(what, dict(words))
    if what in HARMLESS:
        assert set(words) == {"whole"}
    elif what in OLDER or what in LOG:
        assert set(words) <= {"recovered", "whole", "refused"}
