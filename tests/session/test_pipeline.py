"""Pipelining: every reply goes to the command it answers, nothing is lost, nothing is sent twice or empty."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtptui.protocol import FROM_CLIENT, EventKind, FailureKind, TlsMode, TlsSettings
from smtptui.session.fast_recorder import develop
from smtptui.session.mask import Masker
from smtptui.session.pipeline import Level, Pipelining
from smtptui.session.recorder import Recorder
from smtptui.transcript import Transcript, Verdict
from smtptui.transcript.transcript import text_wire
from tests.servers.certificates import Certificates
from tests.servers.loops import BOTH_LOOPS
from tests.servers.oracle import Oracle
from tests.session.lanes import deliver, lane_to, message

LEVELS = pytest.mark.parametrize("pipelining", list(Pipelining))


@BOTH_LOOPS
@LEVELS
@pytest.mark.parametrize("pieces", [1, 5])
async def test_all_messages_arrive_once_in_order(
    pipelining: Pipelining, pieces: int, oracle: Callable[..., Oracle]
) -> None:
    messages = [message(number) for number in range(12)]
    async with oracle(pieces=pieces) as server, lane_to(server.port, pipelining=pipelining) as lane:
        deliveries = await deliver(lane, messages)
        level = lane.level
    assert [each.prepared for each in deliveries] == messages
    assert [each.failure for each in deliveries] == [None] * 12
    assert [each.data for each in server.messages] == [each.content for each in messages]
    assert server.violations == []
    expected = {Pipelining.OFF: Level.OFF, Pipelining.MESSAGE: Level.MESSAGE, Pipelining.AUTO: Level.ACROSS}
    assert level is expected[pipelining]


@BOTH_LOOPS
@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
async def test_the_tape_equals_the_wire(tls: str, oracle: Callable[..., Oracle], certificates: Certificates) -> None:
    messages = [message(0), message(1, "unknown@good.test"), message(2, "a@good.test", "later@good.test")]
    messages += [message(number) for number in range(3, 9)]
    async with oracle(tls=tls, pieces=2) as server:
        secured = TlsSettings(mode=TlsMode(tls), ca_file=certificates.ca_file)
        async with lane_to(server.port, tls=secured) as lane:
            before_in, before_out = len(server.received), len(server.sent)
            deliveries = await deliver(lane, messages)
            received, sent = server.received[before_in:], server.sent[before_out:]
            started = lane.recorder.transcript.started
            recorder = Recorder(Transcript(started=started), Masker(), clock=lambda: 0.0, origin=0.0, body_peek=10**6)
            for delivery in deliveries:
                develop(delivery.exchange, recorder)
    events = list(recorder.transcript)
    told = b"".join(text_wire(event.text) for event in events if event.kind is EventKind.REPLY)
    assert told == sent
    said = b"".join(
        event.text.encode("utf-8", "surrogateescape") if event.kind is EventKind.BODY else text_wire(event.text)
        for event in events
        if event.kind in FROM_CLIENT
    )
    assert said == received


@LEVELS
async def test_each_recipient_gets_its_own_reply(pipelining: Pipelining, oracle: Callable[..., Oracle]) -> None:
    mixed = ("a@good.test", "unknown@good.test", "later@good.test", "b@good.test")
    messages = [message(number, *mixed) for number in range(6)]
    async with oracle() as server, lane_to(server.port, pipelining=pipelining) as lane:
        deliveries = await deliver(lane, messages)
    for delivery in deliveries:
        verdicts = [each.verdict for each in delivery.recipients]
        assert verdicts == [Verdict.ACCEPTED, Verdict.REFUSED, Verdict.DEFERRED, Verdict.ACCEPTED]
        assert [each.stage for each in delivery.recipients] == ["dot", "rcpt", "rcpt", "dot"]
    assert [each.addresses for each in server.messages] == [("a@good.test", "b@good.test")] * 6


@LEVELS
@pytest.mark.parametrize("promise", [False, True])
async def test_nobody_accepted_is_refused_and_delivers_nothing(
    pipelining: Pipelining, promise: bool, oracle: Callable[..., Oracle]
) -> None:
    """With a 354 all the same, RFC 2920 wants a lone dot; whatever it gets, the message was refused."""
    messages = [message(0), message(1, "unknown@good.test"), *(message(n) for n in range(2, 7))]
    messages.append(message(7, "unknown@good.test", "later@good.test"))
    messages.append(message(8))
    async with oracle(promise_354=promise) as server, lane_to(server.port, pipelining=pipelining) as lane:
        deliveries = await deliver(lane, messages)
    assert [each.failure is None for each in deliveries] == [n not in (1, 7) for n in range(9)]
    assert [each.verdict for each in deliveries[7].recipients] == [Verdict.REFUSED, Verdict.DEFERRED]
    arrived = [each.data for each in server.messages if each.recipients]
    assert arrived == [each.content for n, each in enumerate(messages) if n not in (1, 7)]


async def test_without_the_offer_nothing_is_pipelined(oracle: Callable[..., Oracle]) -> None:
    features = ("SIZE 10000", "8BITMIME")
    async with oracle(features=features) as server, lane_to(server.port) as lane:
        deliveries = await deliver(lane, [message(n) for n in range(5)])
        assert lane.level is Level.OFF
    assert all(each.failure is None for each in deliveries)
    assert server.violations == []


async def test_refused_senders_step_down_and_nothing_goes(oracle: Callable[..., Oracle]) -> None:
    messages = [message(n) for n in range(5)]
    async with oracle(replies={"MAIL": b"553 5.1.8 not yours\r\n"}) as server, lane_to(server.port) as lane:
        deliveries = await deliver(lane, messages)
        assert lane.level is Level.OFF
    assert [each.failure.kind for each in deliveries if each.failure] == [FailureKind.REFUSED] * 5
    assert server.messages == []
    assert server.empty_messages == 0


async def test_lmtp_answers_for_each_recipient(oracle: Callable[..., Oracle]) -> None:
    after = {"full@good.test": "452 4.2.2 over quota"}
    messages = [message(n, "a@good.test", "full@good.test") for n in range(5)]
    async with oracle(lmtp=True, after_dot=after) as server, lane_to(server.port, lmtp=True) as lane:
        deliveries = await deliver(lane, messages)
    for delivery in deliveries:
        assert [each.verdict for each in delivery.recipients] == [Verdict.ACCEPTED, Verdict.DEFERRED]
    assert len(server.messages) == 5


async def test_a_large_message_goes_by_itself(oracle: Callable[..., Oracle]) -> None:
    small = [message(n) for n in range(5)]
    content = b"Subject: large\r\n\r\n" + b".0123456789\r\n" * 60_000
    large = replace(small[0], content=content, stuffed=content.replace(b"\r\n.", b"\r\n.."))
    messages = [*small, large, message(9)]
    async with oracle() as server, lane_to(server.port) as lane:
        deliveries = await deliver(lane, messages)
    assert [each.failure for each in deliveries] == [None] * 7
    assert [each.data for each in server.messages] == [each.content for each in messages]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lists=st.lists(
        st.lists(st.sampled_from(["a@good.test", "b@good.test", "unknown@good.test", "later@good.test"]), min_size=1),
        max_size=12,
    ),
    pipelining=st.sampled_from(list(Pipelining)),
    pieces=st.integers(1, 4),
    promise=st.booleans(),
)
async def test_any_mix_is_accounted_for(
    lists: list[list[str]], pipelining: Pipelining, pieces: int, promise: bool, oracle: Callable[..., Oracle]
) -> None:
    messages = [message(n, *recipients) for n, recipients in enumerate(lists)]
    async with (
        oracle(pieces=pieces, pause=0.0, promise_354=promise) as server,
        lane_to(server.port, pipelining=pipelining) as lane,
    ):
        deliveries = await deliver(lane, messages)
    expected = {"a": Verdict.ACCEPTED, "b": Verdict.ACCEPTED, "unknown": Verdict.REFUSED, "later": Verdict.DEFERRED}
    for delivery, recipients in zip(deliveries, lists, strict=True):
        assert [each.verdict for each in delivery.recipients] == [expected[r.partition("@")[0]] for r in recipients]
    arrived = [each.data for each in server.messages if each.recipients]
    accepted = [
        m.content for m, d in zip(messages, deliveries, strict=True) if any(r.stage == "dot" for r in d.recipients)
    ]
    assert arrived == accepted
