"""Running a call that may block for ever, so that nothing waits for it longer than it wants to."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")


async def in_background(call: Callable[[], T], *, name: str) -> T:
    """The result of ``call``, run in a daemon thread of its own; raises what it raises.

    A pool's threads are joined at the interpreter's exit, so one hanging call would hold it up, and enough
    of them would block the pool. Here a caller that is cancelled leaves at once and the thread is forgotten.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[tuple[T | None, Exception | None]] = loop.create_future()

    def deliver(result: T | None, error: Exception | None) -> None:
        # An error travels as a value: a future that holds an unseen exception would complain when dropped.
        if not future.done():
            future.set_result((result, error))

    def run() -> None:
        result: T | None = None
        failure: Exception | None = None
        try:
            result = call()
        except Exception as error:
            failure = error
        try:
            loop.call_soon_threadsafe(deliver, result, failure)
        except RuntimeError:
            return  # the loop has been closed meanwhile: nobody waits any more

    threading.Thread(target=run, name=name, daemon=True).start()
    result, failure = await future
    if failure is not None:
        raise failure
    # None only where the call itself returned it.
    return cast("T", result)
