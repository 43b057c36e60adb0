"""A signal is heard politely first, and at once the second time."""

import asyncio
import os
import signal

from smtptui.config import ENDING, catch_signals


async def _sent(*numbers: signal.Signals) -> None:
    for number in numbers:
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.01)


async def test_the_first_is_polite_and_the_second_is_not() -> None:
    heard: list[tuple[str, signal.Signals]] = []
    release = catch_signals(lambda number: heard.append(("stop", number)), lambda number: heard.append(("now", number)))
    before = signal.getsignal(signal.SIGUSR1)
    try:
        await _sent(signal.SIGTERM, signal.SIGHUP, signal.SIGTERM)
    finally:
        release()
    assert heard == [("stop", signal.SIGTERM), ("now", signal.SIGHUP), ("now", signal.SIGTERM)]
    assert signal.getsignal(signal.SIGUSR1) == before
    assert [signal.getsignal(number) for number in ENDING[1:]] == [signal.SIG_DFL, signal.SIG_DFL]


async def test_who_has_one_way_to_end_hears_each_signal_alike() -> None:
    heard: list[signal.Signals] = []
    release = catch_signals(heard.append, signals=(signal.SIGHUP,))
    try:
        await _sent(signal.SIGHUP, signal.SIGHUP)
    finally:
        release()
    assert heard == [signal.SIGHUP, signal.SIGHUP]
