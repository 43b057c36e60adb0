"""A lane is opened as a session is, asks before each body, and leaves politely."""

import asyncio
from collections.abc import Callable

import pytest

from smtptui.protocol import Connection, Credentials, EventKind, FailureKind, Secret, Stage, TlsMode, TlsSettings
from smtptui.session import LaneError, LaneSettings, Pipelining, Prepared, Source, open_lane
from smtptui.transcript import SessionError, Verdict
from tests.servers.behaviours import SILENCE, send
from tests.servers.certificates import Certificates
from tests.servers.hostile import Hostile
from tests.servers.oracle import Oracle
from tests.session.lanes import deliver, lane_to, message

LEVELS = pytest.mark.parametrize("pipelining", list(Pipelining))


def _connection(port: int, tls: TlsSettings | None = None) -> Connection:
    return Connection("127.0.0.1", port, tls or TlsSettings(mode=TlsMode.NONE), timeout=5, ehlo_name="lane.test")


async def test_a_lane_logs_in_inside_tls_and_says_goodbye(
    oracle: Callable[..., Oracle], certificates: Certificates
) -> None:
    tls = TlsSettings(mode=TlsMode.STARTTLS, ca_file=certificates.ca_file)
    async with oracle(tls="starttls") as server:
        user, password = next(iter(server.dialogue.accounts.passwords.items()))
        opened = await open_lane(LaneSettings(_connection(server.port, tls), Credentials(user, Secret(password))))
        assert opened.talk.tls is not None
        assert opened.talk.auth is not None
        assert [each.failure async for each in opened.lane.deliver(Source([message(1)]))] == [None]
        assert await opened.leave() is None
        assert len(server.messages) == 1
    assert server.received.endswith(b"QUIT\r\n")
    said = [event.text for event in opened.transcript if event.kind is EventKind.COMMAND]
    assert said[0] == "EHLO lane.test"
    assert password not in "".join(said)


async def test_a_refused_login_opens_no_lane(oracle: Callable[..., Oracle], certificates: Certificates) -> None:
    tls = TlsSettings(mode=TlsMode.STARTTLS, ca_file=certificates.ca_file)
    async with oracle(tls="starttls") as server:
        wrong = Credentials("nobody", Secret("wrong"))
        with pytest.raises(LaneError) as caught:
            await open_lane(LaneSettings(_connection(server.port, tls), wrong))
    assert caught.value.failure.kind is FailureKind.AUTH
    assert caught.value.failure.reply is not None
    assert [event.kind for event in caught.value.transcript][-2:] == [EventKind.CLOSE, EventKind.ERROR]


@LEVELS
async def test_nothing_of_a_message_is_written_before_it_may(
    pipelining: Pipelining, oracle: Callable[..., Oracle]
) -> None:
    asked: list[Prepared] = []
    seen: list[int] = []

    async with oracle() as server:

        async def before(prepared: Prepared) -> None:
            await asyncio.sleep(0.01)
            seen.append(len(server.messages))
            asked.append(prepared)

        messages = [message(number) for number in range(7)]
        async with lane_to(server.port, pipelining=pipelining, before_body=before) as lane:
            deliveries = await deliver(lane, messages)
    assert asked == messages
    assert [each.failure for each in deliveries] == [None] * 7
    assert seen == list(range(7))


@LEVELS
async def test_a_message_that_may_not_go_out_leaves_all_untouched(
    pipelining: Pipelining, oracle: Callable[..., Oracle]
) -> None:
    async def before(prepared: Prepared) -> None:
        if b"number 5" in prepared.content:
            raise SessionError(Stage.DATA, FailureKind.LOCAL, "The journal cannot be written: the disk is full.")

    source = Source([message(number) for number in range(9)])
    async with oracle() as server, lane_to(server.port, pipelining=pipelining, before_body=before) as lane:
        deliveries = [each async for each in lane.deliver(source)]
        assert lane.failure is not None
        assert lane.failure.kind is FailureKind.LOCAL
    assert [each.failure is None for each in deliveries[:5]] == [True] * 5
    for delivery in deliveries[5:]:
        assert [each.verdict for each in delivery.recipients] == [Verdict.UNTRIED]
    assert len(server.messages) == 5
    assert server.empty_messages == 0
    # What was taken from the source came back as a delivery, so that nothing is lost.
    assert source.ready() == message(len(deliveries))


async def test_an_answer_to_quit_that_is_no_goodbye_is_told(hostile: Callable[..., Hostile]) -> None:
    async with hostile({"quit": send("refused", b"550 5.7.1 not wanted\r\n")}) as server:
        opened = await open_lane(LaneSettings(_connection(server.port)))
        assert [each.failure async for each in opened.lane.deliver(Source([message(1)]))] == [None]
        goodbye = await opened.leave()
    assert goodbye is not None
    assert goodbye.code == 550


async def test_an_opening_that_is_cancelled_leaves_no_connection(hostile: Callable[..., Hostile]) -> None:
    async with hostile({"ehlo": SILENCE}) as server:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await open_lane(LaneSettings(_connection(server.port)))
