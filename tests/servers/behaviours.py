"""Everything a server may do wrong in place of a reply, each as a value that a test can name."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tests.servers.wire import Wire

Act = Callable[[Wire, bytes], Awaitable[None]]
"""Does something on the wire, given the reply that would be right."""

_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Behaviour:
    """What the peer does in place of a reply."""

    name: str
    act: Act
    proceeds: bool = False
    """Whether the dialogue goes on as after the right reply (a 354 is followed by a body, and so on).
    Otherwise the peer, if it is still there, reads the next command."""

    def __str__(self) -> str:
        return self.name


def send(name: str, data: bytes, *, proceeds: bool = False) -> Behaviour:
    """Exactly these octets, in one segment."""

    async def act(wire: Wire, normal: bytes) -> None:
        await wire.send(data)

    return Behaviour(name, act, proceeds)


def around(
    name: str, before: bytes = b"", after: bytes = b"", *, proceeds: bool = True, apart: bool = False
) -> Behaviour:
    """The right reply with something in front or behind, in one segment or (``apart``) in segments."""

    async def act(wire: Wire, normal: bytes) -> None:
        for part in (before, normal, after) if apart else (before + normal + after,):
            await wire.send(part)
            if apart:
                await asyncio.sleep(0.02)

    return Behaviour(name, act, proceeds)


def lines_with(name: str, text: bytes) -> Behaviour:
    """A reply of two lines with the right code and this in both texts."""

    async def act(wire: Wire, normal: bytes) -> None:
        code = normal[:3]
        await wire.send(code + b"-" + text + b"\r\n" + code + b" " + text + b"\r\n")

    return Behaviour(name, act, proceeds=True)


def drip(interval: float = 1.0) -> Behaviour:
    """The right reply, an octet every ``interval`` seconds."""

    async def act(wire: Wire, normal: bytes) -> None:
        for at in range(len(normal)):
            await wire.send(normal[at : at + 1])
            await asyncio.sleep(interval)

    return Behaviour("drip", act, proceeds=True)


def endless_drip(interval: float = 1.0) -> Behaviour:
    """A reply line that grows by an octet every ``interval`` seconds and never ends."""

    async def act(wire: Wire, normal: bytes) -> None:
        await wire.send(normal[:3] + b"-")
        while True:
            await asyncio.sleep(interval)
            await wire.send(b"x")

    return Behaviour("endless-drip", act)


def flood(size: int = 100_000_000) -> Behaviour:
    """A whole, right reply of ``size`` octets in lines of 1000."""

    async def act(wire: Wire, normal: bytes) -> None:
        line = normal[:3] + b"-" + b"x" * 994 + b"\r\n"
        block = line * (_BLOCK // len(line))
        for _ in range(size // len(block)):
            await wire.send(block)
        await wire.send(normal)

    return Behaviour("flood", act, proceeds=True)


def delayed(seconds: float) -> Behaviour:
    """The right reply after a while."""

    async def act(wire: Wire, normal: bytes) -> None:
        await asyncio.sleep(seconds)
        await wire.send(normal)

    return Behaviour("delayed", act, proceeds=True)


async def _normal(wire: Wire, normal: bytes) -> None:
    await wire.send(normal)


async def _silence(wire: Wire, normal: bytes) -> None:
    await wire.wait_gone()


async def _half(wire: Wire, normal: bytes) -> None:
    await wire.send(normal[: max(1, len(normal) // 2)])
    await wire.wait_gone()


async def _half_close(wire: Wire, normal: bytes) -> None:
    await wire.send(normal[: max(1, len(normal) // 2)])
    wire.close()


async def _close(wire: Wire, normal: bytes) -> None:
    wire.close()


async def _reset(wire: Wire, normal: bytes) -> None:
    wire.reset()


async def _goodbye(wire: Wire, normal: bytes) -> None:
    await wire.send(b"421 4.3.2 hostile.test is closing\r\n")
    wire.close()


async def _endless_line(wire: Wire, normal: bytes) -> None:
    await wire.send(normal[:3] + b"-")
    block = b"x" * _BLOCK
    while True:
        await wire.send(block)


async def _endless_reply(wire: Wire, normal: bytes) -> None:
    line = normal[:3] + b"-and another line\r\n"
    block = line * (_BLOCK // len(line))
    while True:
        await wire.send(block)


async def _mixed(wire: Wire, normal: bytes) -> None:
    await wire.send(normal[:3] + b"-yes\r\n550 5.0.0 no\r\n")


NORMAL = Behaviour("normal", _normal, proceeds=True)
SILENCE = Behaviour("silence", _silence)
HALF = Behaviour("half-then-silence", _half)
HALF_CLOSE = Behaviour("half-then-close", _half_close)
CLOSE = Behaviour("close", _close)
RESET = Behaviour("reset", _reset)
GOODBYE = Behaviour("421-close", _goodbye)
ENDLESS_LINE = Behaviour("endless-line", _endless_line)
ENDLESS_REPLY = Behaviour("endless-reply", _endless_reply)
GARBAGE = send("garbage", bytes(range(128, 256)) + b"\x01\x02 no SMTP at all\r\n")
HTTP = send("http", b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<html></html>\r\n")
EMPTY_LINE = send("empty-line", b"\r\n")
CODE_999 = send("code-999", b"999 beyond all codes\r\n")
CODE_2X0 = send("code-2x0", b"2x0 Ok\r\n")
CODE_MINUS_25 = send("code-minus-25", b"-25 Ok\r\n")
CODE_ALONE = send("code-alone", b"250\r\n")
TEMPORARY = send("4yz", b"451 4.3.0 Try again later\r\n")
PERMANENT = send("5yz", b"554 5.7.1 Go away\r\n")
MIXED_CODES = Behaviour("mixed-codes", _mixed)
NULS = lines_with("nuls", b"a\0b\0\0c")
ANSI = lines_with("ansi", b"\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]52;c;aGVsbG8=\x07 \x9b31m\x08\x7f\rback")
MARKUP = lines_with("markup", b"[red]markup[/] [@click=app.quit]quit[/] [link=file:///]x[/link] $name {0} %s")
BAD_UTF8 = lines_with("bad-utf8", b"Gr\xfc\xdfe \xed\xa0\x80 \xf0\x9f\x92 \xe2\x80\xae txt.exe")
BARE_LF = lines_with("bare-lf", b"one\n250-two")
STRAY_TOGETHER = around("stray-in-the-segment", after=b"451 4.0.0 stray\r\n")
STRAY_APART = around("stray-on-its-own", after=b"451 4.0.0 stray\r\n", apart=True)
STRAY_BEFORE = around("stray-before", before=b"250 2.0.0 stray\r\n")

HARMLESS_TEXTS: tuple[Behaviour, ...] = (NULS, ANSI, MARKUP, BAD_UTF8)
"""Right replies with text that must be shown and never be interpreted."""
FATAL: tuple[Behaviour, ...] = (
    SILENCE,
    HALF,
    HALF_CLOSE,
    CLOSE,
    RESET,
    GOODBYE,
    ENDLESS_LINE,
    ENDLESS_REPLY,
    flood(),
    GARBAGE,
    HTTP,
    EMPTY_LINE,
    CODE_999,
    CODE_2X0,
    CODE_MINUS_25,
    endless_drip(),
)
"""What no session survives, at whatever stage it happens."""
BEHAVIOURS: Mapping[str, Behaviour] = {
    behaviour.name: behaviour
    for behaviour in (
        NORMAL,
        *FATAL,
        *HARMLESS_TEXTS,
        BARE_LF,
        CODE_ALONE,
        TEMPORARY,
        PERMANENT,
        MIXED_CODES,
        STRAY_TOGETHER,
        STRAY_APART,
        STRAY_BEFORE,
        drip(),
    )
}
"""All of them by name."""
