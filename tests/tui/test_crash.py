"""When the app itself fails: one sentence, a report without anything of the user's, the terminal as it was."""

import signal
import stat
import termios
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtptui.tui.crash import crash_sentence, report_text, save_report
from tests.tui.places import places_in
from tests.tui.terminal import LEFT, Terminal, environment

SECRET = "tr0ub4dor-and-3"
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
CRASHING = f"""
import sys
from smtptui.tui.app.app import Workbench
def fail(self):
    password = {SECRET!r}
    raise RuntimeError("refused: " + password)
Workbench.action_help = fail
from smtptui.cli import main
main([])
"""


def _error() -> Exception:
    def inner(password: str) -> None:
        raise ValueError(f"cannot use {password}")

    try:
        try:
            inner(SECRET)
        except ValueError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        found = error
    return found


def test_a_report_has_places_and_kinds_but_no_values(tmp_path: Path) -> None:
    error = _error()
    text = report_text(error, NOW)
    assert SECRET not in text
    assert "builtins.ValueError" in text
    assert "builtins.RuntimeError" in text
    assert "in inner" in text
    assert "test_crash.py:" in text
    assert str(Path.home()) not in text
    report = save_report(error, tmp_path / "reports", NOW)
    assert report is not None
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert report.read_text() == text
    sentence = crash_sentence(error, report)
    assert str(report) in sentence
    assert "ValueError" in sentence
    assert SECRET not in sentence
    assert "\n" not in sentence


def test_a_group_of_errors_is_told_one_by_one() -> None:
    text = report_text(ExceptionGroup(SECRET, [ValueError(SECRET), KeyError(SECRET)]), NOW)
    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert SECRET not in text


def test_where_no_report_can_be_written_the_sentence_does_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert save_report(_error(), tmp_path / "file", NOW) is None
    assert "What helps" not in crash_sentence(_error(), None)


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_ends_the_app_with_a_sentence_and_70(tmp_path: Path, debug: bool) -> None:
    environ = environment(places_in(tmp_path), {"SMTPTUI_DEBUG": "1" if debug else "0"})
    with Terminal(["-c", CRASHING], environ) as terminal:
        before = termios.tcgetattr(terminal.descriptor)
        terminal.until(b"Transcript")
        terminal.press(b"\x1bOP")
        code = terminal.ended()
        after = termios.tcgetattr(terminal.descriptor)
    assert code == 70
    assert after[3] == before[3], "echo and line mode are back"
    told = terminal.seen.rpartition(LEFT)[2].decode()
    if debug:
        assert "Traceback" in told
        assert "in fail" in told
        return
    assert "This is a bug in smtptui (RuntimeError" in told
    assert "Traceback" not in told
    assert SECRET.encode() not in terminal.seen
    (report,) = (tmp_path / "data" / "reports").iterdir()
    assert report.name in "".join(told.split())
    assert SECRET not in report.read_text()
    assert "in fail" in report.read_text()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_terminal_that_goes_away_takes_nothing_with_it(tmp_path: Path, number: signal.Signals) -> None:
    places = places_in(tmp_path, profiles="profiles: {}\n")
    with Terminal(["-m", "smtptui"], environment(places)) as terminal:
        terminal.until(b"Transcript")
        terminal.press(b"typed-just-now.example.org")
        terminal.until(b"typed-just-now.example.org")
        terminal.process.send_signal(number)
        terminal.ended()
    assert "typed-just-now.example.org" in places.state.read_text()
    assert stat.S_IMODE(places.state.stat().st_mode) == 0o600
