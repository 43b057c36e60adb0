"""Whatever a server does, a session ends in time with a clear error and a true transcript."""

import asyncio
import gc
import re
import tracemalloc
from collections.abc import Callable

import pytest

from smtptui.protocol import Credentials, FailureKind, Secret, Stage
from smtptui.session import client
from smtptui.session.mask import MASK
from smtptui.transcript import Verdict, describe
from tests.servers import behaviours as b
from tests.servers.behaviours import Behaviour
from tests.servers.certificates import Certificates
from tests.servers.hostile import Body, Handshake, Hostile, StageName
from tests.servers.loops import BOTH_LOOPS
from tests.servers.oracle import Oracle
from tests.servers.sasl import Accounts
from tests.servers.scram import Misbehaviour
from tests.servers.wire import LoopbackServer, Wire
from tests.session.exchange import (
    CONTENT,
    Finished,
    Tls,
    assert_harmless,
    assert_sentence,
    connection,
    finish,
    heard,
    request,
    said,
)

ServerMaker = Callable[..., Hostile]

WHO = Credentials("alice", Secret("wonder land"))
MARGIN = 30.0
"""Seconds a busy machine may need beyond the deadlines."""
BEFORE_DOT: tuple[StageName, ...] = ("banner", "ehlo", "starttls", "ehlo-tls", "auth", "mail", "rcpt", "data")
REPLYING: tuple[StageName, ...] = (*BEFORE_DOT, "dot")
MEBIBYTE = 1024 * 1024
PATIENT = 60.0
"""A deadline that what fails at once must not need."""

SLOW: dict[Behaviour, str] = {
    b.SILENCE: "no reply within 0.5 s",
    b.HALF: "octets of a reply within 0.5 s",
    b.endless_drip(0.05): "octets of a reply within 0.5 s",
}
"""What only a deadline ends, and what the message says."""
QUICK: dict[Behaviour, tuple[FailureKind, str]] = {
    b.CLOSE: (FailureKind.CLOSED, "closed the connection"),
    b.HALF_CLOSE: (FailureKind.CLOSED, "closed the connection"),
    b.RESET: (FailureKind.CLOSED, "reset"),
    b.GOODBYE: (FailureKind.DEFERRED, "421"),
    b.ENDLESS_LINE: (FailureKind.PROTOCOL, "longer than 1 MiB"),
    b.ENDLESS_REPLY: (FailureKind.PROTOCOL, "longer than 1 MiB"),
    b.GARBAGE: (FailureKind.PROTOCOL, "no SMTP reply: “\\x80\\x81\\x82\\x83…”"),
    b.HTTP: (FailureKind.PROTOCOL, "no SMTP reply: “HTTP…”"),
    b.EMPTY_LINE: (FailureKind.PROTOCOL, "no SMTP reply"),
    b.CODE_999: (FailureKind.PROTOCOL, "no SMTP reply: “999 …”"),
    b.CODE_2X0: (FailureKind.PROTOCOL, "no SMTP reply: “2x0 …”"),
    b.CODE_MINUS_25: (FailureKind.PROTOCOL, "no SMTP reply: “-25 …”"),
}
"""What is told from what it is, without waiting."""


def tls_for(stage: StageName) -> Tls:
    return "starttls" if stage in ("starttls", "ehlo-tls") else "none"


async def visit(
    server: Hostile,
    certificates: Certificates,
    tls: Tls = "none",
    timeout: float = 0.5,
    content: bytes = CONTENT,
    alone: bool = True,
) -> Finished:
    to = connection(server, certificates, tls, timeout)
    return await finish(request(to, credentials=WHO, content=content), within=timeout + 20, alone=alone)


async def assert_released(server: Hostile) -> None:
    """The client's sockets are closed: the server sees every connection end."""
    async with asyncio.timeout(MARGIN):
        for wire in server.wires:
            if not wire.eof:
                await wire.wait_gone()
    gc.collect()


def assert_failed(done: Finished, server: Hostile, stage: StageName, kind: FailureKind, says: str) -> None:
    failure = done.outcome.failure
    assert failure is not None
    assert not done.outcome.ok
    definite = kind is FailureKind.DEFERRED
    if stage == "dot" and not definite:
        assert failure.kind is FailureKind.UNCERTAIN
        assert {each.verdict for each in done.outcome.recipients} == {Verdict.UNCERTAIN}
        assert "log" in failure.message
    else:
        assert failure.kind is kind
        assert {each.verdict for each in done.outcome.recipients} <= {Verdict.UNTRIED, Verdict.DEFERRED}
    # A reset may be noticed before anything is expected.
    assert failure.stage == stage or (stage, failure.stage, says) == ("banner", "connect", "reset")
    assert says in failure.message
    assert_sentence(failure.message)
    assert describe(done.outcome) == failure.message
    assert any(event.kind == "error" and event.text == failure.message for event in done.transcript) or stage == "dot"
    assert_intact(done, server)
    assert_harmless(done)
    assert server.empty_messages == 0


def assert_intact(done: Finished, server: Hostile) -> None:
    """Up to the end the transcript is the wire; of a reply without end it keeps 64 KiB."""
    shown = heard(done.transcript)
    assert server.sent.startswith(shown)
    if any("longer than 1 MiB" in event.text for event in done.transcript):
        assert len(shown) >= 64 * 1024
    elif b"HTTP" in server.sent:
        assert shown.endswith(b"HTTP/1.1 400 Bad Request\r\n")
    else:
        # Whoever drips may have written once more when the client had left.
        more = server.sent[len(shown) :]
        # A reply without end is cut off by the clock where the machine is too slow for its limit.
        assert more in (b"", b"x") or more.endswith(b"-and another line\r\n")
    assert said(done.transcript).match(server.received)


@pytest.mark.parametrize("stage", REPLYING)
@pytest.mark.parametrize("behaviour", QUICK, ids=str)
async def test_what_no_session_survives(
    behaviour: Behaviour, stage: StageName, hostile: ServerMaker, certificates: Certificates
) -> None:
    tls = tls_for(stage)
    async with hostile({stage: behaviour}, tls=tls) as server:
        done = await visit(server, certificates, tls, PATIENT)
        await assert_released(server)
    assert done.took < MARGIN
    assert_failed(done, server, stage, *QUICK[behaviour])


@pytest.mark.parametrize("behaviour", SLOW, ids=str)
async def test_what_only_the_deadline_ends(
    behaviour: Behaviour, hostile: ServerMaker, certificates: Certificates
) -> None:
    async def at(stage: StageName) -> None:
        tls = tls_for(stage)
        async with hostile({stage: behaviour}, tls=tls) as server:
            done = await visit(server, certificates, tls, alone=False)
            await assert_released(server)
        assert 0.5 <= done.took < 0.5 + MARGIN
        assert_failed(done, server, stage, FailureKind.TIMEOUT, SLOW[behaviour])

    async with asyncio.TaskGroup() as group:
        for stage in REPLYING:
            group.create_task(at(stage))


@BOTH_LOOPS
@pytest.mark.parametrize("stage", ["banner", "ehlo-tls", "mail", "dot"])
@pytest.mark.parametrize("behaviour", [b.CLOSE, b.RESET, b.GOODBYE, b.GARBAGE, b.ENDLESS_LINE], ids=str)
async def test_under_both_loops(
    behaviour: Behaviour, stage: StageName, hostile: ServerMaker, certificates: Certificates
) -> None:
    await test_what_no_session_survives(behaviour, stage, hostile, certificates)


@BOTH_LOOPS
async def test_silence_under_both_loops(hostile: ServerMaker, certificates: Certificates) -> None:
    await test_what_only_the_deadline_ends(b.SILENCE, hostile, certificates)


# What is odd and yet harmless.


async def _bare_lf(wire: Wire, normal: bytes) -> None:
    await wire.send(normal.replace(b"\r\n", b"\n"))


BARE_LF = Behaviour("bare-lf", _bare_lf, proceeds=True)


@pytest.mark.parametrize("stage", [*BEFORE_DOT, "dot"])
@pytest.mark.parametrize("behaviour", [*b.HARMLESS_TEXTS, BARE_LF], ids=str)
async def test_texts_are_shown_and_never_interpreted(
    behaviour: Behaviour, stage: StageName, hostile: ServerMaker, certificates: Certificates
) -> None:
    tls = tls_for(stage)
    async with hostile({stage: behaviour}, tls=tls) as server:
        done = await visit(server, certificates, tls, PATIENT)
    if stage in ("ehlo", "ehlo-tls"):
        # These replies offer no AUTH, and no STARTTLS.
        assert done.outcome.ok is (behaviour is BARE_LF)
    else:
        assert done.outcome.ok
        assert server.bodies == [
            b"From: a@good.test\r\nTo: b@good.test\r\nSubject: hello\r\n\r\n..a dot\r\nGreetings\r\n"
        ]
    assert_intact(done, server)
    assert heard(done.transcript) == server.sent
    assert_harmless(done)


@pytest.mark.parametrize("stage", ["banner", "auth", "mail", "rcpt", "dot"])
async def test_a_slow_reply_within_the_deadline_counts(
    stage: StageName, hostile: ServerMaker, certificates: Certificates
) -> None:
    tls = tls_for(stage)
    async with hostile({stage: b.drip(0.002)}, tls=tls) as server:
        done = await visit(server, certificates, tls, PATIENT)
    assert done.outcome.ok
    assert heard(done.transcript) == server.sent


@pytest.mark.parametrize("stage", ["ehlo", "mail", "rcpt"])
async def test_a_dripping_server_meets_a_deadline_for_the_whole_reply(
    stage: StageName, hostile: ServerMaker, certificates: Certificates
) -> None:
    async with hostile({stage: b.drip(0.2)}) as server:
        done = await visit(server, certificates)
    assert_failed(done, server, stage, FailureKind.TIMEOUT, "octets of a reply within 0.5 s")


async def test_a_reply_of_mixed_codes_counts_by_its_last_line(hostile: ServerMaker, certificates: Certificates) -> None:
    async with hostile({"mail": b.MIXED_CODES}) as server:
        done = await visit(server, certificates, timeout=PATIENT)
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.REFUSED
    assert any("codes 250, 550" in event.text for event in done.transcript)
    assert server.bodies == []


async def test_a_code_alone_is_a_reply(hostile: ServerMaker, certificates: Certificates) -> None:
    async with hostile({"mail": b.CODE_ALONE, "rcpt": b.drip(0.001)}) as server:
        done = await visit(server, certificates, timeout=PATIENT)
    assert done.outcome.ok


# Lines nobody asked for.


@pytest.mark.parametrize("stage", [stage for stage in BEFORE_DOT if stage != "starttls"])
@pytest.mark.parametrize("behaviour", [b.STRAY_TOGETHER, b.STRAY_BEFORE], ids=str)
async def test_stray_lines_end_the_session_before_a_message_goes_out(
    behaviour: Behaviour, stage: StageName, hostile: ServerMaker, certificates: Certificates
) -> None:
    tls = tls_for(stage)
    async with hostile({stage: behaviour}, tls=tls) as server:
        done = await visit(server, certificates, tls, PATIENT)
        await assert_released(server)
    failure = done.outcome.failure
    assert failure is not None
    assert failure.kind is FailureKind.PROTOCOL
    assert_sentence(failure.message)
    assert server.bodies == []
    assert_intact(done, server)


@pytest.mark.parametrize("stray", [b"451 4.0.0 stray\r\n", b"250 2.0.0 stray\r\n"])
@pytest.mark.parametrize("stage", ["banner", "ehlo", "ehlo-tls", "auth", "mail", "rcpt"])
async def test_a_late_stray_line_is_taken_for_the_next_reply_and_yet_nothing_goes_out(
    stage: StageName, stray: bytes, hostile: ServerMaker, certificates: Certificates
) -> None:
    tls = tls_for(stage)
    async with hostile({stage: b.around("late", after=stray, apart=True)}, tls=tls) as server:
        done = await visit(server, certificates, tls, PATIENT)
        await assert_released(server)
    assert done.outcome.failure is not None
    assert_sentence(done.outcome.failure.message)
    assert server.bodies == []
    assert_intact(done, server)


async def test_a_stray_line_after_the_dot_that_agrees_changes_nothing(
    hostile: ServerMaker, certificates: Certificates
) -> None:
    async with hostile({"dot": b.around("agreeing", after=b"250 2.0.0 Ok once more\r\n")}) as server:
        done = await visit(server, certificates, timeout=PATIENT)
    assert done.outcome.ok
    assert done.outcome.queue_id == "HOSTILE1"
    assert heard(done.transcript) == server.sent


@pytest.mark.parametrize(
    "contradiction",
    [b.STRAY_TOGETHER, b.send("refused-then-queued", b"550 5.7.1 no\r\n250 2.0.0 Ok: queued as HOSTILE2\r\n")],
    ids=lambda behaviour: behaviour.name,
)
async def test_replies_to_the_dot_that_contradict_each_other_leave_it_unknown(
    contradiction: Behaviour, hostile: ServerMaker, certificates: Certificates
) -> None:
    async with hostile({"dot": contradiction}) as server:
        done = await visit(server, certificates, timeout=PATIENT)
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.UNCERTAIN
    assert [each.verdict for each in done.outcome.recipients] == [Verdict.UNCERTAIN]
    assert_sentence(done.outcome.failure.message)
    assert heard(done.transcript) == server.sent


@pytest.mark.parametrize("code", [200, 250, 334])
async def test_a_positive_answer_to_data_accepts_nothing(
    code: int, hostile: ServerMaker, certificates: Certificates
) -> None:
    async with hostile({"data": b.send("wrong", b"%d 2.0.0 Ok\r\n" % code)}) as server:
        done = await visit(server, certificates, timeout=PATIENT)
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.PROTOCOL
    assert [each.verdict for each in done.outcome.recipients] == [Verdict.UNTRIED]
    assert server.bodies == []


@pytest.mark.parametrize("code", [334, 354])
async def test_a_3yz_to_the_dot_is_no_refusal(code: int, hostile: ServerMaker, certificates: Certificates) -> None:
    async with hostile({"dot": b.send("wrong", b"%d go on\r\n" % code)}) as server:
        done = await visit(server, certificates, timeout=PATIENT)
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.UNCERTAIN
    assert [each.verdict for each in done.outcome.recipients] == [Verdict.UNCERTAIN]
    assert not any(command.startswith(b"QUIT") for command in server.commands), "it may become part of a message"


# STARTTLS.


@BOTH_LOOPS
@pytest.mark.parametrize(
    "injected", [b"250 2.0.0 injected\r\n", b"250-mx\r\n250 AUTH PLAIN\r\n", b"250-half", b"garbage\r\n", b"\x00"]
)
async def test_data_injected_with_the_starttls_reply(
    injected: bytes, hostile: ServerMaker, certificates: Certificates
) -> None:
    async with hostile(tls="starttls", injected=injected) as server:
        done = await visit(server, certificates, "starttls", PATIENT)
        await assert_released(server)
    assert done.took < MARGIN
    failure = done.outcome.failure
    assert failure is not None
    assert failure.kind is FailureKind.PROTOCOL
    assert failure.stage is Stage.STARTTLS
    assert_sentence(failure.message)
    assert heard(done.transcript) == server.sent
    assert server.commands[-1] == b"STARTTLS\r\n"
    assert done.outcome.tls is None


@BOTH_LOOPS
async def test_data_injected_after_the_starttls_reply(hostile: ServerMaker, certificates: Certificates) -> None:
    late = b.around("late", after=b"250 2.0.0 injected\r\n", apart=True)
    async with hostile({"starttls": late}, tls="starttls") as server:
        done = await visit(server, certificates, "starttls", 2.0)
        await assert_released(server)
    failure = done.outcome.failure
    assert failure is not None
    assert failure.kind in (FailureKind.TLS, FailureKind.PROTOCOL)
    assert failure.stage in (Stage.STARTTLS, Stage.TLS)
    assert_sentence(failure.message)
    assert server.commands[-1] == b"STARTTLS\r\n"
    assert done.outcome.tls is None


HANDSHAKES: dict[Handshake, tuple[FailureKind, str]] = {
    "garbage": (FailureKind.TLS, "TLS"),
    "plaintext": (FailureKind.TLS, "TLS"),
    "close": (FailureKind.TLS, "closed the connection during the TLS handshake"),
    "reset": (FailureKind.TLS, "closed the connection during the TLS handshake"),
    "half-close": (FailureKind.TLS, "closed the connection during the TLS handshake"),
    "silence": (FailureKind.TIMEOUT, "No TLS handshake within 0.5 s"),
    "half-silence": (FailureKind.TIMEOUT, "No TLS handshake within 0.5 s"),
}


@BOTH_LOOPS
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("handshake", HANDSHAKES)
async def test_no_handshake(
    handshake: Handshake,
    tls: Tls,
    hostile: ServerMaker,
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A failed handshake is told at once, not after a grace for a polite close.
    monkeypatch.setattr(client, "CLOSE_GRACE", 2 * MARGIN)
    async with hostile(tls=tls, handshake=handshake) as server:
        done = await visit(server, certificates, tls)
        await assert_released(server)
    kind, says = HANDSHAKES[handshake]
    failure = done.outcome.failure
    assert failure is not None
    assert failure.stage is Stage.TLS
    assert failure.kind is kind
    assert says in failure.message
    assert_sentence(failure.message)
    assert_harmless(done)
    assert done.took < MARGIN


# The body.


@BOTH_LOOPS
@pytest.mark.parametrize(
    ("then", "kind", "says"),
    [
        ("close", FailureKind.CLOSED, "connection"),
        ("reset", FailureKind.CLOSED, "connection"),
        ("silence", FailureKind.TIMEOUT, "stopped reading the message for 0.5 s"),
    ],
)
async def test_a_peer_that_gives_up_in_the_midst_of_a_message(
    then: str, kind: FailureKind, says: str, hostile: ServerMaker, certificates: Certificates
) -> None:
    content = CONTENT + b"x" * 998 + b"\r\n" + (b"y" * 998 + b"\r\n") * 9_000
    async with hostile(body=Body(20_000, then)) as server:  # type: ignore[arg-type]
        done = await visit(server, certificates, content=content)
        if then != "silence":
            await assert_released(server)
    failure = done.outcome.failure
    assert failure is not None
    assert failure.kind is kind, failure
    assert failure.stage is Stage.BODY
    assert says in failure.message
    assert_sentence(failure.message)
    assert {each.verdict for each in done.outcome.recipients} == {Verdict.UNTRIED}
    assert server.bodies == []
    assert 0 < done.run.progress().sent < done.run.progress().total
    assert done.took < 0.5 + MARGIN


async def test_a_421_in_the_midst_of_a_message(hostile: ServerMaker, certificates: Certificates) -> None:
    content = CONTENT + (b"y" * 998 + b"\r\n") * 9_000
    async with hostile(body=Body(20_000, "421")) as server:
        done = await visit(server, certificates, content=content)
    failure = done.outcome.failure
    assert failure is not None
    # A system may throw the reply away when the connection is cut with octets unread.
    assert failure.kind in (FailureKind.DEFERRED, FailureKind.CLOSED)
    assert failure.stage is Stage.BODY
    assert_sentence(failure.message)
    assert server.bodies == []


# After the message.


@pytest.mark.parametrize("behaviour", [*QUICK, b.SILENCE, b.HALF], ids=str)
async def test_a_bad_end_does_not_undo_a_delivery(
    behaviour: Behaviour, hostile: ServerMaker, certificates: Certificates
) -> None:
    async with hostile({"quit": behaviour}) as server:
        done = await visit(server, certificates)
        await assert_released(server)
    assert done.outcome.ok
    assert done.outcome.queue_id == "HOSTILE1"
    assert done.took < 0.5 + MARGIN
    assert_intact(done, server)
    assert_harmless(done)


@pytest.mark.parametrize("behaviour", [b.CLOSE, b.SILENCE, b.GARBAGE, b.GOODBYE], ids=str)
async def test_a_bad_reset_leaves_the_refusal_as_the_reason(
    behaviour: Behaviour, hostile: ServerMaker, certificates: Certificates
) -> None:
    async with hostile({"rcpt": b.PERMANENT, "rset": behaviour}) as server:
        done = await visit(server, certificates)
    failure = done.outcome.failure
    assert failure is not None
    assert (failure.stage, failure.kind) == (Stage.RCPT, FailureKind.REFUSED)
    assert "554 5.7.1 Go away" in failure.message


async def test_lmtp_replies_that_came_count_when_the_next_is_missing(
    hostile: ServerMaker, certificates: Certificates
) -> None:
    async with hostile({"dot": [b.NORMAL, b.CLOSE]}, lmtp=True) as server:
        to = connection(server, certificates, lmtp=True)
        done = await finish(request(to, "one@good.test", "two@good.test"))
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.UNCERTAIN
    assert [each.verdict for each in done.outcome.recipients] == [Verdict.ACCEPTED, Verdict.UNCERTAIN]


async def test_capabilities_that_are_no_numbers(hostile: ServerMaker, certificates: Certificates) -> None:
    async with hostile(features=("SIZE " + "9" * 5000, "AUTH PLAIN", "8BITMIME")) as server:
        done = await visit(server, certificates)
    assert done.outcome.ok


# Memory.


@pytest.mark.parametrize("stage", ["banner", "ehlo", "dot"])
@pytest.mark.parametrize("behaviour", [b.flood(), b.ENDLESS_LINE, b.ENDLESS_REPLY], ids=str)
async def test_memory_stays_small(
    behaviour: Behaviour, stage: StageName, hostile: ServerMaker, certificates: Certificates
) -> None:
    gc.collect()
    tracemalloc.start()
    try:
        async with hostile({stage: behaviour}) as server:
            done = await visit(server, certificates, timeout=PATIENT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert done.outcome.failure is not None
    assert "longer than 1 MiB" in done.outcome.failure.message
    assert peak < 32 * MEBIBYTE
    assert max(len(event.text) for event in done.transcript) <= 128 * 1024


# AUTH.


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
@pytest.mark.parametrize(
    ("misbehaviour", "kind", "says"),
    [
        (Misbehaviour.ABSURD_ITERATIONS, FailureKind.AUTH, "iterations"),
        (Misbehaviour.NOT_A_NUMBER, FailureKind.AUTH, "iteration count"),
        (Misbehaviour.BAD_SALT, FailureKind.AUTH, "salt"),
        (Misbehaviour.MANDATORY_EXTENSION, FailureKind.AUTH, "extension"),
        (Misbehaviour.GARBAGE, FailureKind.AUTH, "UTF-8"),
        (Misbehaviour.CHANGED_NONCE, FailureKind.PROTOCOL, "nonce"),
        (Misbehaviour.SAME_NONCE, FailureKind.PROTOCOL, "nonce"),
        (Misbehaviour.WRONG_SIGNATURE, FailureKind.PROTOCOL, "signature"),
        (Misbehaviour.NO_SIGNATURE, FailureKind.PROTOCOL, "did not prove itself"),
        (Misbehaviour.ERROR_VALUE, FailureKind.AUTH, "other-error"),
    ],
)
async def test_a_scram_server_that_cheats_gets_no_message(
    misbehaviour: Misbehaviour,
    kind: FailureKind,
    says: str,
    mechanism: str,
    oracle: Callable[..., Oracle],
    certificates: Certificates,
) -> None:
    async with oracle(accounts=Accounts(scram=misbehaviour), pieces=1) as server:
        to = connection(server, certificates, timeout=PATIENT, auth=mechanism)
        done = await finish(request(to, credentials=WHO))
    failure = done.outcome.failure
    assert failure is not None
    assert (failure.stage, failure.kind) == (Stage.AUTH, kind)
    assert says in failure.message
    assert_sentence(failure.message)
    assert done.outcome.auth is None
    assert done.took < MARGIN
    assert server.messages == []
    assert b"MAIL" not in server.received
    # What a server sends as its proof is masked, right or wrong.
    proof = re.escape(heard(done.transcript)).replace(re.escape(MASK.encode()), rb"[A-Za-z0-9+/]+=*")
    assert re.fullmatch(proof, server.sent)


@pytest.mark.parametrize(
    "challenge",
    [b"334 not base64!\r\n", b"334 \xff\xfe\r\n", b"334-a\r\n334 b=c\r\n", b"334 " + b"QUFB" * 20_000 + b"\r\n"],
)
async def test_challenges_that_make_no_sense(
    challenge: bytes, oracle: Callable[..., Oracle], certificates: Certificates
) -> None:
    async with oracle(replies={"AUTH challenge": challenge}, pieces=1) as server:
        to = connection(server, certificates, timeout=PATIENT, auth="SCRAM-SHA-256")
        done = await finish(request(to, credentials=WHO))
    assert done.outcome.failure is not None
    assert done.outcome.failure.stage is Stage.AUTH
    assert_sentence(done.outcome.failure.message)
    assert server.messages == []
    assert b"*\r\n" in server.received
    assert_harmless(done)


async def test_challenges_without_end(certificates: Certificates) -> None:
    class Asking(LoopbackServer):
        async def serve(self, wire: Wire) -> None:
            await wire.send(b"220 asks on\r\n")
            await wire.read_line()
            await wire.send(b"250-asks on\r\n250 AUTH LOGIN\r\n")
            while await wire.read_line() != b"*\r\n":
                await wire.send(b"334 VXNlcm5hbWU6\r\n")
            await wire.send(b"501 5.7.0 at last\r\n")
            await wire.read_line()
            await wire.send(b"221 bye\r\n")

    async with Asking() as server:
        to = connection(server, certificates, timeout=PATIENT)
        done = await finish(request(to, credentials=WHO))
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.PROTOCOL
    assert server.received.count(b"\r\n") < 30
    assert server.received.endswith(b"*\r\nQUIT\r\n")
