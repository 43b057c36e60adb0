"""A server that repeats a secret cut, encoded and folded: what is recorded does not depend on the secret."""

import random
import string
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtptui.protocol import Connection, Credentials, Envelope, Secret, Stage
from smtptui.session import LaneSettings, Request, SessionRun, open_lane
from smtptui.session.envelope_commands import prepare
from smtptui.session.mask import MASK, Masker
from smtptui.session.pipeline import Source
from smtptui.transcript import to_text
from tests.protocol.test_traces import ALIKE, ENCODINGS, LINES
from tests.servers.wire import LoopbackServer, Wire
from tests.session.exchange import CONTENT, Finished, renderings

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CLASSES = {"a": string.ascii_lowercase, "A": string.ascii_uppercase, "0": string.digits}
SHAPE = "aA0a.A0aa-0AaA0aA+0aA0aA"


def of_shape(shape: str, seed: int) -> str:
    chance = random.Random(seed)
    return "".join(chance.choice(CLASSES.get(char, char)) for char in shape)


class Repeating(LoopbackServer):
    """Lets everybody in; each reply from AUTH on has what ``told`` makes of the token and of the secret in it."""

    def __init__(self, path: Path, told: Callable[[str, str], str], banner: str = "mail.example.org ready") -> None:
        super().__init__(path=path)
        self._told = told
        self._banner = banner
        self._said = ""

    async def serve(self, wire: Wire) -> None:
        """Speak to one client."""
        await wire.send(f"220 {self._banner}\r\n".encode())
        while True:
            line = await wire.read_line()
            verb = line.strip().upper()[:4].decode()
            match verb:
                case "EHLO":
                    await wire.send(b"250-mail.example.org\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN XOAUTH2\r\n")
                case "AUTH":
                    token = line.split()[2].decode()
                    decoded = b64decode(token).decode()
                    secret = decoded.split("\0")[-1] if "\0" in decoded else decoded.split("Bearer ")[1].rstrip("\1")
                    self._said = self._told(token, secret)
                    await wire.send(self._reply("235", "welcome"))
                case "DATA":
                    await wire.send(self._reply("354", "go on"))
                    await wire.read_body()
                    await wire.send(self._reply("250", "queued"))
                case "QUIT":
                    await wire.send(self._reply("221", "bye"))
                    return
                case _:
                    await wire.send(self._reply("250", "ok"))

    def _reply(self, code: str, text: str) -> bytes:
        return f"{self._said.replace('535', code)}{code} {text}\r\n".encode("utf-8", "surrogateescape")


def as_lines(text: str) -> str:
    """A reply's text as lines that another one follows."""
    return "".join(f"535-{line[4:]}\r\n" for line in text.split("\r\n"))


async def session(path: Path, who: Credentials, told: Callable[[str, str], str], auth: str, **more: object) -> Finished:
    path.unlink(missing_ok=True)
    async with Repeating(path, told, **more):  # type: ignore[arg-type]
        to = Connection(socket_path=path, auth=auth, ehlo_name="client.test", timeout=5)
        run = SessionRun(
            Request(to, Envelope.of("a@good.test", "b@good.test"), CONTENT, who), now=lambda: NOON, clock=lambda: 0.0
        )
        return Finished(run, await run.run(), 0.0)


async def batch(path: Path, who: Credentials, told: Callable[[str, str], str]) -> str:
    """What a batch keeps of a connection and two messages."""
    path.unlink(missing_ok=True)
    async with Repeating(path, told):
        to = Connection(socket_path=path, auth="PLAIN", ehlo_name="client.test", timeout=5)
        opened = await open_lane(LaneSettings(to, who), now=lambda: NOON, clock=lambda: 0.0)
        sent = [prepare(Envelope.of("a@good.test", f"b{number}@good.test"), CONTENT) for number in range(2)]
        kept = [to_text(opened.transcript)]
        async for delivery in opened.lane.deliver(Source(sent)):
            kept += [to_text(opened.told(delivery)), str(delivery.reply), repr(delivery.recipients)]
        await opened.leave()
        return "\n".join(kept)


@FEW
@given(
    encoding=st.sampled_from(ALIKE),
    lines=st.sampled_from(sorted(LINES)),
    token=st.booleans(),
    width=st.integers(8, 40),
    front=st.integers(0, 8),
    end=st.integers(0, 8),
    auth=st.sampled_from(["PLAIN", "XOAUTH2", "a batch"]),
)
async def test_two_secrets_one_record(
    tmp_path_factory: pytest.TempPathFactory,
    encoding: str,
    lines: str,
    token: bool,
    width: int,
    front: int,
    end: int,
    auth: str,
) -> None:
    path = tmp_path_factory.getbasetemp() / "repeating"
    kept = []
    for seed in (3, 4):
        secret = Secret(of_shape(SHAPE, seed))

        def told(sent: str, inside: str) -> str:
            part = sent[: len(sent) - end] if token else inside[front : len(inside) - end]
            return as_lines(LINES[lines](ENCODINGS[encoding](part), width))

        who = Credentials("alice", None if auth == "XOAUTH2" else secret, secret if auth == "XOAUTH2" else None)
        if auth == "a batch":
            kept.append({"batch": await batch(path, who, told)})
        else:
            done = await session(path, who, told, auth)
            assert done.outcome.ok
            kept.append(renderings(done))
    assert MASK in "".join(kept[0].values())
    assert kept[0] == kept[1]


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_a_masked_reply_keeps_its_lines_and_their_codes(encoding: str) -> None:
    secret = of_shape(SHAPE, 5)
    masker = Masker(Credentials("alice", Secret(secret)))
    masker.sent("AUTH PLAIN AGFsaWNlAGh1bnRlcjI=", Stage.AUTH)
    for lines in LINES.values():
        # Without words around it, as what follows the code directly.
        told = lines(ENCODINGS[encoding](secret), 16).replace("you said ", "").replace("5.7.8 ", "")
        said = f"{as_lines(told)}535 no"
        shown = masker.received(535, said, Stage.AUTH)
        assert MASK in shown
        assert [line[:4] for line in shown.split("\r\n")] == [line[:4] for line in said.split("\r\n")]


async def test_a_host_name_in_a_password_blots_out_no_line(tmp_path: Path) -> None:
    done = await session(
        tmp_path / "socket", Credentials("alice", Secret("mail.example.org-2024")), lambda token, secret: "", "PLAIN"
    )
    shown = renderings(done)["text"]
    assert shown.count("mail.example.org") == 2
    assert shown.count(MASK) == 1, "the argument of AUTH alone"
    told = await session(
        tmp_path / "socket",
        Credentials("alice", Secret("mail.example.org-2024")),
        lambda token, secret: f"535-{secret[:-2]}, at mail.example.org\r\n",
        "PLAIN",
    )
    assert f"235-{MASK}, at mail.example.org" in renderings(told)["text"]


async def test_our_own_words_are_not_masked_in_part(tmp_path: Path) -> None:
    """Nor where a server repeats them: what we say depends on no secret."""
    who = Credentials("alice", Secret("b0@good.test!"))
    assert "b0@good.test" in await batch(tmp_path / "socket", who, lambda token, secret: "535-to <b0@good.test>\r\n")
    done = await session(tmp_path / "socket", who, lambda token, secret: "535-for b@good.test\r\n", "PLAIN")
    assert "b@good.test" in renderings(done)["text"]


@pytest.mark.parametrize("said", ["5.7.8 Username and Password not accepted", "5.7.8 failed: UGFzc3dvcmQ6"])
def test_what_any_server_says_of_a_password_is_not_masked(said: str) -> None:
    masker = Masker(Credentials("alice", Secret("Password123")))
    masker.sent("AUTH PLAIN AGFsaWNlAFBhc3N3b3JkMTIz", Stage.AUTH)
    assert masker.received(535, f"535 {said}", Stage.AUTH) == f"535 {said}"
    assert masker.received(535, "535 you said Password12", Stage.AUTH) == f"535 you said {MASK}"
