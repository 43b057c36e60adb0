"""A lane to a server: connect, EHLO, TLS and login as a session does, then many messages, then goodbye."""

import secrets
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from smtptui.dns import Resolver
from smtptui.protocol import Connection, Credentials, Envelope, FailureKind, Reply, Stage, visible
from smtptui.session.conversation import Conversation
from smtptui.session.delivery import Delivery
from smtptui.session.dialogue import OPENING, walk
from smtptui.session.envelope_commands import prepare
from smtptui.session.fast_recorder import develop
from smtptui.session.mask import Masker, common_words
from smtptui.session.pipeline import BeforeBody, Lane, Pipelining
from smtptui.session.recorder import Recorder
from smtptui.session.request import Request
from smtptui.session.route import targets
from smtptui.transcript import Failure, ServerFacts, SessionError, Transcript


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """What a lane is opened with. ``connection`` names a host or a socket: a lane is one server's."""

    connection: Connection
    credentials: Credentials | None = None
    pipelining: Pipelining = Pipelining.AUTO
    before_body: BeforeBody | None = None


@dataclass(frozen=True, slots=True)
class OpenLane:
    """A lane that stands, and what is known of its server."""

    lane: Lane
    talk: Conversation
    """How it was opened: the server, its TLS and what it offers, who logged in."""

    @property
    def server(self) -> ServerFacts:
        """Who is spoken to."""
        return self.talk.server

    @property
    def transcript(self) -> Transcript:
        """The opening, up to where the lane took over."""
        return self.talk.recorder.transcript

    def told(self, delivery: Delivery) -> Transcript:
        """The dialogue of one delivery as events, masked; times count from the lane's opening."""
        recorder = self.lane.recorder
        own = Recorder(
            Transcript(started=self.transcript.started), recorder.masker, clock=recorder.clock, origin=recorder.origin
        )
        own.tls = recorder.tls
        return develop(delivery.exchange, own)

    async def leave(self) -> Reply | None:
        """Say QUIT where that may still be said, and close. Returns an answer that is no goodbye: then the last reply
        to a message may not have been what it was taken for."""
        goodbye = None
        client = self.lane.client
        try:
            if self.lane.failure is None and client.alive:
                client.wire.say(Stage.QUIT, b"QUIT\r\n")
                reply = await client.reply(self.talk.seconds(Stage.QUIT))
                goodbye = reply if reply.code != 221 else None
        except SessionError:
            # All that mattered is decided; a server that will not say goodbye changes nothing.
            goodbye = client.wire.stray
        finally:
            await client.finish(abort=self.lane.failure is not None)
        return goodbye

    async def abort(self) -> None:
        """Drop the connection now."""
        await self.lane.client.finish(abort=True)


class LaneError(Exception):
    """No lane could be opened: why, and the transcript of the attempt."""

    def __init__(self, failure: Failure, transcript: Transcript) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.transcript = transcript


async def open_lane(
    settings: LaneSettings,
    *,
    resolver: Resolver | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    clock: Callable[[], float] = time.perf_counter,
    nonce: Callable[[], str] = lambda: secrets.token_urlsafe(24),
) -> OpenLane:
    """Open a lane; raises :class:`LaneError`. Cancelled, it leaves no connection behind."""
    connection = settings.connection
    masker = Masker(settings.credentials, common=common_words(connection))
    recorder = Recorder(Transcript(started=now()), masker, clock=clock, origin=clock())
    nobody = Envelope("", ())
    try:
        request = Request(connection, nobody, b"", settings.credentials)
        route = targets(connection, (), resolver or Resolver(connection.resolver), recorder)
        async with aclosing(route):
            async for target in route:
                prepared = prepare(nobody, b"", until=Stage.EHLO)
                talk = Conversation(request, prepared, target, recorder, None, now, nonce)
                return await _opened(talk, settings)
    except SessionError as error:
        failure = Failure(
            error.failure.stage, error.failure.kind, masker.sentence(error.failure.message), error.failure.reply
        )
        recorder.error(failure.stage, visible(failure.message))
        raise LaneError(failure, recorder.transcript) from error
    except ValueError as error:
        raise LaneError(Failure(Stage.CONNECT, FailureKind.CONFIGURATION, str(error)), recorder.transcript) from error
    raise LaneError(
        Failure(Stage.CONNECT, FailureKind.CONFIGURATION, "There is no server: name one."), recorder.transcript
    )


async def _opened(talk: Conversation, settings: LaneSettings) -> OpenLane:
    done = False
    try:
        await walk(talk, OPENING)
        client = talk.live()
        lane = Lane(
            client,
            talk.capabilities,
            pipelining=settings.pipelining,
            seconds=talk.seconds,
            lmtp=settings.connection.lmtp,
            before_body=settings.before_body,
        )
        done = True
    finally:
        if not done and talk.client is not None:
            await talk.client.finish(abort=True)
    return OpenLane(lane, talk)
