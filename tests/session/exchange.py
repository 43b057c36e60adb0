"""Running a session against a test server, and comparing its transcript with what crossed the wire."""

import asyncio
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import smtptui
from smtptui.protocol import Connection, Credentials, Envelope, Event, EventKind, TlsMode, TlsSettings, encode, visible
from smtptui.session import Gate, Request, SessionRun
from smtptui.session.mask import MASK
from smtptui.transcript import Outcome, Transcript, outcome_json, to_html, to_jsonl, to_text
from smtptui.transcript.export import describe
from smtptui.transcript.transcript import text_wire
from tests.servers.certificates import Certificates
from tests.servers.wire import LoopbackServer

CONTENT = b"From: a@good.test\r\nTo: b@good.test\r\nSubject: hello\r\n\r\n.a dot\r\nGreetings\r\n"
Tls = Literal["none", "starttls", "implicit"]
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Finished:
    """A session that came to its end."""

    run: SessionRun
    outcome: Outcome
    took: float
    """Seconds by the wall clock."""

    @property
    def transcript(self) -> Transcript:
        """All that happened."""
        return self.run.transcript


def connection(
    server: LoopbackServer, certificates: Certificates, tls: Tls = "none", timeout: float = 0.5, **settings: object
) -> Connection:
    """How to reach a test server; ``timeout`` in seconds for every stage."""
    return Connection(
        host=server.host,
        port=server.port,
        tls=TlsSettings(mode=TlsMode(tls), ca_file=certificates.ca_file),
        ehlo_name="client.test",
        timeout=timeout,
        allow_clear_auth=True,
        **settings,  # type: ignore[arg-type]
    )


def request(
    to: Connection, *recipients: str, credentials: Credentials | None = None, content: bytes = CONTENT, **more: object
) -> Request:
    """A small message from ``a@good.test``."""
    envelope = Envelope.of("a@good.test", *(recipients or ("b@good.test",)))
    return Request(to, envelope, content, credentials, **more)  # type: ignore[arg-type]


async def finish(wanted: Request, gate: Gate | None = None, *, within: float = 50.0, alone: bool = True) -> Finished:
    """Run a session to its end; ``alone``, and with no other beside it, see that it leaves no task behind."""
    run = SessionRun(wanted, gate=gate)
    before = asyncio.all_tasks()
    started = time.perf_counter()
    async with asyncio.timeout(within):
        outcome = await run.run()
    took = time.perf_counter() - started
    leaked = [task for task in asyncio.all_tasks() if task not in before and _ours(task)]
    assert not (alone and leaked), leaked
    return Finished(run, outcome, took)


PACKAGE = Path(smtptui.__file__).parent


def _ours(task: asyncio.Task[object]) -> bool:
    """Whether the package started it, and not a test's own server."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and Path(code.co_filename).is_relative_to(PACKAGE)


def heard(transcript: Iterable[Event]) -> bytes:
    """The server's octets as the transcript has them."""
    return b"".join(
        encode(event.text) if event.code is None else text_wire(event.text)
        for event in transcript
        if event.kind is EventKind.REPLY
    )


def said(transcript: Iterable[Event]) -> re.Pattern[bytes]:
    """The client's octets as the transcript has them, as a pattern where something is masked."""
    whole = b"".join(
        encode(event.text) + (b"" if event.kind is EventKind.BODY else b"\r\n")
        for event in transcript
        if event.kind in (EventKind.COMMAND, EventKind.CONTINUATION, EventKind.BODY)
    )
    return re.compile(re.escape(whole).replace(re.escape(MASK.encode()), rb"[^\r\n]*") + rb"\Z")


def renderings(done: Finished) -> dict[str, str]:
    """Every form in which a session can leave the program."""
    return {
        "text": to_text(done.transcript),
        "jsonl": to_jsonl(done.transcript),
        "html": to_html(done.transcript, done.outcome),
        "json": json.dumps(outcome_json(done.outcome, done.transcript), ensure_ascii=False),
        "sentence": describe(done.outcome),
    }


def assert_harmless(done: Finished) -> None:
    """Nothing in any rendering can act on a terminal."""
    for name, text in renderings(done).items():
        assert not (found := _CONTROL.search(text)), (name, found)


def assert_sentence(message: str) -> None:
    """A message a person can read: whole sentences, harmless."""
    assert message[0].isupper() or message[0].isdigit(), message
    assert message.endswith((".", "?", "!")), message
    assert len(message.split()) >= 4, message
    assert visible(message) == message
    assert "Error" not in message
    assert "Traceback" not in message
