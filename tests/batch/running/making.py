"""Small batches for tests of the runner: a journal with a list, plain messages, a server near by."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from smtptui.batch import Journal, NewRecipient, Recipient, new_token
from smtptui.batch.pacing import Limits
from smtptui.batch.running.queued_message import Compose
from smtptui.batch.running.runner import BatchRun, RunRequest, RunResult
from smtptui.protocol import Connection, Credentials, Envelope, TlsMode, TlsSettings
from smtptui.session import LaneSettings, Pipelining, Prepared, prepare


def plain(recipient: Recipient) -> Prepared:
    """A message that names its recipient."""
    content = f"From: <list@good.test>\r\nSubject: to {recipient.seq}\r\n\r\nHello {recipient.address}.\r\n"
    return prepare(Envelope.of("list@good.test", recipient.address), content.encode())


def made(
    folder: Path, addresses: Sequence[str], *, now: Callable[[], float] = time.time, shared: Path | None = None
) -> Path:
    """The journal of a new batch."""
    path = folder / "trial.sqlite"
    token = iter(range(10**9))
    with Journal.create(
        path,
        name="trial",
        columns=("email",),
        settings="{}",
        documents={},
        now=now(),
        shared=shared or folder / "shared.sqlite",
        token=lambda: new_token(lambda count: next(token).to_bytes(count, "big")),
    ) as journal:
        journal.add(
            NewRecipient(number, address, address, address.rpartition("@")[2], (address,))
            for number, address in enumerate(addresses, 1)
        )
    return path


def request(
    path: Path,
    port: int,
    *,
    limits: Limits | None = None,
    compose: Compose = plain,
    wait: bool = False,
    keep_transcripts: bool = False,
    pipelining: Pipelining = Pipelining.AUTO,
    credentials: Credentials | None = None,
    timeout: float = 5.0,
) -> RunRequest:
    """What a batch is run with, towards a server on loopback."""
    connection = Connection(
        "127.0.0.1",
        port,
        TlsSettings(mode=TlsMode.NONE),
        ehlo_name="batch.test",
        timeout=timeout,
        allow_clear_auth=True,
    )
    return RunRequest(
        path=path,
        lane=LaneSettings(connection, credentials, pipelining),
        limits=limits or Limits(connections=3, canary=0),
        compose=compose,
        account="nobody@127.0.0.1",
        shared=path.parent / "shared.sqlite",
        wait=wait,
        keep_transcripts=keep_transcripts,
    )


async def run(request: RunRequest) -> RunResult:
    """Run a batch in the test's own loop."""
    return await BatchRun(request).run()
