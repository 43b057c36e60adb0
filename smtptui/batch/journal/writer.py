"""The runner's writer: a thread that commits whatever has come meanwhile, and says when it is durable."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from smtptui.batch.journal.applying import write
from smtptui.batch.journal.errors import JournalError
from smtptui.batch.journal.records import Operation
from smtptui.batch.journal.schema import BUSY_S, close, connect, mark_open, mark_whole
from smtptui.batch.journal.witness import Account, open_account
from smtptui.batch.model import Inflight

_MOST = 512
"""Posts from which on a transaction takes no more, so that none waits long for the others."""

Post = tuple[tuple[Operation, ...], "asyncio.Future[None]"]


class Writer:
    """Writes operations in the order they are posted.

    One transaction takes all that is waiting, so the disk is asked as often as it can answer and no more. What fails
    is told by the future of every operation in that transaction and of all that come later: a journal that could not
    be written once is not trusted again.
    """

    def __init__(
        self, path: Path, *, loop: asyncio.AbstractEventLoop, shared: Path | None = None, busy_s: float = BUSY_S
    ) -> None:
        self._path = path
        self._shared = shared
        """Where the witness is kept; without one, nobody can tell later whether the journal is whole."""
        self._account: Account | None = None
        self._loop = loop
        self._busy_s = busy_s
        self._coming: list[Post] = []
        """Posted in this turn of the loop: handed over together, so that the thread is woken once."""
        self._waiting: SimpleQueue[list[Post] | None] = SimpleQueue()
        self._ended: asyncio.Future[None] = loop.create_future()
        self._thread = threading.Thread(target=self._run, name=f"journal of {path.stem}", daemon=True)
        self._failed: JournalError | None = None
        self._closed = False

    @property
    def failed(self) -> JournalError | None:
        """Why nothing can be written any more."""
        return self._failed

    def start(self) -> None:
        """Begin; the file is opened in the writer's own thread."""
        self._thread.start()

    def post(self, *operations: Operation) -> "asyncio.Future[None]":
        """Hand over operations that belong together; done when they are durable, all of them.

        The future raises :class:`JournalError` where they are not, and nothing may be sent any more.
        """
        future: asyncio.Future[None] = self._loop.create_future()
        if self._closed:
            future.set_exception(JournalError(f"The journal {self._path} is closed already. Nothing was written."))
        else:
            if not self._coming:
                self._loop.call_soon(self._hand_over)
            self._coming.append((operations, future))
        return future

    def _hand_over(self) -> None:
        if self._coming:
            self._waiting.put(self._coming)
            self._coming = []

    async def close(self) -> None:
        """Write what was posted, and end."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._waiting.put(None)
        if self._thread.is_alive():
            await asyncio.shield(self._ended)
            self._thread.join()

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        try:
            connection, _ = connect(self._path, readonly=False, busy_s=self._busy_s)
            if self._shared is not None:
                self._account = open_account(self._shared, connection, self._path, busy_s=self._busy_s)
            mark_open(connection, self._path, busy_s=self._busy_s)
        except JournalError as error:
            self._failed = error
        going_on = True
        while going_on:
            posts, going_on = self._gather()
            if posts:
                self._commit(connection, posts)
        if connection is not None:
            if self._failed is None:
                mark_whole(connection)
            close(connection, self._path)
        if self._account is not None:
            with contextlib.suppress(JournalError):
                self._account.close()
        self._tell(lambda: self._ended.set_result(None))

    def _gather(self) -> tuple[list[Post], bool]:
        """All posts that are waiting, at least one unless it is the end."""
        posts: list[Post] = []
        more = self._waiting.get()
        while more is not None:
            posts += more
            if len(posts) >= _MOST:
                return posts, True
            try:
                more = self._waiting.get_nowait()
            except Empty:
                return posts, True
        return posts, False

    def _commit(self, connection: sqlite3.Connection | None, posts: Sequence[Post]) -> None:
        if self._failed is None and connection is not None:
            try:
                self._write(connection, [operation for operations, _ in posts for operation in operations])
            except JournalError as error:
                self._failed = error
        failed = self._failed
        self._tell(lambda: _settle(posts, failed))

    def _write(self, connection: sqlite3.Connection, operations: list[Operation]) -> None:
        account = self._account
        if account is None:
            write(connection, operations, self._path)
            return
        begun = [operation.seq for operation in operations if isinstance(operation, Inflight)]
        if begun:
            account.before(max(begun), len(begun))
        commits = account.commits + 1
        write(connection, operations, self._path, commits=commits)
        # Before anybody hears of it: what is sent on the strength of this commit is sent after the witness knows it.
        account.after(commits)

    def _tell(self, call: Callable[[], object]) -> None:
        """Have something done in the loop, if there still is one."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call)


def _settle(posts: Sequence[Post], error: JournalError | None) -> None:
    for _, future in posts:
        if future.done():
            # Whoever waited was cancelled; what is written stays written.
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
