"""Every command on a batch in every state: it works, or says what to do, and what it says works."""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from smtptui.batch import BatchState, Journal, Request, RunnerLock, runner_lives
from tests.batch.trial import Trial
from tests.cli.running import Ended, flawless
from tests.servers.counting import counting

PEOPLE = ["unknown1@good.test", "user2@good.test", "grey3@good.test", "user4@good.test"]
STATES = ("draft", "linted", "tested", "paused", "killed", "sending", "done", "cancelled", "damaged", "elsewhere")
COMMANDS = {
    "status": ("status", "trial"),
    "list": ("list",),
    "errors": ("errors", "trial"),
    "export": ("export", "trial"),
    "preview": ("preview", "trial"),
    "lint": ("lint", "trial"),
    "test": ("test", "trial", "--to", "me@good.test"),
    "run": ("run", "trial", "--no-wait"),
    "resume": ("resume", "trial", "--no-wait"),
    "pause": ("pause", "trial"),
    "cancel": ("cancel", "trial"),
    "retry": ("retry", "trial"),
    "resolve": ("resolve", "trial", "--resend"),
    "recover": ("recover", "trial"),
    "delete": ("delete", "trial"),
}
READING = ("status", "list", "errors", "export", "preview")
OVER = ("cancelled", "draft", "linted", "tested", "done")
"""States in which there may be nothing left to do for a command."""
FINE = (0, 69, 75, 76)
"""Codes of a run that began; it may leave somebody who is deferred or refused."""


class Case:
    """One batch, whose files are brought into a state."""

    def __init__(self, trial: Trial, kept: Path) -> None:
        self.trial, self.kept = trial, kept

    def batch(self, *arguments: str) -> Ended:
        return flawless("batch", *arguments, env=self.trial.env)

    @property
    def data(self) -> Path:
        return self.trial.folder / "data"

    def keep(self, state: str) -> None:
        shutil.copytree(self.data, self.kept / state)

    def restore(self, state: str) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(self.kept / state, self.data)

    def put(self, state: BatchState) -> None:
        """Have the journal say another state."""
        with Journal.open(self.trial.journal, shared=self.data / "shared.sqlite") as journal:
            journal.set_state(state, now=time.time())

    @contextmanager
    def in_state(self, state: str) -> Iterator[None]:
        self.restore("paused" if state == "sending" else state)
        with ExitStack() as stack:
            if state == "sending":
                self.put(BatchState.RUNNING)
                stack.enter_context(RunnerLock(self.trial.journal, pid=1, host="here"))
            yield


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("states")
    with counting(folder / "record") as port:
        case = Case(Trial(folder, port, folder / "record"), folder / "kept")
        case.trial.new(PEOPLE)
        case.keep("draft")
        assert case.batch("lint", "trial").code == 0
        case.keep("linted")
        assert case.batch("test", "trial", "--to", "me@good.test").code == 0
        case.keep("tested")
        assert case.batch("run", "trial", "--no-wait").code == 75
        case.keep("paused")
        case.put(BatchState.RUNNING)
        case.keep("killed")
        case.restore("paused")
        assert case.batch("cancel", "trial").code == 0
        case.keep("cancelled")
        case.restore("paused")
        for older in (case.kept / "tested" / "batches").iterdir():
            shutil.copy(older, case.data / "batches" / older.name)
        case.keep("damaged")
        case.restore("paused")
        for each in case.data.glob("shared.sqlite*"):
            each.unlink()
        case.keep("elsewhere")
        case.restore("paused")
        assert case.batch("retry", "trial", "--state", "deferred").code == 0
        assert case.batch("run", "trial").code == 69
        case.keep("done")
        yield case


def advised(ended: Ended) -> list[tuple[str, ...]]:
    """The commands that a command advises."""
    found = re.findall(r"smtptui batch ([a-z]+ trial[^”\n;.]*)", ended.err + ended.out)
    return [tuple(each.replace("YOU", "me@good.test").split()) for each in found]


@pytest.mark.parametrize("state", STATES)
def test_every_command_works_or_says_what_does(case: Case, state: str) -> None:
    for name, command in COMMANDS.items():
        with case.in_state(state):
            done = case.batch(*command)
            where = f"{name} of a batch that is {state}: {done.code} {done.out} {done.err}"
            if name in READING:
                assert done.code == 0, where
            if done.code in FINE and not (state == "sending" and done.code == 75):
                continue
            assert done.err.startswith("smtptui: "), where
            # What is advised is done, and what that advises: never in a circle, and to an end that works.
            tried = [command]
            while (advice := advised(done)) and done.code not in FINE:
                assert advice[0] not in tried, (where, tried)
                tried.append(advice[0])
                done = case.batch(*advice[0])
            assert done.code in FINE or not advice, (where, tried, done)
            assert done.code in FINE or state in ("cancelled", "draft", "linted", "tested", "done"), (
                where,
                tried,
                done,
            )


@pytest.mark.parametrize("command", ["retry", "resolve", "delete", "recover"])
def test_a_paused_batch_is_changed_while_its_process_waits(case: Case, command: str) -> None:
    case.restore("paused")
    with case.trial.running(verb="resume") as runner:
        with Journal.open(case.trial.journal) as journal:
            while not (runner_lives(case.trial.journal) and journal.facts().state is BatchState.RUNNING):
                time.sleep(0.02)
            # On a busy machine the answer may be late.
            assert case.batch("pause", "trial").code in (0, 75)
            while (journal.facts().state, journal.asked()) != (BatchState.PAUSED, None):
                time.sleep(0.02)
            assert "continue with: smtptui batch resume trial" in case.batch("status", "trial").out
            # It is said how to go on, also to whoever would run it.
            said = case.batch("run", "trial")
            assert (said.code, "smtptui batch resume trial" in said.err) == (75, True)
        done = case.batch(*COMMANDS[command])
        assert (done.code, done.err) == (0, "")
        assert runner.wait(60) == 75
        if command in ("retry", "resolve"):
            assert "the process that waited with it has ended" in done.out
    if command == "delete":
        assert not case.trial.journal.exists()
    else:
        assert case.batch("run", "trial", "--no-wait").code in FINE


def test_a_batch_that_sends_is_left_alone(case: Case) -> None:
    with case.in_state("sending"):
        for command in ("retry", "resolve", "delete", "recover"):
            done = case.batch(*COMMANDS[command])
            assert (done.code, "smtptui batch pause trial" in done.err) == (75, True), done.err
        with Journal.open(case.trial.journal, readonly=True) as journal:
            assert journal.asked() is not Request.HAND_OVER
