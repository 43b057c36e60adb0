"""A recipient fails only on evidence about the recipient; what is about us or the message leaves it pending."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from smtptui.batch import BY_CODE, BatchState, EndKind, Journal, RecipientState
from smtptui.batch.pacing import Limits
from smtptui.batch.running.runner import RunResult
from tests.batch.running.making import made, request, run
from tests.servers.oracle import Oracle

SENT, FAILED, DEFERRED, PENDING = (
    RecipientState.SENT,
    RecipientState.FAILED,
    RecipientState.DEFERRED,
    RecipientState.PENDING,
)
ADDRESSES = [f"user{number}@good.test" for number in range(5)]


async def sent(path: Path, port: int, **limits: object) -> tuple[RunResult, dict[RecipientState, int]]:
    asked = request(path, port)
    chosen: dict[str, object] = {"connections": 1, "canary": 0, **limits}
    result = await run(replace(asked, limits=Limits(**chosen)))  # type: ignore[arg-type]
    with Journal.open(path, readonly=True) as journal:
        tally = journal.tally()
    return result, {state: tally[state] for state in (SENT, FAILED, DEFERRED, PENDING) if tally[state]}


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("RCPT", b"550 5.7.23 SPF validation failed\r\n"),
        ("RCPT", b"550 5.7.25 no PTR record\r\n"),
        ("RCPT", b"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org\r\n"),
        ("RCPT", b"550 5.1.8 Sender address rejected: user unknown\r\n"),
        ("RCPT", b"599 5.9.9 words that nobody knows\r\n"),
        (".", b"550 5.7.26 Unauthenticated mail is not accepted due to the domain's DMARC policy\r\n"),
        (".", b"554 5.2.252 SendAsDenied\r\n"),
        (".", b"554 Transaction failed\r\n"),
    ],
)
async def test_what_is_about_us_or_not_understood_pauses_and_marks_nobody(
    stage: str, reply: bytes, tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    path = made(tmp_path, ADDRESSES)
    async with oracle(replies={stage: reply}) as server:
        result, tally = await sent(path, server.port)
    assert tally == {PENDING: 5}
    assert result.ending.state is BatchState.PAUSED
    assert server.messages == []


async def test_refused_content_stops_after_a_few_and_they_stay_pending(
    tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(40)])
    async with oracle(replies={".": b"554 5.7.1 Message rejected as spam\r\n"}) as server:
        result, tally = await sent(path, server.port)
        assert "3 messages in a row" in result.ending.reason
        # Whoever goes on all the same gets further than the first three.
        again, tally = await sent(path, server.port)
    assert tally == {PENDING: 40}
    assert "10 messages in a row" in again.ending.reason


async def test_a_reply_that_was_seen_does_not_pause_again_and_the_others_get_theirs(
    tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    path = made(tmp_path, ADDRESSES)

    async with oracle(refused={"user2@good.test": "599 odd"}) as server:
        first, tally = await sent(path, server.port)
        assert first.ending.kind is EndKind.REFUSED
        assert tally[PENDING] >= 3
        second, tally = await sent(path, server.port)
    assert tally == {SENT: 4, PENDING: 1}
    assert "1 recipient stays pending: 599 odd" in second.ending.reason


async def test_a_bare_550_fails_and_says_that_nothing_else_is_known(
    tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    path = made(tmp_path, ADDRESSES)
    async with oracle(replies={"RCPT": b"550 No\r\n"}) as server:
        result, tally = await sent(path, server.port)
    assert (tally, result.ending.kind) == ({FAILED: 5}, EndKind.DONE)
    with Journal.open(path, readonly=True) as journal:
        assert journal.by_code_only() == 5
        assert {each.reason for each in journal.standings([FAILED])} == {BY_CODE}


async def test_ten_bare_550_in_a_row_pause(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(30)])
    async with oracle(replies={"RCPT": b"550 No\r\n"}) as server:
        result, tally = await sent(path, server.port, max_failed=1.0)
    assert (tally, result.ending.kind) == ({FAILED: 10, PENDING: 20}, EndKind.REFUSED)


async def test_a_deferral_about_us_starts_nobodys_lifetime(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    path = made(tmp_path, ADDRESSES[:1])
    async with oracle(replies={"RCPT": b"451 4.7.650 rate limited due to IP reputation\r\n"}) as server:
        _, tally = await sent(path, server.port)
    assert tally == {DEFERRED: 1}
    with Journal.open(path, readonly=True) as journal:
        recipient = journal.recipient(1)
    assert (recipient.attempts, recipient.tries, recipient.first_at) == (0, 1, 0.0)


async def test_nobody_is_left_so_nothing_pauses(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(20)])

    refused = {f"user{number}@good.test": "550 5.1.1 User unknown" for number in range(0, 20, 3)}
    async with oracle(refused=refused) as server:
        result, tally = await sent(path, server.port, canary=20)
    assert (tally, result.ending.kind) == ({SENT: 13, FAILED: 7}, EndKind.DONE)
