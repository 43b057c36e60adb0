"""Memory and time against hostile servers: ``python -m tests.bench.hostile``.

For each behaviour at each of three stages: how the session ended, after how long with a limit of 2 s for every stage,
and by how much the peak of resident memory grew (server and client share the process, so the figure is an upper bound).
"""

import asyncio
import resource
import tempfile
import time
from pathlib import Path

from smtptui.protocol import Connection, Envelope, TlsMode, TlsSettings
from smtptui.session import Request, SessionRun
from tests.servers.behaviours import (
    ANSI,
    ENDLESS_LINE,
    ENDLESS_REPLY,
    GARBAGE,
    HALF,
    NULS,
    RESET,
    SILENCE,
    Behaviour,
    drip,
    flood,
)
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.hostile import Hostile, Script, StageName

BEHAVIOURS = (SILENCE, HALF, RESET, GARBAGE, NULS, ANSI, drip(), flood(), ENDLESS_LINE, ENDLESS_REPLY)
STAGES: tuple[StageName, ...] = ("banner", "ehlo", "dot")
LIMIT = 2.0


def peak() -> float:
    """Peak of resident memory in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def one(stage: StageName, behaviour: Behaviour, certificates: Certificates) -> str:
    """Run one session and say what it came to."""
    before, started = peak(), time.perf_counter()
    async with Hostile(Script({stage: behaviour}), certificates) as server:
        connection = Connection("127.0.0.1", server.port, TlsSettings(mode=TlsMode.NONE), timeout=LIMIT)
        run = SessionRun(
            Request(connection, Envelope.of("me@good.test", "you@good.test"), b"Subject: x\r\n\r\nhello\r\n")
        )
        outcome = await run.run()
        took = time.perf_counter() - started
    kind = outcome.failure.kind if outcome.failure is not None else "ok"
    run.transcript.close()
    return f"{stage:<8}{behaviour.name:<22}{kind:<12}{took:>7.2f} s{peak() - before:>9.1f} MiB"


async def main() -> None:
    """Run them all and print a line each."""
    with tempfile.TemporaryDirectory() as directory:
        certificates = make_certificates(Path(directory))
        # The first session loads what every session needs.
        await one("quit", RESET, certificates)
        start = peak()
        for stage in STAGES:
            for behaviour in BEHAVIOURS:
                print(await one(stage, behaviour, certificates), flush=True)
        print(f"peak of resident memory grew by {peak() - start:.1f} MiB in all")


if __name__ == "__main__":
    asyncio.run(main())
