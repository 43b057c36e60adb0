"""Connect, and with implicit TLS shake hands."""

import socket

from smtptui.explain import after_no_connection, after_silence
from smtptui.protocol import FailureKind, Stage, visible
from smtptui.session.client import Client, endpoint
from smtptui.session.conversation import Conversation
from smtptui.session.dial import Unreachable, reach, reach_socket, words_of
from smtptui.session.ehlo_name import ehlo_name
from smtptui.session.steps.handshake import handshake, prepare
from smtptui.transcript import ServerFacts, SessionError


async def connect(talk: Conversation) -> None:
    """TCP to the first address that answers, or the UNIX socket."""
    await talk.pause(Stage.CONNECT)
    talk.server = ServerFacts(talk.target.host, talk.target.port)
    sock = await _socket(talk)
    talk.ehlo_name = ehlo_name(talk.request.connection.ehlo_name, talk.server.local)
    if not talk.implicit:
        await _take_over(talk, sock)
        return
    try:
        await talk.pause(Stage.TLS)
    except BaseException:
        sock.close()
        raise

    async def implicit() -> None:
        await _take_over(talk, sock, implicit=True)

    try:
        await handshake(talk, implicit)
    finally:
        if talk.client is None:
            sock.close()


async def _take_over(talk: Conversation, sock: socket.socket, *, implicit: bool = False) -> None:
    recorder = talk.recorder
    seconds = talk.seconds(Stage.TLS if implicit else Stage.CONNECT)
    client = Client(recorder, sock, name=talk.tls_name, implicit_tls=await prepare(talk) if implicit else None)
    talk.client = client
    try:
        await client.open(seconds)
    except OSError as error:
        if implicit:
            raise
        raise _gone(talk) from error


async def _socket(talk: Conversation) -> socket.socket:
    connection, recorder = talk.request.connection, talk.recorder
    seconds = talk.seconds(Stage.CONNECT)
    started = recorder.now
    if connection.socket_path is not None:
        try:
            sock = await reach_socket(connection.socket_path, timeout=seconds)
        except (OSError, TimeoutError) as error:
            raise SessionError(
                Stage.CONNECT,
                FailureKind.CONNECT,
                f"The socket {connection.socket_path} takes no connection: {_silent(error)}. Is the server running?",
            ) from error
        recorder.connected(f"connected to {visible(str(connection.socket_path))}", recorder.now - started)
        return sock

    def attempted(ip: str) -> None:
        shown = f"[{ip}]" if ":" in ip else ip
        recorder.note(Stage.CONNECT, f"trying {shown}:{talk.target.port}")

    try:
        sock = await reach(
            talk.target.ips, talk.target.port, source=connection.source, timeout=seconds, attempted=attempted
        )
    except Unreachable as error:
        raise SessionError(Stage.CONNECT, *_unreachable(talk, error)) from error
    try:
        peer, local = endpoint(sock.getpeername()), endpoint(sock.getsockname())
    except OSError as error:
        sock.close()
        raise _gone(talk) from error
    talk.server = ServerFacts(talk.target.host, talk.target.port, peer, local)
    name = "" if talk.target.host.strip("[]") in talk.target.ips else f"{talk.target.host} at "
    recorder.connected(f"connected to {name}{peer} from {local}", recorder.now - started)
    return sock


def _silent(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) and error.errno is None else words_of(error)


def _gone(talk: Conversation) -> SessionError:
    """The error for a connection that stood for a moment only."""
    return SessionError(
        Stage.CONNECT,
        FailureKind.CLOSED,
        f"{talk.target.host}:{talk.target.port} took the connection and reset it at once: the server "
        "may block this address.",
    )


def _unreachable(talk: Conversation, error: Unreachable) -> tuple[FailureKind, str]:
    where = endpoint((talk.target.host.strip("[]"), talk.target.port))
    if error.timed_out and all(why.startswith("no answer") for _, why in error.reasons):
        return FailureKind.TIMEOUT, f"No connection to {where}: {error}. {after_silence(talk.target.port)}"
    refused = all("refused" in why.lower() for _, why in error.reasons)
    return FailureKind.CONNECT, f"No connection to {where}: {error}. {after_no_connection(refused=refused)}"
