"""A fast SMTP server that counts what it accepted and misbehaves by a seed, in a process of its own.

It shares no code with what it tests. Every message it accepts, and everything it does to a client, is a line of an
append-only record that is written before the client hears of it::

    python -m tests.servers.counting RECORD [--seed N] [--storm 0.05] [--slow 0.5]

It prints its port and runs until its standard input ends. ``--storm`` is the chance that a connection or a message
meets something of :data:`OPENING` or :data:`TRANSACTION`; ``--slow`` the seconds from a message to its reply. An
address that begins with ``unknown`` gets 550 5.1.1,
one that begins with ``grey`` 450 4.2.0 the first time.
"""

import argparse
import asyncio
import contextlib
import os
import random
import re
import socket
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, cast

from tests.forked import popen

STALL = 0.15
"""Seconds for which a stalling server says nothing."""
Fault = tuple[str, str]
"""The stage at which something is done, and what."""
OPENING: tuple[Fault, ...] = (("connect", "421"), ("connect", "drop"), ("connect", "reset"), ("ehlo", "421"))
"""What a connection may meet before its first message."""
TRANSACTION: tuple[Fault, ...] = (
    *((stage, what) for stage in ("mail", "rcpt", "data") for what in ("421", "drop", "reset", "stall")),
    ("rcpt", "451"),
    ("data", "451"),
    *(("body", what) for what in ("421", "drop", "reset", "stall")),
    *(("dot", what) for what in ("421", "451", "drop", "reset", "silence")),
    *(("accepted", what) for what in ("drop", "reset", "stall", "silence")),
)
"""What a message may meet: ``body`` in its midst, ``dot`` when it is complete and before it is accepted, ``accepted``
when it is recorded and not yet answered. A drop is a FIN, a reset a RST; silence lasts until the client leaves."""
ENDS = ("421", "drop", "reset", "silence")
"""What ends the connection."""
_GREETING = b"220 counting.test ESMTP\r\n"
_EHLO = b"250-counting.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN\r\n"
_ADDRESS = re.compile(rb"<([^<>\s]*)>")
_MESSAGE_ID = re.compile(rb"^Message-ID:[ \t]*(?:\r\n[ \t]+)?(\S+)", re.IGNORECASE | re.MULTILINE)


class Recorder:
    """The append-only record, and what is to happen. A line is with the operating system when :meth:`keep` returns:
    no crash of a process loses it."""

    def __init__(self, path: Path, seed: int, storm: float, slow: float) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._random = random.Random(seed)
        self._storm = storm
        self.slow = slow
        """Seconds from a message to its reply."""
        self._seen: set[bytes] = set()

    def keep(self, *fields: bytes) -> None:
        """Write a line."""
        os.write(self._file, b"\t".join(fields) + b"\n")

    def draw(self, faults: tuple[Fault, ...]) -> Fault | None:
        """What is to happen this time; most often nothing."""
        return self._random.choice(faults) if self._storm and self._random.random() < self._storm else None

    def verdict(self, address: bytes) -> bytes:
        """The reply to RCPT of this address, as its name says."""
        if address.startswith(b"unknown"):
            return b"550 5.1.1 User unknown\r\n"
        if address.startswith(b"grey") and address not in self._seen:
            self._seen.add(address)
            return b"450 4.2.0 Greylisted, try again later\r\n"
        return b"250 2.1.5 Ok\r\n"


class _Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._received = bytearray()
        self._replies: list[bytes] = []
        self._opening = recorder.draw(OPENING)
        self._planned: Fault | None = None
        self._recipients: list[bytes] = []
        self._mail = False
        self._reading = False
        """Whether what comes is a message."""
        self._held: asyncio.TimerHandle | None = None
        """A stall: nothing is read or said before it ends."""
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if not self._meets("connect"):
            self._transport.write(_GREETING)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        if self._held is not None:
            self._held.cancel()

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._work()

    def _work(self) -> None:
        while self._held is None and not self._ended and (self._message() if self._reading else self._line()):
            pass
        if self._replies and self._held is None and not self._ended:
            self._transport.write(b"".join(self._replies))
            self._replies.clear()

    # Commands.

    def _line(self) -> bool:
        end = self._received.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self._received[:end])
        del self._received[: end + 2]
        answer = self._COMMANDS.get(line[:4].upper())
        if answer is None:
            self._replies.append(b"502 5.5.1 Command not known\r\n")
        else:
            answer(self, line)
        return True

    def _ehlo(self, line: bytes) -> None:
        if not self._meets("ehlo"):
            self._replies.append(_EHLO)

    def _mail_from(self, line: bytes) -> None:
        self._planned = self._recorder.draw(TRANSACTION)
        self._recipients.clear()
        if not self._meets("mail"):
            self._mail = True
            self._replies.append(b"250 2.1.0 Ok\r\n")

    def _rcpt_to(self, line: bytes) -> None:
        found = _ADDRESS.search(line)
        address = found[1] if found is not None else b""
        if not self._mail:
            self._replies.append(b"503 5.5.1 MAIL first\r\n")
            return
        if self._meets("rcpt", address):
            return
        verdict = self._recorder.verdict(address)
        if verdict.startswith(b"250"):
            self._recipients.append(address)
        else:
            self._recorder.keep(b"refused", address, verdict[:3])
        self._replies.append(verdict)

    def _data(self, line: bytes) -> None:
        if not self._recipients:
            self._replies.append(b"554 5.5.1 No valid recipients\r\n")
        elif not self._meets("data"):
            self._reading = True
            self._replies.append(b"354 Go ahead\r\n")

    def _rset(self, line: bytes) -> None:
        self._mail = False
        self._recipients.clear()
        self._replies.append(b"250 2.0.0 Ok\r\n")

    def _noop(self, line: bytes) -> None:
        self._replies.append(b"250 2.0.0 Ok\r\n")

    def _quit(self, line: bytes) -> None:
        self._transport.write(b"".join(self._replies) + b"221 2.0.0 Bye\r\n")
        self._replies.clear()
        self._ended = True
        self._transport.close()

    _COMMANDS: ClassVar[dict[bytes, Callable[["_Session", bytes], None]]] = {
        b"EHLO": _ehlo,
        b"HELO": _ehlo,
        b"MAIL": _mail_from,
        b"RCPT": _rcpt_to,
        b"DATA": _data,
        b"RSET": _rset,
        b"NOOP": _noop,
        b"QUIT": _quit,
    }

    # The message.

    def _message(self) -> bool:
        end = self._received.find(b"\r\n.\r\n")
        # One that comes in one piece has a midst, too: the server has read no more of it than that.
        if self._received and self._meets("body"):
            return False
        if end < 0:
            return False
        content = bytes(self._received[: end + 2])
        del self._received[: end + 5]
        self._reading = self._mail = False
        if self._meets("dot"):
            return True
        self._accept(content)
        if not self._meets("accepted"):
            self._replies.append(b"250 2.0.0 Ok: queued\r\n")
            if self._recorder.slow:
                self._hold(self._recorder.slow)
        return True

    def _accept(self, content: bytes) -> None:
        head, _, _ = content.partition(b"\r\n\r\n")
        found = _MESSAGE_ID.search(head)
        for address in self._recipients:
            self._recorder.keep(b"accepted", address, found[1] if found is not None else b"")

    # What happens.

    def _meets(self, stage: str, *about: bytes) -> bool:
        """Whether something happened here instead of the reply."""
        fault = self._planned if self._planned is not None else self._opening
        if fault is None or fault[0] != stage:
            return False
        self._planned = self._opening = None
        what = fault[1]
        self._recorder.keep(b"fault", stage.encode(), what.encode(), *(about or self._recipients))
        if what == "421":
            self._transport.write(b"".join(self._replies) + b"421 4.3.2 Going down\r\n")
            self._leave()
        elif what == "drop":
            self._transport.write(b"".join(self._replies))
            self._leave()
        elif what == "reset":
            linger = struct.pack("ii", 1, 0)
            cast("socket.socket", self._transport.get_extra_info("socket")).setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger
            )
            self._ended = True
            self._transport.abort()
        elif what == "silence":
            self._ended = True
        elif what == "stall":
            # Nothing is said before it is over; what is said then is as if nothing had happened.
            self._hold(STALL)
            return False
        else:
            self._replies.append(f"{what} 4.3.0 Not now\r\n".encode())
        return True

    def _hold(self, seconds: float) -> None:
        if self._held is None:
            self._held = asyncio.get_running_loop().call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self._held = None
        self._work()

    def _leave(self) -> None:
        self._replies.clear()
        self._ended = True
        self._transport.close()


async def _serve(recorder: Recorder) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Session(recorder), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def main(arguments: list[str]) -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--storm", type=float, default=0.0)
    parser.add_argument("--slow", type=float, default=0.0)
    options = parser.parse_args(arguments)
    asyncio.run(_serve(Recorder(options.record, options.seed, options.storm, options.slow)))


# What a test sees of it.


@dataclass(slots=True)
class Record:
    """What the server accepted and did, read from its record."""

    accepted: Counter[str] = field(default_factory=Counter)
    """How often a message to an address was accepted."""
    message_ids: dict[str, set[str]] = field(default_factory=dict)
    """The Message-IDs of those, by address."""
    refused: Counter[str] = field(default_factory=Counter)
    faults: Counter[Fault] = field(default_factory=Counter)

    @property
    def in_doubt(self) -> int:
        """Ends that may leave a client in doubt about a message: those from its body on, unless its dot was answered,
        and resets, which may overtake the reply to the message before."""
        return sum(
            count
            for fault, count in self.faults.items()
            if fault[1] == "reset"
            or (fault[0] in ("body", "dot", "accepted") and fault[1] in ENDS and fault != ("dot", "421"))
        )

    @property
    def unanswered(self) -> int:
        """Messages that were complete, and got no answer."""
        return sum(
            count
            for (stage, what), count in self.faults.items()
            if stage in ("dot", "accepted") and what in ("drop", "reset", "silence")
        )


def read_record(path: Path) -> Record:
    """The record as far as it is written."""
    record = Record()
    for line in path.read_text("utf-8").splitlines():
        kind, *fields = line.split("\t")
        if kind == "accepted":
            address, message_id = fields
            record.accepted[address] += 1
            record.message_ids.setdefault(address, set()).add(message_id)
        elif kind == "refused":
            record.refused[fields[0]] += 1
        else:
            record.faults[fields[0], fields[1]] += 1
    return record


@contextlib.contextmanager
def counting(record: Path, *, seed: int = 0, storm: float = 0.0, slow: float = 0.0) -> Iterator[int]:
    """A running server; its port."""
    how = ["--seed", str(seed), "--storm", str(storm), "--slow", str(slow)]
    command = [sys.executable, "-m", "tests.servers.counting", str(record), *how]
    with popen(command, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        # Leaving the block closes its standard input, and waits for it.


if __name__ == "__main__":
    main(sys.argv[1:])
