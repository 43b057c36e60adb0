"""One sender in a process of its own: ``python -m tests.bench.sending KIND PORT MESSAGES CONNECTIONS``.

It prints one JSON object: seconds and CPU seconds for the sending alone. KIND is ``smtptui-uvloop``,
``smtptui-asyncio``, ``aiosmtplib`` (stock, as its users use it) or ``smtplib``.
"""

import asyncio
import json
import smtplib
import sys
import time
from collections.abc import Callable, Coroutine

import aiosmtplib

from smtptui.protocol import Envelope
from smtptui.session.envelope_commands import Prepared, prepare
from smtptui.session.pipeline import Source
from tests.session.lanes import lane_to

SENDER = "bench@good.test"
BODY = b"From: <bench@good.test>\r\nSubject: bench\r\n\r\n" + (b"x" * 68 + b"\r\n") * 29
"""A message of 2 KiB."""


async def _lane(port: int, source: Source) -> int:
    sent = 0
    async with lane_to(port, timeout=60) as lane:
        async for delivery in lane.deliver(source):
            if delivery.failure is not None:
                raise RuntimeError(delivery.failure.message)
            sent += 1
    return sent


async def _smtptui(port: int, messages: list[Prepared], connections: int) -> int:
    source = Source(messages)
    async with asyncio.TaskGroup() as group:
        lanes = [group.create_task(_lane(port, source)) for _ in range(connections)]
    return sum(lane.result() for lane in lanes)


async def _stock(port: int, recipients: list[str], connections: int) -> int:
    async def one(share: list[str]) -> int:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, local_hostname="bench.test")
        await client.connect()
        for recipient in share:
            await client.sendmail(SENDER, [recipient], BODY)
        await client.quit()
        return len(share)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(recipients[start::connections])) for start in range(connections)]
    return sum(task.result() for task in tasks)


def _smtplib(port: int, recipients: list[str]) -> int:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.test") as client:
        for recipient in recipients:
            client.sendmail(SENDER, [recipient], BODY)
    return len(recipients)


def _run(make: Callable[[], Coroutine[object, object, int]], *, uvloop: bool) -> int:
    if uvloop:
        import uvloop as fast

        return fast.run(make())
    return asyncio.run(make())


def main() -> None:
    """Send, and print what it took."""
    kind, port, count, connections = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    recipients = [f"user{number}@good.test" for number in range(count)]
    messages = [prepare(Envelope.of(SENDER, address), BODY) for address in recipients] if "smtptui" in kind else []
    wall, cpu = time.perf_counter(), time.process_time()
    if kind.startswith("smtptui"):
        sent = _run(lambda: _smtptui(port, messages, connections), uvloop=kind.endswith("uvloop"))
    elif kind.startswith("aiosmtplib"):
        sent = _run(lambda: _stock(port, recipients, connections), uvloop=kind.endswith("uvloop"))
    else:
        sent = _smtplib(port, recipients)
    took = {"sent": sent, "seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps(took))


if __name__ == "__main__":
    main()
