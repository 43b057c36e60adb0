"""A peer that misbehaves to a script, at any stage of a session (how: :mod:`tests.servers.behaviours`)."""

import contextlib
import ssl
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.behaviours import CLOSE, NORMAL, RESET, SILENCE, Behaviour
from tests.servers.certificates import Certificates
from tests.servers.wire import LOG_LIMIT, LoopbackServer, Wire

StageName = Literal["banner", "ehlo", "starttls", "ehlo-tls", "auth", "mail", "rcpt", "data", "dot", "rset", "quit"]
STAGES: tuple[StageName, ...] = (
    "banner",
    "ehlo",
    "starttls",
    "ehlo-tls",
    "auth",
    "mail",
    "rcpt",
    "data",
    "dot",
    "rset",
    "quit",
)
"""The stages that end in a reply."""
Handshake = Literal["normal", "garbage", "plaintext", "close", "reset", "silence", "half-close", "half-silence"]
"""What happens instead of a TLS handshake, once the client has said hello. ``half``: after half of the
server's first flight. ``plaintext``: an SMTP reply in the clear."""


@dataclass(frozen=True)
class Body:
    """What happens in the middle of a message: after that many octets of it."""

    after: int
    then: Literal["close", "reset", "silence", "421", "552 250"]
    """``silence``: reads no further, so that the client's writes block."""


@dataclass(frozen=True)
class Script:
    """What the peer does. Whatever is not named goes well."""

    stages: Mapping[StageName, Behaviour | Sequence[Behaviour]] = field(default_factory=dict)
    """By stage; of a sequence the first time the first, and so on, and normal after its end."""
    tls: Literal["none", "starttls", "implicit"] = "none"
    handshake: Handshake = "normal"
    injected: bytes = b""
    """Sent in the clear in the segment of the 220 to STARTTLS: the classic response injection."""
    body: Body | None = None
    features: tuple[str, ...] = ("8BITMIME", "SIZE 10240000", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN")
    lmtp: bool = False


class Hostile(LoopbackServer):
    """The peer; ``async with Hostile(Script(...), certificates) as server``. Whoever logs in is let in."""

    def __init__(self, script: Script, certificates: Certificates) -> None:
        context = certificates.good.server_context()
        at_once = script.tls == "implicit" and script.handshake == "normal"
        # A limit, so that the memory of a test process is the client's business alone.
        super().__init__(implicit=context if at_once else None, log_limit=LOG_LIMIT)
        self.script = script
        self.commands: list[bytes] = []
        """Lines that came as commands, with their line ends; AUTH responses among them."""
        self.bodies: list[bytes] = []
        """Messages whose final dot came, dots still doubled: they may count as delivered."""
        self._context = context

    @property
    def empty_messages(self) -> int:
        """How many messages had no octet at all."""
        return sum(not body for body in self.bodies)

    async def serve(self, wire: Wire) -> None:
        """Speak to one client."""
        await _Peer(self, wire, self._context).run()


class _Peer:
    def __init__(self, server: Hostile, wire: Wire, context: ssl.SSLContext) -> None:
        self._server = server
        self._script = server.script
        self._wire = wire
        self._context = context
        self._times: Counter[StageName] = Counter()
        self._recipients = 0

    async def run(self) -> None:
        if self._script.tls == "implicit":
            if self._script.handshake != "normal":
                await self._no_handshake(b"")
                return
            await self._wire.secured()
        await self._stage("banner", b"220 hostile.test ESMTP\r\n")
        while self._wire.open:
            line = await self._wire.read_line()
            self._server.commands.append(line)
            verb = line.split(maxsplit=1)[0].upper() if line.strip() else b""
            await self._command(verb, line)

    async def _command(self, verb: bytes, line: bytes) -> None:
        match verb:
            case b"EHLO" | b"LHLO" | b"HELO":
                await self._stage("ehlo-tls" if self._wire.tls else "ehlo", self._features())
            case b"STARTTLS":
                await self._starttls()
            case b"AUTH":
                await self._auth(line)
            case b"MAIL":
                self._recipients = 0
                await self._stage("mail", b"250 2.1.0 Ok\r\n")
            case b"RCPT":
                if await self._stage("rcpt", b"250 2.1.5 Ok\r\n"):
                    self._recipients += 1
            case b"DATA":
                if await self._stage("data", b"354 Go ahead\r\n"):
                    await self._body()
            case b"RSET":
                await self._stage("rset", b"250 2.0.0 Ok\r\n")
            case b"NOOP":
                await self._wire.send(b"250 2.0.0 Ok\r\n")
            case b"QUIT":
                if await self._stage("quit", b"221 2.0.0 Bye\r\n"):
                    self._wire.close()
            case _:
                await self._wire.send(b"500 5.5.2 What?\r\n")

    async def _stage(self, stage: StageName, normal: bytes) -> bool:
        """Behave as told; return whether the dialogue goes on as after the right reply."""
        behaviour = self._behaviour(stage)
        await behaviour.act(self._wire, normal)
        return behaviour.proceeds

    def _behaviour(self, stage: StageName) -> Behaviour:
        told = self._script.stages.get(stage, NORMAL)
        time = self._times[stage]
        self._times[stage] += 1
        if isinstance(told, Behaviour):
            return told
        return told[time] if time < len(told) else NORMAL

    def _features(self) -> bytes:
        features = list(self._script.features)
        if self._script.tls == "starttls" and not self._wire.tls:
            features.append("STARTTLS")
        lines = ["hostile.test", *features]
        last = len(lines) - 1
        return "".join(f"250{' ' if at == last else '-'}{text}\r\n" for at, text in enumerate(lines)).encode()

    async def _auth(self, line: bytes) -> None:
        words = line.split()
        if words[1:2] == [b"LOGIN"]:
            for prompt in (b"Username:", b"Password:")[len(words) - 2 :]:
                await self._wire.send(b"334 " + b64encode(prompt) + b"\r\n")
                self._server.commands.append(await self._wire.read_line())
        elif len(words) == 2:
            await self._wire.send(b"334 \r\n")
            self._server.commands.append(await self._wire.read_line())
        await self._stage("auth", b"235 2.7.0 Welcome\r\n")

    async def _body(self) -> None:
        if self._script.body is not None:
            await self._wire.read_exactly(self._script.body.after)
            match self._script.body.then:
                case "close":
                    await CLOSE.act(self._wire, b"")
                case "reset":
                    await RESET.act(self._wire, b"")
                case "421":
                    await self._wire.send(b"421 4.3.0 Out of memory\r\n")
                    self._wire.close()
                case "552 250":
                    await self._wire.send(b"552 5.3.4 Too big\r\n250 2.0.0 Ok\r\n")
                    await SILENCE.act(self._wire, b"")
                case "silence":
                    self._wire.stop_reading()
                    await SILENCE.act(self._wire, b"")
            return
        self._server.bodies.append(await self._wire.read_body())
        for _ in range(self._recipients if self._script.lmtp else 1):
            await self._stage("dot", b"250 2.0.0 Ok: queued as HOSTILE1\r\n")

    # TLS

    async def _starttls(self) -> None:
        behaviour = self._behaviour("starttls")
        if behaviour is not NORMAL:
            await behaviour.act(self._wire, b"220 2.0.0 Ready\r\n")
            if not (behaviour.proceeds and self._wire.open):
                return
            await self._handshake(b"")
        else:
            await self._handshake(b"220 2.0.0 Ready\r\n" + self._script.injected)

    async def _handshake(self, last_words: bytes) -> None:
        if self._script.handshake == "normal":
            await self._wire.start_tls(self._context, last_words=last_words)
        else:
            await self._no_handshake(last_words)

    async def _no_handshake(self, last_words: bytes) -> None:
        """What the script has in place of the handshake; nothing comes after it."""
        kind = self._script.handshake
        await self._wire.send(last_words)
        hello = await self._wire.read_some()
        if kind == "garbage":
            await self._wire.send(b"\x00\xff garbage, no TLS\r\n" * 20)
        elif kind == "plaintext":
            await self._wire.send(b"220 hostile.test ESMTP in the clear\r\n")
        elif kind.startswith("half"):
            flight = _first_flight(self._context, hello)
            await self._wire.send(flight[: len(flight) // 2])
        if kind in ("close", "half-close"):
            self._wire.close()
        elif kind == "reset":
            self._wire.reset()
        await self._wire.wait_gone()


def _first_flight(context: ssl.SSLContext, hello: bytes) -> bytes:
    """What a server answers to a client's hello: the reply that can then be cut."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(hello)
    half = context.wrap_bio(incoming, outgoing, server_side=True)
    with contextlib.suppress(ssl.SSLWantReadError):
        half.do_handshake()
    return outgoing.read()
