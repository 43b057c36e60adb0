"""No secret leaves a session, whatever the server repeats and whatever was typed by hand."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from smtptui.protocol import Connection, Credentials, Envelope, EventKind, Secret, Stage, encode, visible
from smtptui.session import PASS, Action, Decision, Gate, Pending, Request, SessionRun
from smtptui.session.mask import MASK, Masker
from smtptui.transcript import describe
from tests.servers.behaviours import send
from tests.servers.certificates import Certificates
from tests.servers.hostile import Hostile
from tests.session.echo import Echo, forms
from tests.session.exchange import CONTENT, Finished, connection, finish, renderings, request

SECRETS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0\1•"), min_size=4, max_size=20
).filter(lambda text: len(text.strip()) >= 4 and re.search(r"[^\W\d_]", text) is not None)
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NOBODYS = "∅∅∅∅"
"""A secret whose forms are part of nothing else."""
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
PLAIN_SESSION = "baseline"
MECHANISMS = st.sampled_from(["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"])


async def session(
    directory: Path,
    who: Credentials,
    *,
    auth: str = "PLAIN",
    told: tuple[str, ...] = (),
    refuses: bool = False,
    gate: Gate | None = None,
) -> Finished:
    path = directory / "echo"
    path.unlink(missing_ok=True)
    async with Echo(path, told=told, refuses=refuses) as _:
        to = Connection(socket_path=path, auth=auth, ehlo_name="client.test", timeout=5)
        run = SessionRun(
            Request(to, Envelope.of("a@good.test", "b@good.test"), CONTENT, who),
            gate=gate,
            now=lambda: NOON,
            clock=lambda: 0.0,
        )
        outcome = await run.run()
    return Finished(run, outcome, 0.0)


def strings(value: object) -> Iterator[str]:
    """Every text in a JSON document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def everything(done: Finished) -> str:
    """All that a session shows, without the quoting of the formats."""
    shown = renderings(done)
    shown["html"] = html.unescape(shown["html"])
    shown["json"] += "\n".join(strings(json.loads(shown["json"])))
    shown["jsonl"] += "\n".join(text for line in shown["jsonl"].splitlines() for text in strings(json.loads(line)))
    shown["events"] = "\n".join(event.text for event in done.transcript)
    shown["replies"] = "\n".join(
        str(reply) + repr(reply.raw)
        for reply in (done.outcome.reply, done.run.progress().reply, *(each.reply for each in done.outcome.recipients))
        if reply is not None
    )
    return "\n".join(shown.values())


def assert_secret(secret: str, done: Finished, harmless: Finished) -> None:
    """Nothing that ``done`` shows tells the secret; ``harmless`` is the same with :data:`NOBODYS`."""
    shown, ours = everything(done).lower(), everything(harmless).lower()
    searched = {form.lower() for form in {*forms(secret), visible(secret)}}
    # A word of ours may be a password as well: the server's name "echo", a verdict "untried".
    assume(not any(form in ours for form in searched))
    # In ASCII: what is shown may hold lone surrogates, which no report could be written with.
    assert [ascii(form) for form in searched if form in shown] == []


@FEW
@given(secret=SECRETS, auth=MECHANISMS, refuses=st.booleans())
@example(secret="untried", auth="PLAIN", refuses=True)
async def test_no_secret_is_rendered(
    secret: str, auth: str, refuses: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.getbasetemp()

    async def with_secret(secret: str) -> Finished:
        who = Credentials("alice", Secret(secret), Secret(secret))
        return await session(directory, who, auth=auth, told=(secret,), refuses=refuses)

    done = await with_secret(secret)
    assert MASK in everything(done)
    assert_secret(secret, done, await with_secret(NOBODYS))


SPELLINGS = st.sampled_from(["AUTH PLAIN {}", "auth plain {}", "aUtH   pLaIn \t {}  ", "  AUTH PLAIN {}", "AUTH {}"])


def typing(stage: Stage, line: str, seen: list[str]) -> Gate:
    """Somebody who types another command at a stage."""

    async def gate(pending: Pending) -> Decision:
        seen.append(pending.line or "")
        if pending.stage is stage and Action.EDIT in pending.allowed:
            return Decision(Action.EDIT, line)
        return PASS

    return gate


@FEW
@given(typed=SECRETS, spelling=SPELLINGS, stage=st.sampled_from([Stage.EHLO, Stage.AUTH, Stage.MAIL, Stage.RCPT]))
@example(typed="prot", spelling="AUTH PLAIN {}", stage=Stage.EHLO)
async def test_what_is_typed_into_auth_by_hand_is_a_secret(
    typed: str, spelling: str, stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.getbasetemp()
    seen: list[str] = []

    def token(typed: str) -> str:
        return b64encode(b"\0bob\0" + encode(typed)).decode()

    async def with_secret(typed: str) -> Finished:
        gate = typing(stage, spelling.format(token(typed)), seen)
        return await session(directory, Credentials("alice", Secret("wonder land")), gate=gate)

    done = await with_secret(typed)
    assert any(MASK in event.text for event in done.transcript if event.kind is EventKind.COMMAND)
    assert token(typed) not in everything(done)
    assert not any("wonder" in line or b64encode(b"wonder land").decode() in line for line in seen)
    assert_secret(typed, done, await with_secret(NOBODYS))


@FEW
@given(typed=SECRETS, encoded=st.booleans())
async def test_what_is_typed_as_an_answer_is_a_secret(
    typed: str, encoded: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.getbasetemp()

    async def with_secret(typed: str) -> Finished:
        line = b64encode(encode(typed)).decode() if encoded else typed

        async def gate(pending: Pending) -> Decision:
            continues = pending.stage is Stage.AUTH and Action.SKIP not in pending.allowed
            return Decision(Action.EDIT, line) if continues else PASS

        return await session(directory, Credentials("alice", Secret("wonder land")), auth="LOGIN", gate=gate)

    done = await with_secret(typed)
    assert [event.text for event in done.transcript if event.kind is EventKind.CONTINUATION] == [MASK, MASK]
    assert_secret(typed, done, await with_secret(NOBODYS))


async def test_a_password_like_an_extension_does_not_hide_the_extension(tmp_path: Path) -> None:
    done = await session(tmp_path, Credentials("alice", Secret("plain")))
    assert done.outcome.auth == "PLAIN"


# The masker alone.


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("AUTH LOGIN", "AUTH LOGIN"),
        ("auth login", "auth login"),
        ("AUTH PLAIN =", "AUTH PLAIN ="),
        ("AUTH PLAIN AGFsaWNlAGh1bnRlcjI=", f"AUTH PLAIN {MASK}"),
        ("auth  plain\tAGFsaWNlAGh1bnRlcjI= ", f"auth  plain\t{MASK}"),
        ("AUTH AGFsaWNlAGh1bnRlcjI=", f"AUTH {MASK}"),
        ("AUTHPLAIN AGFsaWNlAGh1bnRlcjI=", f"AUTHPLAIN {MASK}"),
        ("AUTH XOAUTH2 a b c", f"AUTH XOAUTH2 {MASK}"),
        ("EHLO auth.test", "EHLO auth.test"),
        ("MAIL FROM:<author@good.test> AUTH=<>", "MAIL FROM:<author@good.test> AUTH=<>"),
    ],
)
def test_the_auth_command(line: str, shown: str) -> None:
    masker = Masker()
    assert masker.preview(line, Stage.MAIL) == shown
    assert masker.sent(line, Stage.MAIL) == shown


def test_the_mechanism_is_no_secret() -> None:
    masker = Masker(Credentials("alice", Secret("wonder land")))
    masker.sent("AUTH LOGIN", Stage.AUTH)
    assert masker.received(250, "250 AUTH PLAIN LOGIN", Stage.EHLO) == "250 AUTH PLAIN LOGIN"


@pytest.mark.parametrize("line", ["", "=", "*"])
def test_protocol_answers_are_shown(line: str) -> None:
    masker = Masker()
    masker.received(334, "334 ", Stage.AUTH)
    assert masker.sent(line, Stage.AUTH) == line


def test_only_the_answer_to_a_challenge_is_masked() -> None:
    masker = Masker()
    masker.received(334, "334 ", Stage.AUTH)
    assert masker.sent("c2VjcmV0", Stage.AUTH) == MASK
    masker.received(235, "235 ok", Stage.AUTH)
    assert masker.sent("MAIL FROM:<a@b.test>", Stage.MAIL) == "MAIL FROM:<a@b.test>"
    assert masker.text("you said secret", Stage.MAIL) == f"you said {MASK}"


def test_a_short_secret_does_not_blot_out_the_dialogue() -> None:
    masker = Masker(Credentials("alice", Secret("250")))
    assert masker.received(250, "250 Ok 250", Stage.MAIL) == "250 Ok 250"
    assert MASK in masker.received(535, "535 the password 250 is wrong", Stage.AUTH)


def test_the_user_name_is_masked_in_auth_and_shown_in_the_envelope() -> None:
    masker = Masker(Credentials("alice@good.test", Secret("wonder land")))
    assert masker.text("no such user alice@good.test", Stage.AUTH) == f"no such user {MASK}"
    assert masker.text("MAIL FROM:<alice@good.test>", Stage.MAIL) == "MAIL FROM:<alice@good.test>"


@given(st.sampled_from([Stage.AUTH, Stage.MAIL]), SECRETS, st.binary(max_size=5), st.binary(max_size=5))
def test_a_secret_within_a_longer_base64_text(stage: Stage, secret: str, before: bytes, after: bytes) -> None:
    masker = Masker(Credentials("", Secret(secret)))
    blob = b64encode(before + encode(secret) + after).decode()
    shown = masker.text(f"535 {blob} rejected", stage)
    shift = len(before) % 3
    octets = encode(secret)
    core = b64encode(b"\0" * shift + octets).decode()[-(-shift * 8 // 6) : (shift + len(octets)) * 8 // 6]
    assert core not in shown
    assert MASK in shown


def test_the_mask_does_not_tell_the_length() -> None:
    shown: set[Literal[True] | str] = {
        Masker(Credentials("", Secret("x" * length))).text("x" * length, Stage.MAIL) for length in (4, 9, 40)
    }
    assert shown == {MASK}


async def test_a_message_that_quotes_the_server_quotes_no_secret(
    hostile: Callable[..., Hostile], certificates: Certificates
) -> None:
    async with hostile({"mail": send("told", b"word is the password\r\n")}) as server:
        to = connection(server, certificates, timeout=5.0)
        done = await finish(request(to, credentials=Credentials("alice", Secret("word"))))
    assert done.outcome.failure is not None
    assert "no SMTP reply" in done.outcome.failure.message
    assert "word" not in done.outcome.failure.message
    assert "word" not in describe(done.outcome)
    assert not any("word is" in event.text for event in done.transcript)
