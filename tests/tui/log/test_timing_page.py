"""The bars: to scale, to an eighth of a cell, with the slowest marked and repetitions summed up."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.cells import cell_len

from smtptui.protocol import EventKind, Stage
from smtptui.transcript import Transcript
from smtptui.tui.log.opened import Opened
from smtptui.tui.log.timing_page import TimingPage, bar


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, ""), (1.0, "████"), (0.5, "██"), (0.625, "██▌"), (0.001, "▏"), (1 / 32, "▏"), (31 / 32, "███▉")],
)
def test_a_bar_is_as_long_as_its_share(share: float, shown: str) -> None:
    assert bar(share, 4) == shown


@pytest.mark.parametrize("width", [58, 76, 92, 180])
def test_what_repeats_is_one_bar_and_every_row_fits(width: int) -> None:
    transcript = Transcript(started=datetime(2026, 1, 2, tzinfo=UTC))
    transcript.add(EventKind.CONNECT, Stage.CONNECT, "connected to 漢字.test at 192.0.2.1:25", at=0.1, took=0.1)
    for number in range(100):
        transcript.add(EventKind.COMMAND, Stage.RCPT, f"RCPT TO:<a{number}@x.test>", at=1.0)
        transcript.add(EventKind.REPLY, Stage.RCPT, "250 ok", at=1.0, took=0.01, code=250)
    transcript.add(EventKind.COMMAND, Stage.MAIL, "MAIL FROM:<>", at=1.0)
    transcript.add(EventKind.ERROR, Stage.MAIL, "No reply.", at=31.0)
    page = TimingPage()
    page.watch(Opened(Path("x"), transcript))
    while not page.advance():
        pass
    tcp, rcpt, mail, _, total, *_ = (row.text for row in page.rows(width))
    assert "漢字" in tcp
    assert "100 times" in rcpt
    assert "1000 ms" in rcpt
    assert "◀ slowest" in mail
    assert "30.0 s" in mail
    assert total.startswith("total")
    assert all(cell_len(row.text) <= width for row in page.rows(width))


def test_without_any_time_it_says_so() -> None:
    page = TimingPage()
    page.watch(Opened(Path("x"), Transcript(started=datetime(2026, 1, 2, tzinfo=UTC))))
    assert page.advance()
    assert "Nothing has taken any time" in page.rows(80)[0].text
