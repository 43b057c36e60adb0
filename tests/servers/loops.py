"""Running a test under every event loop the program supports."""

import asyncio
import importlib.util
from collections.abc import Callable, Mapping

import pytest

BOTH_LOOPS = pytest.mark.asyncio(loop_factories=("asyncio", "uvloop"))
"""Mark of a test, class or module (``pytestmark = BOTH_LOOPS``) that runs under asyncio and under uvloop."""


def loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loops installed here, by name; a test marked for one that is missing is skipped."""
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if importlib.util.find_spec("uvloop") is not None:
        import uvloop  # optional: the package runs without it

        factories["uvloop"] = uvloop.new_event_loop
    return factories
