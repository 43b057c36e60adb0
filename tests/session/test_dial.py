"""From addresses to a connection: which one is chosen, how fast, and what is said when none answers."""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from smtptui.dns import Resolver
from smtptui.protocol import EventKind, FailureKind, Family, Stage, TlsMode
from smtptui.session.dial import Unreachable, reach, reach_socket
from tests.servers.certificates import Certificates
from tests.servers.loops import BOTH_LOOPS
from tests.session.sending import send, to

pytestmark = BOTH_LOOPS
OTHER_LOOPBACK = pytest.mark.skipif(sys.platform == "darwin", reason="only 127.0.0.1 is set up on macOS")


def has_ipv6() -> bool:
    """Whether ::1 can be used here."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


IPV6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on the loopback interface")


@contextmanager
def blackhole(ip: str) -> Iterator[int]:
    """A port on ``ip`` where connections are neither taken nor refused: the queue of its listener is full."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with socket.socket(family) as listener:
        listener.bind((ip, 0))
        listener.listen(0)
        filling = []
        try:
            for _ in range(4):
                each = socket.socket(family)
                filling.append(each)
                each.setblocking(False)
                each.connect_ex(listener.getsockname())
            yield listener.getsockname()[1]
        finally:
            for each in filling:
                each.close()


@asynccontextmanager
async def listening(ip: str, port: int = 0) -> AsyncIterator[tuple[int, list[str]]]:
    """An SMTP server of few words on ``ip``: its port, and the addresses of those who came."""
    came: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(writer.get_extra_info("peername")[0])
        writer.write(b"220 mx.here.test\r\n")
        while line := await reader.readline():
            writer.write(b"221 Bye\r\n" if line.startswith(b"QUIT") else b"554 Nothing here\r\n")
        writer.close()

    server = await asyncio.start_server(serve, ip, port)
    try:
        yield server.sockets[0].getsockname()[1], came
    finally:
        server.close()
        await asyncio.sleep(0.01)


def knowing(*ips: str) -> Resolver:
    """A resolver for which every name has these addresses, in this order."""

    def lookup(name: str, port: object, family: int = 0, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [
            (kind, socket.SOCK_STREAM, 6, "", (ip, 0, 0, 0) if kind is socket.AF_INET6 else (ip, 0))
            for ip in ips
            for kind in (socket.AF_INET6 if ":" in ip else socket.AF_INET,)
            if family in (0, kind)
        ]

    return Resolver(lookup=lookup)


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@IPV6
async def test_a_silent_first_address_costs_a_quarter_second() -> None:
    with blackhole("::1") as port:
        async with listening("127.0.0.1", port):
            tried: list[str] = []
            started = time.monotonic()
            sock = await reach(["::1", "127.0.0.1"], port, timeout=60, attempted=tried.append)
            with sock:
                assert sock.getpeername()[0] == "127.0.0.1"
            assert 0.2 < time.monotonic() - started < 30
            assert tried == ["::1", "127.0.0.1"]


@IPV6
async def test_a_refusing_first_address_costs_nothing() -> None:
    async with listening("127.0.0.1") as (port, _):
        started = time.monotonic()
        with await reach(["::1", "127.0.0.1"], port, timeout=120, delay=60) as sock:
            assert sock.getpeername()[0] == "127.0.0.1"
        assert time.monotonic() - started < 30


@IPV6
async def test_the_first_address_is_taken_when_it_answers() -> None:
    async with listening("::1") as (port, came), listening("127.0.0.1", port):
        with await reach(["::1", "127.0.0.1"], port, timeout=5) as sock:
            assert sock.getpeername()[0] == "::1"
        await asyncio.sleep(0.02)
        assert came == ["::1"]


async def test_all_failing_gives_every_address_its_reason() -> None:
    port = closed_port()
    with pytest.raises(Unreachable) as caught:
        await reach(["127.0.0.1", "127.0.0.1"], port, timeout=5)
    assert caught.value.reasons == (("127.0.0.1", "Connection refused"),) * 2
    assert not caught.value.timed_out


async def test_the_deadline_is_for_all_addresses_together() -> None:
    with blackhole("127.0.0.1") as port:
        started = time.monotonic()
        with pytest.raises(Unreachable) as caught:
            await reach(["127.0.0.1", "127.0.0.1"], port, timeout=0.4)
        assert time.monotonic() - started > 0.35
    assert caught.value.timed_out
    assert [why for _, why in caught.value.reasons] == ["no answer within 0.4 s"] * 2


async def test_being_cancelled_leaves_no_socket_behind() -> None:
    # A socket that is not closed fails the test by its ResourceWarning.
    with blackhole("127.0.0.1") as port, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await reach(["127.0.0.1", "127.0.0.1", "127.0.0.1"], port, timeout=30, delay=0.01)


# In a session


@IPV6
@pytest.mark.parametrize(
    ("family", "peer"), [(Family.ANY, "[::1]"), (Family.IPV6, "[::1]"), (Family.IPV4, "127.0.0.1")]
)
async def test_the_family_chooses_the_address(certificates: Certificates, family: Family, peer: str) -> None:
    async with listening("::1") as (port, _), listening("127.0.0.1", port):
        sent = await send(
            to(certificates, port, host="mx.test", family=family, ehlo_name=None), resolver=knowing("::1", "127.0.0.1")
        )
    assert sent.outcome.server.address == f"{peer}:{port}"
    assert sent.outcome.server.local is not None
    assert sent.outcome.server.local.startswith(f"{peer}:")
    [line] = sent.texts(EventKind.CONNECT)
    assert line == f"connected to mx.test at {peer}:{port} from {sent.outcome.server.local}"


@IPV6
async def test_a_session_goes_on_beside_a_silent_address(certificates: Certificates) -> None:
    with blackhole("::1") as port:
        async with listening("127.0.0.1", port):
            sent = await send(to(certificates, port, host="mx.test"), resolver=knowing("::1", "127.0.0.1"))
    assert sent.outcome.server.address == f"127.0.0.1:{port}"
    assert "mx.test has the address ::1, 127.0.0.1" in sent.notes
    assert f"trying [::1]:{port}\ntrying 127.0.0.1:{port}" in sent.notes
    [connect] = [event for event in sent.transcript if event.kind is EventKind.CONNECT]
    assert 0.2 < (connect.took or 0) < 1.5


@OTHER_LOOPBACK
async def test_the_peer_sees_the_source_address(certificates: Certificates) -> None:
    async with listening("127.0.0.1") as (port, came):
        sent = await send(to(certificates, port, source="127.0.0.2"))
    assert came == ["127.0.0.2"]
    assert sent.outcome.server.local is not None
    assert sent.outcome.server.local.startswith("127.0.0.2:")


@pytest.mark.parametrize(
    ("source", "words"),
    [("192.0.2.7", "source address 192.0.2.7: Cannot assign requested address"), ("::1", "IPv4 and IPv6 do not mix")],
)
async def test_a_source_address_that_cannot_be_used(certificates: Certificates, source: str, words: str) -> None:
    async with listening("127.0.0.1") as (port, came):
        sent = await send(to(certificates, port, source=source))
    assert sent.kind is FailureKind.CONNECT
    assert words.partition(": Cannot")[0] in sent.sentence
    assert came == []


async def test_nothing_listens(certificates: Certificates) -> None:
    port = closed_port()
    sent = await send(to(certificates, port))
    assert (sent.kind, sent.stage) == (FailureKind.CONNECT, Stage.CONNECT)
    assert sent.sentence == (
        f"No connection to 127.0.0.1:{port}: 127.0.0.1: Connection refused. Nothing listens there: is it the right "
        "port, and is the server running?"
    )


@IPV6
async def test_nothing_listens_anywhere(certificates: Certificates) -> None:
    port = closed_port()
    sent = await send(to(certificates, port, host="mx.test"), resolver=knowing("::1", "127.0.0.1"))
    assert sent.sentence.startswith(
        f"No connection to mx.test:{port}: ::1: Connection refused; 127.0.0.1: Connection refused. "
    )


@pytest.mark.parametrize("mode", [TlsMode.NONE, TlsMode.IMPLICIT])
async def test_nobody_answers(certificates: Certificates, mode: TlsMode) -> None:
    with blackhole("127.0.0.1") as port:
        sent = await send(to(certificates, port, mode, timeout=0.3))
    assert (sent.kind, sent.stage) == (FailureKind.TIMEOUT, Stage.CONNECT)
    assert "no answer within 0.3 s" in sent.sentence
    assert "firewall" in sent.sentence


# UNIX sockets


async def test_a_socket_that_is_not_there(certificates: Certificates, tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    sent = await send(to(certificates, 25, socket_path=path, host=""))
    assert sent.kind is FailureKind.CONNECT
    assert sent.sentence == f"The socket {path} takes no connection: No such file or directory. Is the server running?"


async def test_a_socket_nobody_listens_on(certificates: Certificates, tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
        sent = await send(to(certificates, 25, socket_path=path, host=""))
    assert sent.kind is FailureKind.CONNECT
    assert "Connection refused" in sent.sentence


async def test_a_socket_path_longer_than_the_system_takes(certificates: Certificates, tmp_path: Path) -> None:
    sent = await send(to(certificates, 25, socket_path=tmp_path / ("x" * 200), host=""))
    assert sent.kind is FailureKind.CONNECT
    assert "too long" in sent.sentence


async def test_a_plain_file_is_no_socket(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    with pytest.raises(ConnectionRefusedError):
        await reach_socket(path, timeout=1)
