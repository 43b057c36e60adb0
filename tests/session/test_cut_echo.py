"""What is shortened or quoted is masked first, by all that is known of it: no half of a secret is shown."""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtptui.protocol import (
    REPLY_KEPT,
    REPLY_LIMIT,
    Connection,
    Credentials,
    Envelope,
    Reply,
    ReplyError,
    ReplyParser,
    Secret,
    Stage,
)
from smtptui.session import Request, SessionRun
from smtptui.session.fast_recorder import FastRecorder
from smtptui.session.mask import MASK, Masker
from smtptui.session.recorder import Recorder
from smtptui.transcript import BODY_PEEK
from smtptui.transcript.transcript import Transcript
from tests.servers.wire import LoopbackServer, Wire
from tests.session.exchange import Finished, renderings

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SECRETS = ("Kd7vNq2qZxR4wTa9mB6jH3", "pL0zGw8sYyE1cUf5nO2iD4")
"""Two of one shape: what is shown of them has to be the same."""
LINE = b"250-" + b"." * 70 + b"\r\n"


def recorder(secret: str, kind: type[Recorder] = Recorder) -> Recorder:
    """One that has seen a login."""
    masker = Masker(Credentials("alice", Secret(secret)))
    made = kind(Transcript(started=NOON), masker, clock=lambda: 0.0, origin=0.0)
    made.command(Stage.AUTH, b"AUTH PLAIN " + b64encode(b"\0alice\0" + secret.encode()) + b"\r\n")
    made.reply(Reply(235, b"235 ok\r\n", 8))
    return made


def replies(wire: bytes) -> list[Reply]:
    parser = ReplyParser()
    return [reply for at in range(0, len(wire), 5000) for reply in parser.feed(wire[at : at + 5000])]


def around(place: int, size: int) -> Iterator[int]:
    """Where to put an echo of ``size`` octets: before a limit, on both sides of it, behind it."""
    yield from (place - size + shift for shift in (-1, size // 2, size - 4, size))


def shown(secret: str, wire: bytes) -> str:
    """What is kept of the one reply in ``wire``."""
    [reply] = replies(wire)
    masked = recorder(secret).masked(reply, Stage.MAIL)
    assert not masked.cuts
    assert len(masked.raw) <= 2 * REPLY_KEPT + len(MASK.encode()) * 4
    return masked.raw.decode() + str(masked)


def filled(head: bytes, offset: int, echo: bytes) -> bytes:
    """``head`` filled up to ``offset``, then an echo, then more than is kept."""
    return head + b"." * (offset - len(head)) + echo + b"." * 9000


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("lines", ["one long line", "many lines", "a long line of many", "the last of many"])
def test_a_reply_that_is_cut(lines: str, encoded: bool) -> None:
    echoes = [b64encode(b"you: " + secret.encode()) if encoded else secret.encode() for secret in SECRETS]
    head, tail = b"250 ", b"." * REPLY_KEPT + b"\r\n"
    if lines == "many lines":
        head = LINE * (REPLY_KEPT // len(LINE) - 1) + b"250-"
        tail = b"\r\n250 at last\r\n"
    elif lines == "a long line of many":
        head, tail = LINE + b"250-", b"\r\n250 at last\r\n"
    elif lines == "the last of many":
        head, tail = LINE + b"250 ", b"\r\n"
    limit = REPLY_KEPT + (len(LINE) if lines == "the last of many" else 0)
    for offset in around(limit, len(echoes[0])):
        first, second = (
            shown(secret, filled(head, offset, echo) + tail) for secret, echo in zip(SECRETS, echoes, strict=True)
        )
        assert first == second, offset
        assert (MASK in first) is (offset < limit), offset


@pytest.mark.parametrize("kind", [Recorder, FastRecorder])
def test_a_reply_without_end(kind: type[Recorder]) -> None:
    for offset in around(REPLY_KEPT, 22):
        texts = set()
        for secret in SECRETS:
            parser, made = ReplyParser(), recorder(secret, kind)
            with pytest.raises(ReplyError) as caught:
                parser.feed(filled(b"250 ", offset, secret.encode()) + b"." * REPLY_LIMIT)
            texts.add(made.fragment(caught.value.seen, caught.value.beyond))
        assert len(texts) == 1, offset


def test_a_reply_that_breaks_off_beyond_the_limit() -> None:
    for offset in around(REPLY_KEPT, 22):
        texts = set()
        for secret in SECRETS:
            parser, made = ReplyParser(), recorder(secret)
            parser.feed(filled(b"250 ", offset, secret.encode()))
            beyond = parser.beyond
            texts.add(made.fragment(parser.clear(), beyond))
        assert len(texts) == 1, offset


def test_a_reply_of_characters_that_are_cut_in_two() -> None:
    for offset in around(REPLY_KEPT, 30):
        texts = {shown(secret, filled(b"250 ", offset, f"ü{secret}ü€".encode()) + b"\r\n") for secret in SECRETS}
        assert len(texts) == 1, offset


def test_a_body_is_cut_after_it_is_masked() -> None:
    for offset in around(BODY_PEEK, 22):
        texts = set()
        for secret in SECRETS:
            made = recorder(secret)
            made.body(b"." * offset + secret.encode() + b"." * 100, 4000, 0.0)
            texts.add(made.transcript[-1].text)
        assert len(texts) == 1, offset
        assert (MASK in texts.pop()) is (offset < BODY_PEEK)


class Blurting(LoopbackServer):
    """Answers MAIL with octets that are made of the password, in pieces of a size."""

    def __init__(self, path: Path, told: str, piece: int) -> None:
        super().__init__(path=path)
        self._told = told
        self._piece = piece

    async def serve(self, wire: Wire) -> None:
        """Speak to one client."""
        await wire.send(b"220 blurting\r\n")
        while line := await wire.read_line():
            match line[:4].upper():
                case b"EHLO":
                    await wire.send(b"250-blurting\r\n250 AUTH PLAIN\r\n")
                case b"AUTH":
                    await wire.send(b"235 ok\r\n")
                case b"MAIL":
                    for at in range(0, len(self._told), self._piece):
                        await wire.send(self._told[at : at + self._piece].encode())
                    wire.close()
                    return


@pytest.mark.parametrize("piece", [4, 5, 1000])
@pytest.mark.parametrize(
    "told", ["{}", "{}\r\n", "250-so\r\n{} was it\r\n", "250 you said {}", "-{}\r\n", "250-{}\r\n250-{}\r\nwhat?\r\n"]
)
async def test_what_is_no_reply_is_quoted_without_the_secret(tmp_path: Path, told: str, piece: int) -> None:
    kept = []
    for number, secret in enumerate(SECRETS):
        path = tmp_path / f"{number}"
        async with Blurting(path, told.format(secret, secret), piece):
            to = Connection(socket_path=path, auth="PLAIN", ehlo_name="client.test", timeout=5)
            request = Request(
                to, Envelope.of("a@good.test", "b@good.test"), b"S: x\r\n\r\n", Credentials("al", Secret(secret))
            )
            run = SessionRun(request, now=lambda: NOON, clock=lambda: 0.0)
            done = Finished(run, await run.run(), 0.0)
        kept.append({name: text.replace(str(path), "") for name, text in renderings(done).items()})
        assert json.loads(kept[-1]["json"])["ok"] is False
        assert not any(secret[:4] in text for text in kept[-1].values())
    assert kept[0] == kept[1]
