"""A batch sent by the real command to a server that counts, and the question whether journal and server agree."""

import contextlib
import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.running import COMMAND, Ended, environment, smtptui
from tests.forked import popen
from tests.servers.counting import Record, read_record

STARTED_S = 20.0
"""Seconds that a command may take to start, on a busy machine."""
UNHINDERED = ("--messages-per-connection", "20", "--canary", "0", "--max-failed", "100", "--max-deferred", "100")
"""Nothing but the server itself gets into the way."""


@dataclass(frozen=True, slots=True)
class Row:
    """A recipient as ``batch export`` has it."""

    state: str
    message_id: str
    code: int | None
    enhanced: str
    queue_id: str
    attempts: int


class Trial:
    """One batch in a folder of its own; ``port`` is the server's, ``record`` what that keeps."""

    def __init__(self, folder: Path, port: int, record: Path | None = None, *, connections: int = 4) -> None:
        self.folder = folder
        self.record = record
        self.connections = connections
        self.kills = 0
        """How often a runner was stopped without a chance to wait for its replies."""
        self._port = port
        self.env = environment(
            {"SMTPTUI_DATA_DIR": str(folder / "data"), "SMTPTUI_PROFILES": str(folder / "profiles.yaml")}
        )

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.folder / "data" / "batches" / "trial.sqlite"

    def new(
        self, addresses: Sequence[str], *options: str, text: str = "Hello {{ name }}, number {{ number }}."
    ) -> None:
        """Make the batch."""
        rows = "".join(f"{address},Name {number},{number}\n" for number, address in enumerate(addresses))
        (self.folder / "list.csv").write_text(f"email,name,number\n{rows}")
        template = self.folder / "letter.txt"
        template.write_text(
            f"To: {{{{ email }}}}\nFrom: List <list@x.test>\nSubject: number {{{{ number }}}}\n\n{text}\n"
        )
        relay = ("--server", f"127.0.0.1:{self._port}", "--tls", "none", "--ehlo", "me.test")
        command = ("batch", "new", str(self.folder / "list.csv"), "--template", str(template), "--name", "trial")
        pace = ("--connections", str(self.connections), *UNHINDERED)
        self.done(*command, *relay, *pace, *options)

    def done(self, *arguments: str, code: int = 0, timeout: float = 60) -> Ended:
        """Run a command to its end, which must be ``code``."""
        ended = self.command(*arguments, timeout=timeout)
        assert ended.code == code, f"{arguments} ended with {ended.code}:\n{ended.out}\n{ended.err}"
        return ended

    def command(self, *arguments: str, timeout: float = 60) -> Ended:
        """Run a command to its end."""
        return smtptui(*arguments, env=self.env, timeout=timeout)

    @contextlib.contextmanager
    def running(self, *arguments: str, verb: str = "run") -> Iterator["subprocess.Popen[str]"]:
        """The runner as a process of its own; one that still runs at the end of the block is killed."""
        options = ["--untested"] if verb == "run" else []
        with popen(
            [*COMMAND, "batch", verb, "trial", *options, *arguments],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def status(self) -> dict[str, Any]:
        """What ``batch status --json`` says."""
        return dict(self.done("batch", "status", "trial", "--json").document)

    def rows(self) -> dict[str, Row]:
        """Every recipient by address."""
        out = self.done("batch", "export", "trial", "--format", "jsonl").out
        found = [json.loads(line) for line in out.splitlines()]
        rows = {
            each["smtptui_address"]: Row(
                each["smtptui_state"],
                each["smtptui_message_id"],
                int(each["smtptui_code"]) if each["smtptui_code"] else None,
                each["smtptui_enhanced"] or "",
                each["smtptui_queue_id"] or "",
                each["smtptui_attempts"],
            )
            for each in found
        }
        assert len(rows) == len(found), "an address stands twice in the export"
        return rows

    def received(self) -> Record:
        """What the server has."""
        assert self.record is not None
        return read_record(self.record)

    def audit(self, addresses: Sequence[str]) -> Counter[str]:
        """Hold the journal against the server while nothing runs; returns how many are in each state."""
        rows, received, status = self.rows(), self.received(), self.status()
        states = Counter(row.state for row in rows.values())
        assert rows.keys() == set(addresses)
        assert {name: status[name] for name in states} == states
        assert status["total"] == len(addresses) == sum(states.values())
        got = {address: received.accepted[address] for address in addresses}
        said = [(address, rows[address].state, got[address]) for address in addresses]
        assert [each for each in said if each[1] == "sent" and each[2] < 1] == [], "lost"
        untouched = ("pending", "deferred", "failed", "skipped", "suppressed")
        assert [each for each in said if each[1] in untouched and each[2] > 0] == [], "received, and not known of"
        assert [each for each in said if each[2] > 1] == [], "received twice"
        doubtful = states["uncertain"] + states["inflight"]
        assert doubtful <= self.kills * self.connections + received.in_doubt, f"{states}, {received.faults}"
        wrong = [address for address, ids in received.message_ids.items() if ids != {rows[address].message_id}]
        assert [(received.message_ids[a], rows[a]) for a in wrong[:3]] == [], "another Message-ID than the journal's"
        return states
