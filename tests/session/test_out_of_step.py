"""A stray reply that slips in unseen: found at QUIT, and then nothing is claimed to be known."""

from collections.abc import Callable

import pytest

from smtptui.protocol import FailureKind
from smtptui.transcript import Verdict
from tests.servers.certificates import Certificates
from tests.servers.oracle import Oracle
from tests.session.exchange import connection, finish, request


async def test_a_refusal_followed_by_the_dots_own_reply_leaves_the_outcome_unknown(
    oracle: Callable[..., Oracle], certificates: Certificates
) -> None:
    """What a client sees of a stray 451 after the 354: QUIT gets the reply that was the dot's."""
    replies = {".": b"451 4.0.0 stray\r\n", "QUIT": b"250 2.0.0 Ok: queued\r\n"}
    async with oracle(replies=replies) as server:
        done = await finish(request(connection(server, certificates)))
    failure = done.outcome.failure
    assert failure is not None
    assert failure.kind is FailureKind.UNCERTAIN
    assert [each.verdict for each in done.outcome.recipients] == [Verdict.UNCERTAIN]
    assert "Look into the server's log" in failure.message


@pytest.mark.parametrize("goodbye", [b"221 Bye\r\n", b"250 Bye\r\n"])
async def test_a_sloppy_goodbye_changes_nothing(
    goodbye: bytes, oracle: Callable[..., Oracle], certificates: Certificates
) -> None:
    async with oracle(replies={"QUIT": goodbye}) as server:
        done = await finish(request(connection(server, certificates)))
    assert done.outcome.ok
    assert len(server.messages) == 1


async def test_a_goodbye_that_contradicts_the_dot_is_not_believed(
    oracle: Callable[..., Oracle], certificates: Certificates
) -> None:
    async with oracle(replies={"QUIT": b"550 5.7.1 no thanks\r\n"}) as server:
        done = await finish(request(connection(server, certificates)))
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.UNCERTAIN
    assert [each.verdict for each in done.outcome.recipients] == [Verdict.UNCERTAIN]
