"""The wire alone: pre-rendered 2 KiB messages to smtp-sink, beside smtp-source, nodemailer and stock aiosmtplib.

``python -m tests.bench.wire [--rounds 7] [--messages 20000] [--far 200]`` prints a table. Each round runs every
sender once, in changing order, and compares within the round: the machine's mood then falls out. ``--far`` is the
number of messages at 40 ms round trip, through a delaying proxy. Needs Postfix's smtp-sink and smtp-source; npm for
nodemailer, which is left out without it.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 10
ONE_WAY_MS = 20


@dataclass(frozen=True)
class Took:
    """What one run took: seconds, and CPU seconds of the sender where known."""

    seconds: float
    cpu: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--far", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sink() as port:
        node = nodemailer(Path(scratch))
        near = ["smtp-source", "smtptui-uvloop", "smtptui-asyncio", "aiosmtplib", "aiosmtplib-uvloop"]
        far = ["smtptui-asyncio", "aiosmtplib", "smtp-source"]
        if node is not None:
            near.append("nodemailer")
            far.append("nodemailer")
        slow = {"aiosmtplib", "aiosmtplib-uvloop", "nodemailer"}
        rounds = compare(near, port, options.rounds, options.messages, node, slow)
        report("loopback, 10 connections", rounds, "smtp-source")
        with proxy(port) as delayed:
            rounds = compare(far, delayed, max(2, options.rounds // 3), options.far, node, set())
        report("40 ms round trip, 10 connections", rounds, "aiosmtplib")


def compare(
    senders: list[str], port: int, rounds: int, messages: int, node: Path | None, slow: set[str]
) -> list[dict[str, Took]]:
    """Rounds of every sender; a slow one sends a fifth, and all figures are per message."""
    results = []
    for number in range(rounds):
        order = random.Random(number).sample(senders, len(senders))
        results.append(
            {sender: measure(sender, port, messages // (5 if sender in slow else 1), node) for sender in order}
        )
    return results


def measure(sender: str, port: int, messages: int, node: Path | None) -> Took:
    """Seconds per message of one run."""
    if sender == "smtp-source":
        command = ["smtp-source", "-s", str(CONNECTIONS), "-d", "-m", str(messages), "-l", "2048"]
        command += ["-f", "bench@good.test", "-t", "user@good.test", f"127.0.0.1:{port}"]
        before = os.times()
        started = time.perf_counter()
        subprocess.run(command, check=True)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return Took((time.perf_counter() - started) / messages, cpu / messages)
    environment = dict(os.environ)
    command = [sys.executable, "-m", "tests.bench.sending", sender]
    if sender == "nodemailer":
        environment["NODEMAILER"] = str(node)
        command = ["node", str(Path(__file__).with_name("nodemailer.mjs"))]
    command += [str(port), str(messages), str(CONNECTIONS)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout
    took = json.loads(out)
    if took["sent"] != messages:
        raise SystemExit(f"{sender} sent {took['sent']} of {messages}")
    return Took(took["seconds"] / messages, took["cpu"] / messages)


def report(title: str, rounds: list[dict[str, Took]], base: str) -> None:
    """Medians, and the ratio to ``base`` within each round."""
    print(f"\n{title}: {len(rounds)} rounds\n{'sender':<20}{'msg/s':>9}{'CPU µs/msg':>12}   x {base} (min..max)")
    for sender in rounds[0]:
        rate = statistics.median(1 / each[sender].seconds for each in rounds)
        cpu = statistics.median(each[sender].cpu for each in rounds) * 1e6
        ratios = [each[base].seconds / each[sender].seconds for each in rounds]
        print(
            f"{sender:<20}{rate:>9.0f}{cpu:>12.0f}   "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
        )
    sys.stdout.flush()


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """A running smtp-sink; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    process = subprocess.Popen(["smtp-sink", *user, f"127.0.0.1:{port}", "1000"])
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def proxy(port: int) -> Iterator[int]:
    """The delaying proxy before ``port``; its own port."""
    command = [sys.executable, "-m", "tests.servers.delay", str(port), str(ONE_WAY_MS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def nodemailer(scratch: Path) -> Path | None:
    """Install nodemailer in a scratch directory; None without npm."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        print("no npm: nodemailer is left out")
        return None
    quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(["npm", "install", "--prefix", str(scratch), *quiet, "nodemailer"], check=True)
    return scratch


if __name__ == "__main__":
    main()
