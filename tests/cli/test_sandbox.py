"""``smtptui sandbox`` as a process, and ``smtptui send`` against it: the two together, as in the quick start."""

import json
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import COMMAND, Ended, environment, smtptui
from tests.forked import popen

MAIL = ("--from", "ann@example.org", "--to", "bob@example.org")


@dataclass
class Running:
    """A sandbox process and what it printed."""

    process: subprocess.Popen[str]

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def document(self) -> Any:
        return json.loads(self.line())

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


def start(*arguments: str) -> Running:
    return Running(
        popen(
            [*COMMAND, "sandbox", *arguments],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    )


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that listens, and where."""

    running: Running
    where: dict[str, Any]

    def send(self, port: str, *arguments: str, password: str | None = None) -> Ended:
        """Send to one of its ports, trusting its authority and logging in where a password is given."""
        login = ("--user", self.where["user"]) if password is not None else ()
        return smtptui(
            *("send", "--server", f"127.0.0.1:{self.where[port]}", "--ca-file", self.where["ca_file"]),
            *(*login, *MAIL, *arguments),
            env={"SMTPTUI_PASSWORD": password} if password is not None else None,
        )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    running = start("--json", "--show", "raw")
    try:
        yield Sandbox(running, running.document())
    finally:
        code, _, err = running.stop()
        assert (code, err) == (0, "")


def test_it_says_where_it_listens(sandbox: Sandbox) -> None:
    assert set(sandbox.where) == {"smtp", "submission", "smtps", "ca_file", "user", "password"}
    assert Path(sandbox.where["ca_file"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
    for port in ("smtp", "submission", "smtps"):
        socket.create_connection(("127.0.0.1", sandbox.where[port]), timeout=5).close()


@pytest.mark.parametrize(
    ("port", "tls"), [("smtp", "opportunistic"), ("submission", "starttls"), ("smtps", "implicit")]
)
def test_a_message_is_sent_and_caught_on_every_port(sandbox: Sandbox, port: str, tls: str) -> None:
    password = None if port == "smtp" else sandbox.where["password"]
    done = sandbox.send(port, "--tls", tls, "--subject", f"by {port}", "--json", password=password)
    assert (done.code, done.err) == (0, "")
    document = done.document
    assert document["ok"] is True
    assert document["tls"]["verified"] is True or tls == "opportunistic"
    assert bool(document["auth"]) is (password is not None)
    caught = sandbox.running.document()["caught"]
    assert (caught["listener"], caught["tls"], caught["subject"]) == (port, True, f"by {port}")
    assert caught["user"] == (sandbox.where["user"] if password is not None else None)
    assert (caught["sender"], caught["recipients"]) == ("ann@example.org", ["bob@example.org"])
    assert caught["queue_id"] == document["queue_id"]
    assert "To: bob@example.org" in caught["raw"].splitlines()


def test_a_wrong_password_is_77_and_shown_nowhere(sandbox: Sandbox) -> None:
    done = sandbox.send("submission", "--tls", "starttls", password="wrong-secret")
    assert done.code == 77
    assert done.err.startswith("smtptui: ")
    assert "wrong-secret" not in done.out + done.err


def test_submission_without_a_login_is_77(sandbox: Sandbox) -> None:
    assert sandbox.send("submission", "--tls", "starttls").code == 77


def test_an_authority_that_is_not_trusted_is_76(sandbox: Sandbox) -> None:
    done = smtptui("send", "--server", f"127.0.0.1:{sandbox.where['smtps']}", "--tls", "implicit", *MAIL)
    assert done.code == 76


def test_people_get_ports_and_a_command_that_works() -> None:
    running = start("--show", "parsed")
    try:
        lines = [running.line() for _ in range(15)]
        text = "".join(lines)
        for what in ("relay", "submission", "smtps", "authority", "user", "password"):
            assert f"  {what}" in text
        begin = next(index for index, line in enumerate(lines) if "smtptui send" in line)
        command = "".join(lines[begin : begin + 2])
        command = command.replace("smtptui send", f"{sys.executable} -m smtptui send")
        done = subprocess.run(["sh", "-c", command], env=environment(), capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    finally:
        code, out, err = running.stop(signal.SIGTERM)
    assert (code, err) == (0, "")
    assert "<ann@example.org> → <bob@example.org> “Test message from smtptui”" in out
    assert "    From: ann@example.org" in out
    assert "    This is a test message, sent by smtptui." in out


def test_what_clients_say_does_not_act_on_the_terminal() -> None:
    running = start("--show", "raw")
    try:
        relay = next(line for line in iter(running.line, "") if "  relay" in line)
        port = int(relay.split()[1].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client, client.makefile("rwb") as file:
            for command in (
                b"EHLO evil\x1b[31m",
                b"EHLO evil",
                b"MAIL FROM:<a@b.example>",
                b"RCPT TO:<c@d.example>",
                b"DATA",
                b"Subject: \x1b[2J\x07\x9b31m\r\n\r\n\x1b]0;owned\x07\r\n.",
                b"QUIT",
            ):
                file.write(command + b"\r\n")
                file.flush()
                time.sleep(0.05)
            file.read()
    finally:
        code, out, _ = running.stop()
    assert code == 0
    assert "owned" in out
    assert all(line.isprintable() for line in out.splitlines())


def test_a_port_in_use_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = smtptui("sandbox", "--port", str(port))
        document = smtptui("sandbox", "--smtps-port", str(port), "--json")
    assert (words.code, words.out) == (69, "")
    assert words.err.startswith(f"smtptui: Port {port} on 127.0.0.1 is in use")
    assert (document.code, document.err) == (69, "")
    assert document.document["ok"] is False


def test_ports_can_be_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = start("--submission-port", str(port), "--json")
    assert running.document()["submission"] == port
    assert running.stop()[0] == 0


def test_its_files_are_gone_with_it() -> None:
    running = start("--json")
    ca_file = Path(running.document()["ca_file"])
    assert stat.S_IMODE(ca_file.parent.stat().st_mode) == 0o700
    running.stop()
    assert not ca_file.parent.exists()


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    running = start("--json")
    where = running.document()
    assert running.process.stdout is not None
    running.process.stdout.close()
    try:
        assert smtptui("send", "--server", f"127.0.0.1:{where['smtp']}", "--tls", "none", *MAIL).code == 0
        assert running.process.wait(10) == 0
    finally:
        running.process.kill()
        assert running.process.stderr is not None
        assert running.process.stderr.read() == ""
        running.process.stderr.close()
