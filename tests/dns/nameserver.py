"""A name server on loopback that answers from a dictionary and can misbehave on order, over UDP and TCP."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = dict[str, list[str]]
"""Name to records in zone file form without class and TTL, as in ``{"a.test": ["A 192.0.2.1"]}``."""


@dataclass
class FakeNameServer:
    """What it answers. A name in no set and not in ``zone`` does not exist (NXDOMAIN)."""

    zone: Zone
    silent: set[str] = field(default_factory=set)
    """Names, or ``name TYPE``, that are never answered."""
    servfail: set[str] = field(default_factory=set)
    """Names, or ``name TYPE``, answered with SERVFAIL."""
    truncated: set[str] = field(default_factory=set)
    """Names whose answer over UDP is cut."""
    chase: bool = True
    """Whether an alias is answered together with what it stands for."""
    port: int = 0
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Each question: transport, name, record type."""

    @property
    def address(self) -> str:
        """What to give to a resolver."""
        return f"127.0.0.1:{self.port}"

    def answer(self, wire: bytes, transport: str) -> bytes | None:
        """The wire form of the answer, or None for silence."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        record = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((transport, name, record))
        if self.silent & {name, f"{name} {record}"}:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if self.servfail & {name, f"{name} {record}"}:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif transport == "udp" and name in self.truncated:
            response.flags |= dns.flags.TC
        else:
            self._fill(response, name, record)
        return response.to_wire()

    def _fill(self, response: dns.message.Message, name: str, record: str) -> None:
        seen = 0
        while True:
            if name not in self.zone:
                response.set_rcode(dns.rcode.NXDOMAIN)
                return
            records = [entry.partition(" ")[::2] for entry in self.zone[name]]
            owner = dns.name.from_text(name)
            wanted = [data for kind, data in records if kind == record]
            if wanted:
                response.answer.append(dns.rrset.from_text_list(owner, 60, "IN", record, wanted))
                return
            alias = next((data for kind, data in records if kind == "CNAME"), None)
            if alias is None:
                return
            response.answer.append(dns.rrset.from_text(owner, 60, "IN", "CNAME", alias))
            seen += 1
            if not self.chase or seen > 20:
                return
            name = alias.removesuffix(".")


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: FakeNameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._server.answer(data, "udp")
        if answer is not None:
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def serving(server: FakeNameServer) -> AsyncIterator[FakeNameServer]:
    """Let ``server`` answer on a free port of 127.0.0.1."""

    async def over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            answer = server.answer(await reader.readexactly(length), "tcp")
            if answer is not None:
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
            await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    tcp = await asyncio.start_server(over_tcp, "127.0.0.1", 0)
    server.port = tcp.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    udp, _ = await loop.create_datagram_endpoint(
        lambda: _Udp(server), local_addr=("127.0.0.1", server.port), family=socket.AF_INET
    )
    try:
        yield server
    finally:
        udp.close()
        tcp.close()
        await tcp.wait_closed()
        # Both ends of a connection are closed by callbacks: let them run before the loop ends.
        await asyncio.sleep(0.01)
