"""What is sent without a cap counts against the account's day, so that a cap set later holds."""

import time
from collections.abc import Callable
from pathlib import Path

from smtptui.batch import Shared
from smtptui.batch.pacing import Limits
from tests.batch.running.making import made, request, run
from tests.servers.oracle import Oracle

ACCOUNT = "nobody@127.0.0.1"


def used(path: Path) -> int:
    with Shared(path) as shared:
        return shared.used(ACCOUNT, time.time())


async def test_a_cap_that_is_set_later_counts_what_went_before(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with oracle() as server:
        freely = request(made(first, [f"a{n}@good.test" for n in range(20)]), server.port)
        await run(freely)
        assert len(server.messages) == 20
        assert used(freely.shared) == 20
        shared = freely.shared.rename(second / "shared.sqlite")
        for log in first.glob("shared.sqlite-*"):
            log.rename(second / log.name)
        limits = Limits(connections=1, canary=0, per_day=25)
        await run(request(made(second, [f"b{n}@good.test" for n in range(20)]), server.port, limits=limits))
        assert len(server.messages) == 25
    assert used(shared) == 25


async def test_nothing_that_was_not_sent_counts(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    async with oracle() as server:
        asked = request(made(tmp_path, ["a@good.test", "unknown@good.test"]), server.port)
        await run(asked)
    # The server was asked about both.
    assert used(asked.shared) == 2
