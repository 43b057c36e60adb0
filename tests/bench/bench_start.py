"""How fast it starts: CPU of ``smtptui --version``, and first paint against an empty Textual app in the same run.

``pytest -m bench -s tests/bench/bench_start.py``; figures are printed and held against the bars.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.terminal import run_in_terminal
from tests.tui.places import places_in
from tests.tui.terminal import environment

EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("painted")
Empty().run()
"""
ROUNDS = 9


@pytest.mark.bench
def test_version_is_told_at_once() -> None:
    costs = []
    for _ in range(ROUNDS):
        before = os.times()
        subprocess.run([sys.executable, "-m", "smtptui", "--version"], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        costs.append(after.children_user - before.children_user + after.children_system - before.children_system)
    print(f"\nsmtptui --version: {statistics.median(costs):.3f} s of CPU (least {min(costs):.3f})")
    assert statistics.median(costs) < 0.15


@pytest.mark.bench
@pytest.mark.timeout(180)
def test_first_paint_is_near_that_of_an_empty_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first frame is the top bar; when the form can be used is printed beside, and is no bar."""
    places = places_in(tmp_path, settings="theme: smtptui\n", profiles="profiles: {}\n")
    for name, value in environment(places).items():
        monkeypatch.setenv(name, value)
    empty, first, whole = [], [], []
    for _ in range(ROUNDS):
        empty.append(run_in_terminal(["-c", EMPTY], until=lambda painted: b"painted" in painted))
        first.append(run_in_terminal(["-m", "smtptui"], until=lambda painted: b"smtptui" in painted))
        whole.append(run_in_terminal(["-m", "smtptui"], until=lambda painted: b"Transcript" in painted))
    ratio = statistics.median(first) / statistics.median(empty)
    print(
        f"\nfirst paint: {statistics.median(first):.3f} s, empty app {statistics.median(empty):.3f} s: {ratio:.2f}x "
        f"(least {min(first):.3f} and {min(empty):.3f}); whole screen {statistics.median(whole):.3f} s "
        f"(least {min(whole):.3f})"
    )
    assert ratio < 1.5
