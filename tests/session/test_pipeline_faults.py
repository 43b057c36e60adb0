"""Pipelining under faults: an outcome for every message, and never a wrong one."""

from collections.abc import Callable

import pytest

from smtptui.protocol import Envelope, FailureKind
from smtptui.session.delivery import Delivery
from smtptui.session.envelope_commands import Prepared, prepare
from smtptui.session.pipeline import Pipelining
from smtptui.transcript import Verdict
from tests.servers.behaviours import (
    CLOSE,
    GARBAGE,
    GOODBYE,
    HALF,
    NORMAL,
    RESET,
    SILENCE,
    STRAY_TOGETHER,
    Behaviour,
    send,
)
from tests.servers.hostile import Body, Hostile, StageName
from tests.session.lanes import deliver, lane_to, message

FEATURES = ("PIPELINING", "8BITMIME", "SIZE 10240000")
TOTAL = 10


def stuffed(prepared: Prepared) -> bytes:
    return prepared.content.replace(b"\r\n.", b"\r\n..")


def accounted(messages: list[Prepared], deliveries: list[Delivery], server: Hostile) -> None:
    """Every message that was taken up has its fate, and the server agrees."""
    assert [each.prepared for each in deliveries] == messages[: len(deliveries)]
    for delivery in deliveries:
        [recipient] = delivery.recipients
        arrived = server.bodies.count(stuffed(delivery.prepared))
        assert arrived <= 1, "nothing is sent twice"
        if recipient.verdict is Verdict.ACCEPTED:
            assert arrived == 1
        elif recipient.verdict is not Verdict.UNCERTAIN and recipient.stage != "dot":
            # At the dot a 4yz or 5yz is the server's own word that it does not have the message.
            assert arrived == 0, f"{recipient.verdict} but the server has it"
    assert server.empty_messages == 0
    assert all(stuffed(each) not in server.bodies for each in messages[len(deliveries) :])


@pytest.mark.parametrize("at", [1, 3, 5, 8])
@pytest.mark.parametrize("fault", [CLOSE, RESET, SILENCE, HALF, GOODBYE, GARBAGE, STRAY_TOGETHER], ids=lambda b: b.name)
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("pipelining", list(Pipelining))
async def test_a_fault_ends_the_lane_with_every_fate_known(
    pipelining: Pipelining, stage: StageName, fault: Behaviour, at: int, hostile: Callable[..., Hostile]
) -> None:
    messages = [message(number) for number in range(TOTAL)]
    script = {stage: [NORMAL] * at + [fault]}
    async with hostile(script, features=FEATURES) as server:
        async with lane_to(server.port, pipelining=pipelining, timeout=0.3) as lane:
            deliveries = await deliver(lane, messages)
        accounted(messages, deliveries, server)
    assert lane.failure is not None, "the fault is told"
    good = [each for each in deliveries if each.failure is None]
    assert len(good) >= at - (stage != "dot"), "what came before the fault is accepted"
    uncertain = [each for each in deliveries if each.recipients[0].verdict is Verdict.UNCERTAIN]
    assert len(uncertain) <= 1
    if stage == "dot" and fault in (CLOSE, RESET, SILENCE, HALF):
        assert [each.failure.kind for each in uncertain if each.failure] == [FailureKind.UNCERTAIN]


@pytest.mark.parametrize("pipelining", list(Pipelining))
@pytest.mark.parametrize(
    ("stage", "line", "verdict"),
    [
        ("data", b"250 2.0.0 Ok\r\n", Verdict.UNTRIED),
        ("dot", b"354 go on\r\n", Verdict.UNCERTAIN),
        ("dot", b"550 5.7.1 no\r\n250 2.0.0 Ok: queued\r\n", Verdict.UNCERTAIN),
        ("rcpt", b"220 what\r\n", Verdict.UNTRIED),
        ("mail", b"251 2.1.0 almost\r\n", Verdict.UNTRIED),
        ("mail", b"550 5.1.8 no, but go on\r\n", Verdict.UNTRIED),
    ],
)
async def test_replies_of_the_wrong_class_accept_nothing(
    stage: StageName, line: bytes, verdict: Verdict, pipelining: Pipelining, hostile: Callable[..., Hostile]
) -> None:
    """The server goes on as if it had said the right thing: nothing empty may reach it, nothing be called accepted."""
    messages = [message(0)]
    script = {stage: send("wrong-class", line, proceeds=True)}
    async with hostile(script, features=FEATURES) as server:
        async with lane_to(server.port, pipelining=pipelining, timeout=5) as lane:
            deliveries = await deliver(lane, messages)
        accounted(messages, deliveries, server)
    assert [each.recipients[0].verdict for each in deliveries] == [verdict]
    assert all(each.failure is not None for each in deliveries)


@pytest.mark.parametrize("then", ["close", "reset", "silence", "421"])
@pytest.mark.parametrize("pipelining", list(Pipelining))
async def test_a_fault_within_a_body(pipelining: Pipelining, then: str, hostile: Callable[..., Hostile]) -> None:
    messages = [message(number) for number in range(3)]
    async with hostile(features=FEATURES, body=Body(20, then)) as server:  # type: ignore[arg-type]
        async with lane_to(server.port, pipelining=pipelining, timeout=0.3) as lane:
            deliveries = await deliver(lane, messages)
        accounted(messages, deliveries, server)
    assert lane.failure is not None
    assert len(deliveries) == 1
    assert deliveries[0].recipients[0].verdict is not Verdict.ACCEPTED


@pytest.mark.parametrize("pipelining", list(Pipelining))
async def test_a_large_message_refused_in_its_midst(pipelining: Pipelining, hostile: Callable[..., Hostile]) -> None:
    """What is not uploaded is not waited for, and nothing of it counts as sent."""
    content = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 500_000
    messages = [prepare(Envelope.of("a@good.test", "b@good.test"), content), message(1)]
    async with hostile(features=(*FEATURES[:2], "SIZE 99000000"), body=Body(100_000, "421")) as server:
        async with lane_to(server.port, pipelining=pipelining, timeout=5) as lane:
            deliveries = await deliver(lane, messages)
        assert server.bodies == []
    assert lane.failure is not None
    assert len(deliveries) == 1, "the next message is untouched"
    [recipient] = deliveries[0].recipients
    assert recipient.verdict in (Verdict.DEFERRED, Verdict.UNTRIED)
    assert recipient.stage != "dot"


async def test_with_lmtp_an_answer_in_the_midst_of_a_large_message_leaves_nobody_in_doubt(
    hostile: Callable[..., Hostile],
) -> None:
    content = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 500_000
    large = prepare(Envelope.of("list@good.test", "a@good.test", "b@good.test"), content)
    async with hostile(features=(*FEATURES[:2], "SIZE 99000000"), body=Body(100_000, "421"), lmtp=True) as server:
        async with lane_to(server.port, lmtp=True, timeout=5) as lane:
            [delivery] = await deliver(lane, [large])
        assert server.bodies == []
    # The dot was never written, so nobody has the message: whoever got a reply is decided, the other untried.
    assert [each.verdict for each in delivery.recipients] == [Verdict.DEFERRED, Verdict.UNTRIED]
    assert delivery.failure is not None
    assert delivery.failure.kind is not FailureKind.UNCERTAIN


async def test_two_contrary_answers_in_the_midst_of_a_large_message_leave_nobody_in_doubt(
    hostile: Callable[..., Hostile],
) -> None:
    """The dot was never written, so nobody has the message, whatever the second answer says."""
    content = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 500_000
    large = prepare(Envelope.of("a@good.test", "b@good.test"), content)
    async with hostile(features=(*FEATURES[:2], "SIZE 99000000"), body=Body(100_000, "552 250")) as server:
        async with lane_to(server.port, timeout=5) as lane:
            [delivery] = await deliver(lane, [large])
        assert server.bodies == []
    assert lane.failure is not None
    assert delivery.recipients[0].verdict in (Verdict.REFUSED, Verdict.UNTRIED)
    assert delivery.failure is not None
    assert delivery.failure.kind is not FailureKind.UNCERTAIN
