"""Whoever stands at the gate, a session ends, and never with an empty message; leaving early is exact."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtptui.protocol import QUITTABLE, Credentials, FailureKind, Secret, Stage
from smtptui.session import Action, Decision, ExitAfter, Pending
from smtptui.session.gate import COMMAND_ACTIONS, EXCHANGE_ACTIONS, HELD_ACTIONS
from smtptui.transcript import Verdict
from tests.servers.certificates import Certificates
from tests.servers.oracle import Oracle
from tests.session.exchange import CONTENT, Tls, assert_sentence, connection, finish, request

OracleMaker = Callable[..., Oracle]

WHO = Credentials("alice", Secret("wonder land"))
NONSENSE = st.one_of(
    st.sampled_from(
        [
            *("", ".", "..", " ", "DATA", "data ", "RSET", "NOOP", "QUIT", "EHLO other.test", "HELO x", "STARTTLS"),
            *("AUTH LOGIN", "AUTH PLAIN", "AUTH PLAIN AGFsaWNlAHdvbmRlciBsYW5k", "BDAT 0 LAST", "*", "=", "VRFY a"),
            *("MAIL FROM:<x@good.test>", "RCPT TO:<b@good.test>", "RCPT TO:<unknown@good.test>", "RCPT TO:<>"),
            *("MAIL FROM:<x@good.test> SIZE=99999999999", "X" * 3000, "Grüße", "\udcff\udc80", "NOOP\x00\x1b[2J"),
        ]
    ),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=30),
)
DECISIONS = st.lists(st.tuples(st.sampled_from(list(Action)), NONSENSE), max_size=14)
WEIGHED = st.lists(
    st.tuples(st.sampled_from([Action.PASS] * 6 + [Action.EDIT, Action.SKIP]), NONSENSE), min_size=14, max_size=14
)


def gate_of(decisions: list[tuple[Action, str]]) -> tuple[list[Pending], Callable[..., object]]:
    """A gate that decides as told where that is allowed and passes all else."""
    asked: list[Pending] = []

    async def gate(pending: Pending) -> Decision:
        asked.append(pending)
        action, line = decisions[len(asked) - 1] if len(asked) <= len(decisions) else (Action.PASS, "")
        if action not in pending.allowed:
            action = Action.PASS
        return Decision(action, line if action is Action.EDIT else "")

    return asked, gate


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    decisions=st.one_of(DECISIONS, WEIGHED),
    tls=st.sampled_from(["none", "none", "starttls", "implicit"]),
    auth=st.sampled_from(["PLAIN", "LOGIN", "CRAM-MD5", "off"]),
)
async def test_no_gate_makes_a_session_hang_or_send_an_empty_message(
    decisions: list[tuple[Action, str]], tls: Tls, auth: str, oracle: OracleMaker, certificates: Certificates
) -> None:
    asked, gate = gate_of(decisions)
    async with oracle(tls=tls, pieces=1) as server:
        to = connection(server, certificates, tls, 2.0, auth=auth)
        wanted = request(to, "b@good.test", "unknown@good.test", "c@good.test", credentials=WHO)
        done = await finish(wanted, gate, within=60.0)  # type: ignore[arg-type]
    outcome = done.outcome
    assert server.empty_messages == 0
    assert all(message.data == CONTENT for message in server.messages)
    assert len(server.messages) <= 1
    accepted = [each for each in outcome.recipients if each.stage is Stage.DOT and each.verdict is Verdict.ACCEPTED]
    uncertain = [each for each in outcome.recipients if each.verdict is Verdict.UNCERTAIN]
    assert bool(server.messages) == bool(accepted or uncertain)
    if outcome.failure is not None:
        assert_sentence(outcome.failure.message)
    else:
        assert outcome.ok
    assert all(pending.line is None or pending.line.isprintable() for pending in asked)


@pytest.mark.parametrize(
    ("stage", "allowed"),
    [
        (Stage.CONNECT, HELD_ACTIONS),
        (Stage.BANNER, HELD_ACTIONS),
        (Stage.EHLO, COMMAND_ACTIONS),
        (Stage.STARTTLS, COMMAND_ACTIONS),
        (Stage.TLS, HELD_ACTIONS),
        (Stage.EHLO_TLS, COMMAND_ACTIONS),
        (Stage.MAIL, COMMAND_ACTIONS),
        (Stage.RCPT, COMMAND_ACTIONS),
        (Stage.DATA, COMMAND_ACTIONS),
        (Stage.BODY, HELD_ACTIONS),
        (Stage.DOT, HELD_ACTIONS),
    ],
)
async def test_what_is_allowed_where(
    stage: Stage, allowed: frozenset[Action], oracle: OracleMaker, certificates: Certificates
) -> None:
    asked, gate = gate_of([])
    async with oracle(tls="starttls", pieces=1) as server:
        done = await finish(request(connection(server, certificates, "starttls", 5.0)), gate)  # type: ignore[arg-type]
    assert done.outcome.ok
    assert {pending.allowed for pending in asked if pending.stage is stage} == {allowed}


async def test_the_gate_sees_the_lines_masked(oracle: OracleMaker, certificates: Certificates) -> None:
    asked, gate = gate_of([])
    async with oracle(pieces=1) as server:
        to = connection(server, certificates, auth="LOGIN", timeout=5.0)
        await finish(request(to, credentials=WHO), gate)  # type: ignore[arg-type]
    lines = [pending.line for pending in asked]
    assert f"MAIL FROM:<a@good.test> SIZE={len(CONTENT)}" in lines
    assert "AUTH LOGIN" in lines
    # What is not shown cannot be edited in part either: an answer begins empty.
    assert {pending.line for pending in asked if pending.allowed == EXCHANGE_ACTIONS} == {""}


async def test_an_action_that_is_not_allowed_is_a_fault_of_the_caller(
    oracle: OracleMaker, certificates: Certificates
) -> None:
    async def gate(pending: Pending) -> Decision:
        return Decision(Action.SKIP if pending.stage is Stage.DOT else Action.PASS)

    async with oracle(pieces=1) as server:
        with pytest.raises(ValueError, match="may not skip at dot"):
            await finish(request(connection(server, certificates, timeout=5.0)), gate)
    assert server.messages == []


@pytest.mark.parametrize("line", ["NOOP\r\nDATA", "NOOP\n", "\r"])
def test_an_edit_is_one_command(line: str) -> None:
    with pytest.raises(ValueError, match="one command at a time"):
        Decision(Action.EDIT, line)


@pytest.mark.parametrize(("action", "verdict"), [(Action.QUIT, b"QUIT\r\n"), (Action.DROP, b"")], ids=["quit", "drop"])
async def test_leaving_by_hand(action: Action, verdict: bytes, oracle: OracleMaker, certificates: Certificates) -> None:
    async def gate(pending: Pending) -> Decision:
        return Decision(action if pending.stage is Stage.RCPT else Action.PASS)

    async with oracle(pieces=1) as server:
        done = await finish(request(connection(server, certificates, timeout=5.0)), gate)
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.CANCELLED
    assert done.outcome.failure.stage is Stage.RCPT
    after = server.received.partition(b"MAIL FROM:<a@good.test> SIZE=%d\r\n" % len(CONTENT))[2]
    assert after.replace(b"RSET\r\n", b"") == verdict
    assert server.messages == []


async def test_a_skipped_recipient_gets_nothing_and_the_others_do(
    oracle: OracleMaker, certificates: Certificates
) -> None:
    async def gate(pending: Pending) -> Decision:
        return Decision(Action.SKIP if "b@good.test" in (pending.line or "") else Action.PASS)

    async with oracle(pieces=1) as server:
        done = await finish(request(connection(server, certificates, timeout=5.0), "b@good.test", "c@good.test"), gate)
    assert [message.addresses for message in server.messages] == [("c@good.test",)]
    assert [each.verdict for each in done.outcome.recipients] == [Verdict.UNTRIED, Verdict.ACCEPTED]
    assert not done.outcome.ok


# Early exit.

TRACES: dict[Tls, dict[Stage, str]] = {
    "none": {
        Stage.CONNECT: "",
        Stage.BANNER: "",
        Stage.EHLO: "EHLO",
        Stage.STARTTLS: "EHLO",
        Stage.TLS: "EHLO",
        Stage.EHLO_TLS: "EHLO",
        Stage.AUTH: "EHLO AUTH",
        Stage.MAIL: "EHLO AUTH MAIL",
        Stage.RCPT: "EHLO AUTH MAIL RCPT RCPT",
        Stage.DATA: "EHLO AUTH MAIL RCPT RCPT DATA",
        Stage.BODY: "EHLO AUTH MAIL RCPT RCPT DATA body",
        Stage.DOT: "EHLO AUTH MAIL RCPT RCPT DATA body dot",
        Stage.RSET: "EHLO AUTH MAIL RCPT RCPT DATA body dot",
        Stage.QUIT: "EHLO AUTH MAIL RCPT RCPT DATA body dot QUIT",
    },
    "starttls": {
        Stage.CONNECT: "",
        Stage.BANNER: "",
        Stage.EHLO: "EHLO",
        Stage.STARTTLS: "EHLO STARTTLS",
        Stage.TLS: "EHLO STARTTLS",
        Stage.EHLO_TLS: "EHLO STARTTLS EHLO",
        Stage.AUTH: "EHLO STARTTLS EHLO AUTH",
        Stage.MAIL: "EHLO STARTTLS EHLO AUTH MAIL",
        Stage.RCPT: "EHLO STARTTLS EHLO AUTH MAIL RCPT RCPT",
        Stage.DATA: "EHLO STARTTLS EHLO AUTH MAIL RCPT RCPT DATA",
        Stage.BODY: "EHLO STARTTLS EHLO AUTH MAIL RCPT RCPT DATA body",
        Stage.DOT: "EHLO STARTTLS EHLO AUTH MAIL RCPT RCPT DATA body dot",
    },
    "implicit": {
        Stage.CONNECT: "",
        Stage.STARTTLS: "",
        Stage.TLS: "",
        Stage.BANNER: "",
        Stage.EHLO: "EHLO",
        Stage.EHLO_TLS: "EHLO",
        Stage.AUTH: "EHLO AUTH",
        Stage.DATA: "EHLO AUTH MAIL RCPT RCPT DATA",
        Stage.DOT: "EHLO AUTH MAIL RCPT RCPT DATA body dot",
    },
}
"""What the server has heard when a session left after a stage, by the way of TLS."""


def trace(received: bytes) -> str:
    """What came, in short."""
    head, data, rest = received.partition(b"DATA\r\n")
    words = [line.split()[0].decode() for line in (head + data).splitlines()]
    stuffed = CONTENT.replace(b"\r\n.a", b"\r\n..a")
    if rest.startswith(stuffed):
        words.append("body")
        rest = rest.removeprefix(stuffed)
    if rest.startswith(b".\r\n"):
        words.append("dot")
        rest = rest.removeprefix(b".\r\n")
    return " ".join([*words, *(line.decode() for line in rest.splitlines())])


@pytest.mark.parametrize(("tls", "stage"), [(tls, stage) for tls, stages in TRACES.items() for stage in stages])
@pytest.mark.parametrize("drop", [False, True], ids=["quit", "drop"])
async def test_leaving_after_a_stage(
    drop: bool, tls: Tls, stage: Stage, oracle: OracleMaker, certificates: Certificates
) -> None:
    if not drop and stage not in QUITTABLE:
        with pytest.raises(ValueError, match=f"QUIT cannot follow {stage}"):
            ExitAfter(stage)
        return
    async with oracle(tls=tls, pieces=1) as server:
        to = connection(server, certificates, tls, 5.0, auth="PLAIN")
        wanted = request(to, "b@good.test", "c@good.test", credentials=WHO, exit_after=ExitAfter(stage, drop))
        done = await finish(wanted)
        delivered = len(server.messages)
    heard = trace(server.received).replace(" RSET", "")
    assert heard == TRACES[tls][stage] + ("" if drop else " QUIT" if TRACES[tls][stage] else "QUIT")
    assert done.outcome.ok
    assert server.empty_messages == 0
    assert delivered == ("dot" in heard)
    reached = {Stage.RCPT: (Stage.RCPT, Verdict.ACCEPTED), Stage.DOT: (Stage.DOT, Verdict.ACCEPTED)}.get(stage)
    if reached is not None:
        assert {(each.stage, each.verdict) for each in done.outcome.recipients} == {reached}


async def test_leaving_after_rcpt_tells_who_was_refused(oracle: OracleMaker, certificates: Certificates) -> None:
    async with oracle(pieces=1) as server:
        to = connection(server, certificates, timeout=5.0)
        done = await finish(request(to, "b@good.test", "unknown@good.test", exit_after=ExitAfter(Stage.RCPT)))
    assert not done.outcome.ok
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.REFUSED
    assert server.messages == []


async def test_a_stage_that_is_never_reached_is_no_success(oracle: OracleMaker, certificates: Certificates) -> None:
    async with oracle(pieces=1, replies={"MAIL": b"550 5.7.1 not you\r\n"}) as server:
        done = await finish(request(connection(server, certificates, timeout=5.0), exit_after=ExitAfter(Stage.RCPT)))
    assert not done.outcome.ok
    assert done.outcome.failure is not None
    assert done.outcome.failure.stage is Stage.MAIL


# Commands typed where they do not belong.


async def typed(
    line: str, stage: Stage, count: int, tls: Tls, oracle: OracleMaker, certificates: Certificates
) -> bytes:
    """Type a line at the ``count``-th step of a stage; returns what the server heard from there on."""
    passed = 0

    async def gate(pending: Pending) -> Decision:
        nonlocal passed
        passed += pending.stage is stage
        if pending.stage is stage and passed == count:
            return Decision(Action.EDIT, line)
        return Decision(Action.PASS)

    async with oracle(tls=tls, pieces=1) as server:
        mode: Tls = "none" if tls == "starttls" else tls
        to = connection(server, certificates, mode, 60.0)
        done = await finish(request(to, "b@good.test", "c@good.test"), gate)
    assert done.outcome.failure is not None
    assert done.outcome.failure.kind is FailureKind.PROTOCOL
    assert done.outcome.failure.stage is stage
    assert_sentence(done.outcome.failure.message)
    assert server.messages == []
    assert done.took < 30
    return server.received[server.received.index(line.encode()) :]


async def test_data_typed_for_a_recipient_ends_the_session_without_another_word(
    oracle: OracleMaker, certificates: Certificates
) -> None:
    assert await typed("DATA", Stage.RCPT, 2, "none", oracle, certificates) == b"DATA\r\n"


async def test_a_login_typed_for_the_sender_ends_the_session(oracle: OracleMaker, certificates: Certificates) -> None:
    assert await typed("AUTH LOGIN", Stage.MAIL, 1, "none", oracle, certificates) == b"AUTH LOGIN\r\n"


async def test_starttls_typed_for_the_sender_ends_the_session(oracle: OracleMaker, certificates: Certificates) -> None:
    assert await typed("starttls", Stage.MAIL, 1, "starttls", oracle, certificates) == b"starttls\r\n"
