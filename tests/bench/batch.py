"""A batch from end to end beside its peers: a personalised letter of 10 KiB, text and HTML, to smtp-sink.

``python -m tests.bench.batch [--rounds 5] [--messages 60000] [--far 3000]`` prints a table. smtptui is the real
command, ``batch run``, with its journal (synchronous=FULL); nodemailer's pool, stock aiosmtplib, smtplib and mailmerge
send the same unjournaled, ``naive`` is aiosmtplib with a commit for each message; smtp-source, which makes nothing,
is there for reference. All are whole processes, from start to exit. Each round runs every sender once, in changing
order, and compares within the round. ``--far`` is the number of messages at 40 ms round trip.

``--memory 10000,1000000`` measures instead the peak of resident memory of ``batch new`` and ``batch run``
(of the larger one of its two processes).
Needs Postfix's smtp-sink and smtp-source; npm for nodemailer; mailmerge is installed in a scratch environment.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.letters import SENDER, lay_out
from tests.bench.wire import CONNECTIONS, Took, nodemailer, proxy, report, sink

_WITHOUT_UVLOOP = "import sys; sys.modules['uvloop'] = None; from smtptui.cli import main; sys.exit(main())"
_WITH_UVLOOP = "import sys, uvloop; from smtptui.cli import main; sys.exit(main())"
SHARES = {"nodemailer": 4, "aiosmtplib": 8, "smtplib": 16, "naive": 16, "mailmerge": 16}
"""Of so many messages a slow sender sends one; all figures are per message."""
FAR_SHARES = {"nodemailer": 2, "aiosmtplib": 4, "naive": 4, "smtp-source": 4, "smtplib": 40, "mailmerge": 60}


@dataclass(frozen=True)
class Ran:
    """What a process took: seconds, CPU seconds, and the peak of its memory in MiB."""

    seconds: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Peers:
    """Where the peers that are not Python modules here are installed; None without."""

    nodemailer: Path | None
    mailmerge: Path | None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--far", type=int, default=3000)
    parser.add_argument("--memory", metavar="ROWS,…")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sink() as port:
        print(f"fdatasync of 4 KiB: {syncs(Path(scratch)):.0f}/s")
        if options.memory:
            measure_memory([int(count) for count in options.memory.split(",")], port)
            return
        peers = Peers(nodemailer(Path(scratch)), mailmerge(Path(scratch)))
        senders = ["smtptui-uvloop", "smtptui-asyncio", "aiosmtplib", "smtplib", "naive", "smtp-source"]
        senders += ["nodemailer"] if peers.nodemailer is not None else []
        senders += ["mailmerge"] if peers.mailmerge is not None else []
        base = "nodemailer" if peers.nodemailer is not None else "aiosmtplib"
        found = compare(senders, port, options.rounds, options.messages, peers, SHARES)
        for other in (base, "naive"):
            report(f"loopback, {CONNECTIONS} connections, 10 KiB", found, other)
        with proxy(port) as delayed:
            found = compare(senders, delayed, max(2, options.rounds // 2), options.far, peers, FAR_SHARES)
        report(f"40 ms round trip, {CONNECTIONS} connections, 10 KiB", found, base)


def compare(
    senders: Sequence[str], port: int, rounds: int, messages: int, peers: Peers, shares: Mapping[str, int]
) -> list[dict[str, Took]]:
    """Rounds of every sender."""
    results = []
    for number in range(rounds):
        order = random.Random(number).sample(senders, len(senders))
        results.append({sender: measure(sender, port, messages // shares.get(sender, 1), peers) for sender in order})
    return results


def measure(sender: str, port: int, messages: int, peers: Peers) -> Took:
    """Seconds per message of one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, messages)
        if sender.startswith("smtptui"):
            _new(folder, port)
            ran = _run(folder, uvloop=sender.endswith("uvloop"))
            sent = _status(folder)["sent"]
            if sent != messages:
                raise SystemExit(f"{sender} sent {sent} of {messages}: {_status(folder)}")
        else:
            ran = watched(_command(sender, port, messages, folder, peers), folder, nodemailer=peers.nodemailer)
        return Took(ran.seconds / messages, ran.cpu / messages)


def _command(sender: str, port: int, messages: int, folder: Path, peers: Peers) -> list[str]:
    if sender == "smtp-source":
        size = ["-l", "10240", "-f", SENDER, "-t", "user@good.test"]
        return ["smtp-source", "-s", str(CONNECTIONS), "-d", "-m", str(messages), *size, f"127.0.0.1:{port}"]
    if sender == "nodemailer":
        script = str(Path(__file__).with_name("batch_nodemailer.mjs"))
        return ["node", script, str(port), str(CONNECTIONS), str(folder)]
    if sender == "mailmerge":
        server = f"[smtp_server]\nhost = 127.0.0.1\nport = {port}\nsecurity = Never\nratelimit = 0\n"
        (folder / "server.conf").write_text(server)
        files = ["--template", "mailmerge.txt", "--database", "list.csv", "--config", "server.conf"]
        return [str(peers.mailmerge), "--no-dry-run", "--no-limit", *files]
    return [sys.executable, "-m", "tests.bench.batch_sending", sender, str(port), str(CONNECTIONS), str(folder)]


# The command itself.


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SMTPTUI_")}
    return {**kept, "SMTPTUI_DATA_DIR": str(folder / "data"), "SMTPTUI_PROFILES": str(folder / "profiles.yaml")}


def _new(folder: Path, port: int) -> Ran:
    relay = ["--server", f"127.0.0.1:{port}", "--tls", "none", "--ehlo", "bench.test"]
    pace = ["--connections", str(CONNECTIONS), "--messages-per-connection", "1000000", "--canary", "0"]
    message = ["--template", str(folder / "letter.txt"), "--html", str(folder / "letter.html")]
    command = ["batch", "new", str(folder / "list.csv"), *message, *relay, *pace, "--name", "bench"]
    made = watched([sys.executable, "-m", "smtptui", *command], folder)
    # Every message is looked at before the first is sent; `run` would do it otherwise.
    watched([sys.executable, "-m", "smtptui", "batch", "lint", "bench"], folder)
    return made


def _run(folder: Path, *, uvloop: bool) -> Ran:
    script = _WITH_UVLOOP if uvloop else _WITHOUT_UVLOOP
    return watched([sys.executable, "-c", script, "batch", "run", "bench", "--untested"], folder)


def _status(folder: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "smtptui", "batch", "status", "bench", "--json"]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=_environment(folder)).stdout
    return dict(json.loads(out))


def watched(command: Sequence[str], folder: Path, *, nodemailer: Path | None = None) -> Ran:
    """Run a command to its good end; what it took."""
    environment = _environment(folder)
    environment["PYTHONPATH"] = os.pathsep.join(("", str(Path(__file__).parents[2])))
    if nodemailer is not None:
        environment["NODEMAILER"] = str(nodemailer)
    with (folder / "output").open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = (folder / "output").read_text(errors="replace")[-2000:]
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


# The machine, and memory.


def syncs(folder: Path, seconds: float = 1.0) -> float:
    """How often in a second this disk makes 4 KiB durable."""
    file = os.open(folder / "sync", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        count, ends = 0, time.perf_counter() + seconds
        while time.perf_counter() < ends:
            os.write(file, bytes(4096))
            os.fdatasync(file)
            count += 1
    finally:
        os.close(file)
    return count / seconds


def measure_memory(sizes: Sequence[int], port: int) -> None:
    """Print the peak of memory of each half of a batch at each size."""
    print(f"{'rows':>10}{'new s':>9}{'new MiB':>9}{'run s':>9}{'run MiB':>9}{'msg/s':>9}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            lay_out(folder, size)
            made = _new(folder, port)
            ran = _run(folder, uvloop=True)
            if _status(folder)["sent"] != size:
                raise SystemExit(f"not all were sent: {_status(folder)}")
            print(
                f"{size:>10}{made.seconds:>9.1f}{made.peak:>9.0f}{ran.seconds:>9.1f}{ran.peak:>9.0f}"
                f"{size / ran.seconds:>9.0f}",
                flush=True,
            )


def mailmerge(scratch: Path) -> Path | None:
    """Install mailmerge in an environment of its own; None where that fails."""
    home = scratch / "mailmerge"
    venv.create(home, with_pip=True)
    done = subprocess.run([home / "bin" / "pip", "install", "--quiet", "mailmerge"], check=False)
    program = home / "bin" / "mailmerge"
    if done.returncode or not program.exists():
        print("mailmerge cannot be installed: it is left out")
        return None
    return program


if __name__ == "__main__":
    main()
