"""A running batch on a terminal, in a file, and as JSON Lines."""

import io
import json

from smtptui.batch import BatchState, BatchStatus, RecipientState, Tally
from smtptui.cli.batch.progress import Board, one_line, progress_lines, status_lines
from smtptui.cli.batch.words import duration, speed, table

KEYS = [
    *("batch", "state", "reason", "total", "pending", "leased", "inflight", "sent", "deferred", "failed", "uncertain"),
    *("suppressed", "skipped", "rate", "eta_s", "limited_by", "damaged"),
]


def status(sent: int = 300, *, leased: int = 0, live: bool = True, **counts: int) -> BatchStatus:
    states = {RecipientState(name): number for name, number in counts.items()}
    states |= {RecipientState.SENT: sent, RecipientState.PENDING: 700 - sent}
    running = {"rate": 42.4, "eta_s": 185.0, "limited_by": "2 connections"} if live else {}
    state = BatchState.RUNNING if live else BatchState.PAUSED
    return BatchStatus("news", state, "" if live else "by hand", Tally(states), leased, live=live, **running)  # type: ignore[arg-type]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def screen(text: str) -> list[str]:
    """The lines that stand on a terminal once this was written to it."""
    lines, at = [""], 0
    for piece in text.replace("\x1b[1A", "\0").split("\x1b[2K"):
        for char in piece:
            if char == "\0":
                at -= 1
            elif char == "\n":
                at += 1
                lines += [""] * (at + 1 - len(lines))
            elif char != "\r":
                lines[at] += char
        if at < len(lines) and piece.endswith("\r"):
            lines[at] = ""
    return [line for line in lines if line]


def test_the_document_has_these_keys_in_this_order_and_adds_up() -> None:
    document = status(leased=10, deferred=4, uncertain=1, skipped=2).document
    assert list(document) == KEYS
    states = KEYS[4:13]
    assert sum(int(str(document[state])) for state in states) == document["total"] == 707
    assert (document["leased"], document["pending"], document["rate"], document["eta_s"]) == (10, 390, 42.4, 185.0)


def test_leased_are_never_more_than_there_are_and_count_once() -> None:
    document = status(sent=700, leased=3, deferred=2).document
    assert (document["pending"], document["leased"], document["deferred"], document["total"]) == (0, 2, 0, 702)


def test_without_a_runner_nobody_knows_the_speed() -> None:
    document = status(live=False).document
    assert [document[name] for name in ("rate", "eta_s", "limited_by")] == [None, None, None]
    assert "paused (by hand)" in status_lines(status(live=False))[0]


def test_the_bar_says_how_far_how_fast_how_long_and_why_not_faster() -> None:
    lines = progress_lines(status(sent=350))
    assert lines[0] == "news running  [############------------] 50 %  42/s  3 min 5 s left"
    assert "350 sent" in lines[1]
    assert "350 pending" in lines[1]
    assert lines[2] == "limited by: 2 connections"


def test_a_terminal_shows_the_last_state_only() -> None:
    stream = Terminal()
    board = Board(stream, as_json=False)
    for sent in (1, 200, 350):
        board.show(status(sent))
    shown = screen(stream.getvalue().replace("\x1b[32m", "").replace("\x1b[0m", ""))
    assert len(shown) == 3
    assert "350 sent" in shown[1]


def test_nothing_that_a_server_says_reaches_the_terminal_as_it_is() -> None:
    stream = Terminal()
    bad = BatchStatus("news", BatchState.PAUSED, "550 \x1b]0;owned\x07 no\nno", Tally({}))
    Board(stream, as_json=False).show(bad)
    assert "\x1b]" not in stream.getvalue()
    assert "\x07" not in stream.getvalue()


def test_a_file_gets_a_line_a_second_and_one_a_minute_once_nothing_changes() -> None:
    now = 0.0
    stream = io.StringIO()
    board = Board(stream, as_json=False, clock=lambda: now)
    for second in range(10):
        now = float(second)
        board.show(status(second))
    assert len(stream.getvalue().splitlines()) == 10
    for second in range(10, 310):
        now = float(second)
        board.show(status(9))
    assert 60 <= len(stream.getvalue().splitlines()) - 10 <= 66
    now = 310.0
    board.show(status(10))
    assert stream.getvalue().splitlines()[-1] == one_line(status(10))


def test_json_lines_are_documents() -> None:
    stream = io.StringIO()
    board = Board(stream, as_json=True)
    board.show(status(1))
    board.show(status(2))
    documents = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [list(document) for document in documents] == [KEYS, KEYS]
    assert [document["sent"] for document in documents] == [1, 2]


def test_numbers_as_people_read_them() -> None:
    assert [duration(seconds) for seconds in (0.2, 59, 61, 3599, 7500, 90000)] == [
        *("0 s", "59 s", "1 min 1 s", "59 min", "2 h 5 min", "1 d 1 h"),
    ]
    assert [speed(rate) for rate in (230.4, 4.25, 0.2, 0.0083)] == ["230/s", "4.2/s", "12/min", "0.5/min"]
    assert table([("a", "", "bb"), ("ccc", "", "d")]) == ["a    bb", "ccc  d"]
    assert table([]) == []
