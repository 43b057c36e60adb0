"""The Session screen under load, in a real terminal: every line shown, the loop free, memory bounded.

``pytest -m bench -s tests/bench/bench_transcript.py``; figures are printed and held against the bars.
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtptui.protocol import EventKind, Stage
from smtptui.session import Progress, Request, RunState
from smtptui.transcript import CertificateFacts, Outcome, RecipientOutcome, ServerFacts, TlsFacts, Transcript, Verdict
from smtptui.tui.app.app import Workbench
from smtptui.tui.log.transcript_tab import TranscriptTab
from smtptui.tui.session.session_screen import SessionScreen
from tests.bench.terminal import run_in_terminal
from tests.tui.harness import FixedSandbox

RATE = 5_000
"""Lines a second."""
SECONDS = 10.0
MILLION = 1_000_000


CONTROL = f"""
import time
end = time.perf_counter() + {SECONDS + 1}
lags = []
while (began := time.perf_counter()) < end:
    time.sleep(0.002)
    lags.append(1000 * (time.perf_counter() - began) - 2)
lags.sort()
shares = " ".join(f"p{{p}} {{lags[len(lags) * p // 100]:.1f}}" for p in (50, 95, 99))
print(f"lag {{shares}} max {{lags[-1]:.1f}} ms")
"""
"""What the machine does to a process that does nothing: the part of the lag that is not ours."""


class Flood:
    """A session that does nothing but fill its transcript: first at a pace, then as fast as it can."""

    def __init__(self, request: Request) -> None:
        self.transcript = Transcript(started=datetime.now(UTC))
        self.outcome: Outcome | None = None
        self.tls: TlsFacts | None = None
        self.chain: tuple[CertificateFacts, ...] = ()
        self.figures: dict[str, float] = {}
        self._began = 0.0

    async def run(self) -> Outcome:
        """Flood, and measure meanwhile."""
        self._began = time.perf_counter()
        cpu = time.process_time()
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            sleeper = group.create_task(_lags(stop))
            while (elapsed := time.perf_counter() - self._began) < SECONDS:
                self._add(int(elapsed * RATE) - len(self.transcript))
                await asyncio.sleep(0.01)
            stop.set()
        wall = time.perf_counter() - self._began
        measured = sleeper.result()
        lags = sorted(lag for lag, _ in measured)
        self.figures = {
            "lines": len(self.transcript),
            "rate": len(self.transcript) / wall,
            "cpu": (time.process_time() - cpu) / wall,
            **{f"p{share}": lags[min(len(lags) * share // 100, len(lags) - 1)] * 1000 for share in (50, 95, 99)},
            "max": lags[-1] * 1000,
            "worst_at": max(measured)[1] - self._began,
        }
        await asyncio.sleep(0.3)
        self.figures["rss_before"] = _rss()
        while len(self.transcript) < MILLION:
            self._add(min(500, MILLION - len(self.transcript)))
            await asyncio.sleep(0)
        await asyncio.sleep(0.5)
        self.figures["growth"] = _rss() - self.figures["rss_before"]
        self.outcome = Outcome(
            ok=True,
            started=self.transcript.started,
            took=time.perf_counter() - self._began,
            server=ServerFacts("127.0.0.1", 25),
            tls=None,
            auth=None,
            recipients=(RecipientOutcome("you@example.net", Verdict.ACCEPTED, Stage.DOT),),
            reply=None,
            queue_id=None,
            failure=None,
        )
        return self.outcome

    def cancel(self) -> None:
        """It ends by itself."""

    def progress(self) -> Progress:
        """Busy."""
        return Progress(RunState.RUNNING, Stage.RCPT, None, 0, 0, time.perf_counter() - self._began)

    def _add(self, count: int) -> None:
        at = time.perf_counter() - self._began
        for _ in range(count):
            number = len(self.transcript)
            if number % 2:
                text = f"250 2.1.5 <recipient{number // 2}@example.net>: recipient ok, whatever else there is to say"
                self.transcript.add(EventKind.REPLY, Stage.RCPT, text, at=at, tls=True, took=0.018, code=250)
            else:
                text = f"RCPT TO:<recipient{number // 2}@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;{number}"
                self.transcript.add(EventKind.COMMAND, Stage.RCPT, text, at=at, tls=True)


async def _lags(stop: asyncio.Event) -> list[tuple[float, float]]:
    lags = []
    while not stop.is_set():
        began = time.perf_counter()
        await asyncio.sleep(0.002)
        lags.append((time.perf_counter() - began - 0.002, began))
    return lags


def _rss() -> float:
    """Megabytes resident."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


VIEWS = ("plain", "filter", "wrap", "timing")
"""What is looked at meanwhile: all lines, those with a text, all folded, or the bars."""


def _look_at(screen: SessionScreen, view: str) -> None:
    log = screen.transcript
    if view == "filter":
        log.lines.open_filter()
        log.lines.filter.entry.value = "reply whatever else"
        log.view.focus()
    elif view == "wrap":
        log.lines.wrap()
    elif view == "timing":
        log.action_show_tab("timing")


def _shown(screen: SessionScreen, view: str) -> bool:
    front = screen.transcript.front
    if view == "timing":
        return any("500,000 times" in front.rows.row(index).text for index in range(len(front.rows)))
    bottom = front.render_line(front.scrollable_content_region.height - 1).text
    lines = {"plain": MILLION, "filter": MILLION // 2}.get(view, len(front.rows))
    return front.virtual_size.height == lines and (view == "wrap" or f"<recipient{MILLION // 2 - 1}@" in bottom)


def _find(lines: TranscriptTab, text: str) -> None:
    lines.open_find()
    lines.find.entry.value = text


async def _search(screen: SessionScreen) -> dict[str, float]:
    """How long a search through all of it takes, and what it does to the loop."""
    lines = screen.transcript.lines
    stop = asyncio.Event()
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        sleeper = group.create_task(_lags(stop))
        screen.call_later(_find, lines, f"recipient{MILLION // 2 - 1}@")
        while "of 2" not in str(lines.find.says.content):
            await asyncio.sleep(0.01)
        stop.set()
    lags = sorted(lag for lag, _ in sleeper.result())
    return {"search": time.perf_counter() - began, "search_p95": lags[len(lags) * 95 // 100] * 1000}


async def _main(result: Path, view: str) -> None:
    runs: list[Flood] = []

    def make(request: Request) -> Flood:
        runs.append(Flood(request))
        return runs[0]

    async def open_sandbox() -> FixedSandbox:
        return FixedSandbox()

    async def drive(app: Workbench) -> None:
        while not isinstance(app.screen, SessionScreen):
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        screen = app.screen
        # In the app's own context, as a key would.
        screen.call_later(screen.action_send)
        while not runs:
            await asyncio.sleep(0.01)
        screen.call_later(_look_at, screen, view)
        while runs[0].outcome is None:
            await asyncio.sleep(0.1)
        began = time.perf_counter()
        while not _shown(screen, view) and time.perf_counter() - began < 60:
            await asyncio.sleep(0.1)
        figures = {**runs[0].figures, "shown": _shown(screen, view), "behind": time.perf_counter() - began}
        if view == "plain":
            figures |= await _search(screen)
        result.write_text(json.dumps(figures))
        app.exit()

    async with asyncio.TaskGroup() as tasks:
        app = Workbench(spawn=tasks.create_task, open_sandbox=open_sandbox, make_run=make, on_opened=gc.freeze)
        tasks.create_task(drive(app))
        await app.run_async()


@pytest.mark.bench
@pytest.mark.timeout(300)
@pytest.mark.parametrize("view", VIEWS)
def test_transcript_under_load(tmp_path: Path, view: str) -> None:
    result = tmp_path / "figures.json"
    control = subprocess.Popen([sys.executable, "-c", CONTROL], stdout=subprocess.PIPE, text=True)
    run_in_terminal(["-m", "tests.bench.bench_transcript", str(result), view], seconds=240)
    idle, _ = control.communicate(timeout=60)
    figures = json.loads(result.read_text())
    print(
        f"\n{view}: {figures['lines']:,.0f} lines at {figures['rate']:,.0f}/s in a terminal of 120x40: "
        f"CPU {figures['cpu']:.0%}, lag p50 {figures['p50']:.1f} p95 {figures['p95']:.1f} "
        f"p99 {figures['p99']:.1f} max {figures['max']:.1f} ms (at {figures['worst_at']:.1f} s); "
        f"then up to {MILLION:,} lines: growth {figures['growth']:.0f} MB, "
        f"all shown {figures['behind']:.1f} s later\n"
        f"an idle process beside it at the same time: {idle.strip()}"
    )
    if "search" in figures:
        print(f"a search through all of it: {figures['search']:.1f} s, lag p95 {figures['search_p95']:.1f} ms")
    assert figures["shown"]
    assert figures["lines"] >= 0.98 * RATE * SECONDS
    assert figures["p95"] < 10
    assert figures["p99"] < 20
    assert figures["max"] < 100
    assert figures["growth"] < 150


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2]))
