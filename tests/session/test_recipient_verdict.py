"""What became of a recipient is one table, and both ways of sending go by it."""

import itertools
from collections.abc import Callable, Sequence

import pytest

from smtptui.protocol import Connection, Envelope, Reply, Stage, TlsMode, TlsSettings
from smtptui.session import Request, SessionRun
from smtptui.session.envelope_commands import prepare
from smtptui.session.pipeline import Pipelining, Source
from smtptui.session.recipient_verdict import MessageEnd, contradicts, in_the_end, verdict_of
from smtptui.transcript import RecipientOutcome, Verdict
from tests.servers.behaviours import CLOSE, Behaviour, send
from tests.servers.hostile import Hostile
from tests.session.lanes import lane_to

ACCEPTED, REFUSED, DEFERRED = Verdict.ACCEPTED, Verdict.REFUSED, Verdict.DEFERRED
UNCERTAIN, UNTRIED = Verdict.UNCERTAIN, Verdict.UNTRIED
DECIDING = (Stage.RCPT, Stage.DATA, Stage.BODY, Stage.DOT)
SENDER = "sender@good.test"
CONTENT = b"From: sender@good.test\r\nSubject: a test\r\n\r\ntext\r\n"


def reply(text: str) -> Reply:
    return Reply(int(text[:3]), text.encode() + b"\r\n", 1)


@pytest.mark.parametrize(
    ("stage", "code", "verdict"),
    [
        (stage, code, verdict)
        for stage in DECIDING
        for code, verdict in ((421, DEFERRED), (451, DEFERRED), (550, REFUSED), (554, REFUSED))
    ]
    + [(Stage.RCPT, code, ACCEPTED) for code in (250, 251, 252)]
    + [(Stage.RCPT, code, UNTRIED) for code in (200, 220, 354)]
    + [(stage, code, UNTRIED) for stage in (Stage.DATA, Stage.BODY) for code in (250, 354)]
    + [(Stage.DOT, 250, ACCEPTED), (Stage.DOT, 200, ACCEPTED), (Stage.DOT, 354, UNCERTAIN)],
)
def test_a_reply_means_for_a_recipient(stage: Stage, code: int, verdict: Verdict) -> None:
    assert verdict_of(reply(f"{code} 2.0.0 said" if code < 400 else f"{code} said"), stage) is verdict


@pytest.mark.parametrize(
    ("verdict", "stage", "end"), itertools.product(Verdict, (None, *DECIDING), MessageEnd), ids=str
)
def test_nothing_but_the_dot_accepts_and_no_end_makes_a_doubt_certain(
    verdict: Verdict, stage: Stage | None, end: MessageEnd
) -> None:
    final = in_the_end(verdict, stage, end)
    if final is ACCEPTED:
        assert verdict is ACCEPTED
        assert stage is not Stage.RCPT
        assert not (stage is Stage.DOT and end is MessageEnd.CONTRADICTED)
    if verdict is UNCERTAIN:
        assert final is UNCERTAIN
    if stage is Stage.DOT and end is MessageEnd.CONTRADICTED and verdict in (ACCEPTED, REFUSED, DEFERRED):
        assert final is UNCERTAIN
    if stage is Stage.RCPT and verdict is ACCEPTED:
        doubt = end in (MessageEnd.UNANSWERED, MessageEnd.CONTRADICTED)
        assert final is (UNCERTAIN if doubt else UNTRIED)
    if stage in (None, Stage.DATA, Stage.BODY) or verdict in (UNTRIED, Verdict.UNREADABLE):
        assert final is verdict


def test_only_the_opposite_contradicts() -> None:
    assert contradicts(reply("250 ok"), [REFUSED])
    assert contradicts(reply("550 no"), [ACCEPTED, REFUSED])
    assert not contradicts(reply("250 ok"), [ACCEPTED, REFUSED])
    assert not contradicts(reply("451 later"), [REFUSED])


SAID: dict[str, tuple[str, Behaviour]] = {
    "accepted": ("dot", send("said", b"250 2.0.0 queued as 4ABC\r\n")),
    "refused at the dot": ("dot", send("said", b"550 5.7.1 no\r\n")),
    "deferred at the dot": ("dot", send("said", b"451 4.3.0 later\r\n")),
    "354 to the dot": ("dot", send("said", b"354 go on\r\n")),
    "closed instead of the dot's reply": ("dot", CLOSE),
    "421 to the dot": ("dot", send("said", b"421 4.3.2 closing\r\n")),
    "refused, then accepted": ("dot", send("said", b"550 5.7.1 no\r\n250 2.0.0 queued\r\n")),
    "accepted, then refused": ("dot", send("said", b"250 2.0.0 queued\r\n550 5.7.1 no\r\n")),
    "refused by RCPT": ("rcpt", send("said", b"550 5.1.1 unknown\r\n")),
    "deferred by RCPT": ("rcpt", send("said", b"450 4.2.0 greylisted\r\n")),
    "354 to RCPT": ("rcpt", send("said", b"354 go on\r\n")),
    "refused by DATA": ("data", send("said", b"554 5.5.1 no\r\n")),
    "deferred by DATA": ("data", send("said", b"451 4.3.0 later\r\n")),
    "250 to DATA": ("data", send("said", b"250 ok\r\n")),
    "closed at DATA": ("data", CLOSE),
}


async def stepwise(port: int) -> Sequence[RecipientOutcome]:
    connection = Connection("127.0.0.1", port, TlsSettings(mode=TlsMode.NONE), ehlo_name="[127.0.0.1]", timeout=5.0)
    run = SessionRun(Request(connection, Envelope.of(SENDER, "a@good.test"), CONTENT))
    return (await run.run()).recipients


async def piped(port: int, pipelining: Pipelining) -> Sequence[RecipientOutcome]:
    async with lane_to(port, timeout=5, pipelining=pipelining) as lane:
        source = Source([prepare(Envelope.of(SENDER, "a@good.test"), CONTENT)])
        return [each async for delivery in lane.deliver(source) for each in delivery.recipients]


@pytest.mark.parametrize("said", SAID)
async def test_both_ways_of_sending_come_to_the_same(said: str, hostile: Callable[..., Hostile]) -> None:
    stage, behaviour = SAID[said]
    found = []
    for send_it in (stepwise, lambda port: piped(port, Pipelining.OFF), lambda port: piped(port, Pipelining.MESSAGE)):
        async with hostile({stage: behaviour}) as server:
            [outcome] = await send_it(server.port)
        found.append(outcome.verdict)
    assert found[0] == found[1] == found[2]
