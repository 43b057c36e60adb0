"""``smtptui send`` against what goes wrong: servers, networks, signals, readers that leave."""

import asyncio
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import environment, modules_after, smtptui, smtptui_beside
from tests.servers.behaviours import CLOSE, SILENCE
from tests.servers.hostile import Hostile
from tests.servers.oracle import Oracle

MakeOracle = Callable[..., Oracle]
MakeHostile = Callable[..., Hostile]
MAIL = ("--from", "ann@example.org", "--to", "bob@good.test")


async def _started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "smtptui", *arguments),
        env=environment({"SMTPTUI_PASSWORD": "wonder land"}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def _received(server: Hostile, what: bytes, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(20):
        while what not in server.received:
            assert process.returncode is None, "the command ended early"
            await asyncio.sleep(0.02)


def _unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_a_refused_connection_is_75() -> None:
    done = smtptui("send", "--server", f"127.0.0.1:{_unused_port()}", *MAIL)
    assert done.code == 75
    assert done.err.startswith("smtptui: No connection to 127.0.0.1:")


def test_a_missing_socket_is_75(tmp_path: Path) -> None:
    done = smtptui("send", "--socket", str(tmp_path / "none"), *MAIL, "--json")
    assert (done.code, done.document["error"]["kind"]) == (75, "connect")


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["--from", "ann", "--to", "b@good.test"], 65, "input"),
        ([*MAIL, "--header", "X-A: b\nc"], 65, "input"),
        ([*MAIL, "--body-file", "/nonexistent/file"], 66, "no-input"),
        ([*MAIL, "--user", "alice"], 64, "usage"),
        ([*MAIL, "--save", "/nonexistent/s.txt"], 73, "cannot-create"),
    ],
)
def test_what_is_wrong_before_the_session_is_a_document_too(arguments: list[str], code: int, kind: str) -> None:
    done = smtptui("send", "--server", "127.0.0.1:1", "--json", *arguments)
    assert (done.code, done.err) == (code, "")
    assert (done.document["exit"], done.document["error"]["kind"]) == (code, kind)


def test_a_ca_file_that_is_none_is_78(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        done = smtptui(
            *("send", "--server", f"127.0.0.1:{port}", "--tls", "implicit", *MAIL),
            *("--ca-file", str(tmp_path / "ca.pem")),
        )
    assert done.code == 78


async def test_silence_is_75_after_the_timeout(hostile: MakeHostile) -> None:
    async with hostile({"banner": SILENCE}) as server:
        done = await smtptui_beside("send", "--server", f"127.0.0.1:{server.port}", *MAIL, "--timeout", "0.3", "--json")
    assert (done.code, done.document["error"]["kind"]) == (75, "timeout")


async def test_a_connection_lost_after_the_dot_is_uncertain_and_76(hostile: MakeHostile) -> None:
    async with hostile({"dot": CLOSE}) as server:
        done = await smtptui_beside("send", "--server", f"127.0.0.1:{server.port}", *MAIL, "--json")
    assert (done.code, done.document["error"]["kind"]) == (76, "uncertain")


async def test_escape_sequences_of_a_server_are_shown_and_not_acted_on(oracle: MakeOracle) -> None:
    banner = b"220 mx \x1b[31mred\x1b]0;title\x07 \x9b\xff\r\n"
    async with oracle(replies={"banner": banner}) as server:
        done = await smtptui_beside("send", "--server", f"127.0.0.1:{server.port}", *MAIL)
        document = await smtptui_beside("send", "--server", f"127.0.0.1:{server.port}", *MAIL, "--json")
    assert done.code == 0
    assert "\\x1b[31mred" in done.out
    assert all(line.isprintable() for line in done.out.splitlines())
    assert document.out.strip().isprintable()


async def test_ctrl_c_says_quit_and_is_75(hostile: MakeHostile) -> None:
    async with hostile({"mail": SILENCE}) as server:
        process = await _started("send", "--server", f"127.0.0.1:{server.port}", *MAIL)
        await _received(server, b"MAIL", process)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert process.returncode == 75
    assert "QUIT" in out.decode()
    assert "Cancelled" in err.decode()
    assert b"QUIT" in server.received


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_second_signal_does_not_wait(hostile: MakeHostile, tmp_path: Path, as_json: bool) -> None:
    save = tmp_path / "s.txt"
    async with hostile({"mail": SILENCE, "quit": SILENCE}) as server:
        options = ["--json"] if as_json else []
        process = await _started("send", "--server", f"127.0.0.1:{server.port}", *MAIL, "--save", str(save), *options)
        await _received(server, b"MAIL", process)
        process.send_signal(signal.SIGTERM)
        await _received(server, b"QUIT", process)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert process.returncode == 75
    assert b"Stopped at once" in (out if as_json else err)
    assert "MAIL FROM" in save.read_text()


async def test_a_reader_that_leaves_does_not_stop_the_message(oracle: MakeOracle) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    async with oracle() as server:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "smtptui", "send", "--server", f"127.0.0.1:{server.port}", *MAIL),
            env=environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=writing,
            stderr=asyncio.subprocess.PIPE,
        )
        os.close(writing)
        _, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert len(server.messages) == 1


async def test_secrets_are_on_no_command_line_and_in_no_output(oracle: MakeOracle, hostile: MakeHostile) -> None:
    async with hostile({"mail": SILENCE}) as server:
        process = await _started(
            *("send", "--server", f"127.0.0.1:{server.port}", "--tls", "none", "--allow-clear-auth"),
            *("--user", "alice", "--auth", "PLAIN", *MAIL),
        )
        await _received(server, b"MAIL", process)
        listed = await asyncio.create_subprocess_exec(
            "ps", "-o", "args=", "-p", str(process.pid), stdout=asyncio.subprocess.PIPE
        )
        (command_line, _) = await listed.communicate()
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert b"smtptui" in command_line
    for text in (command_line, out, err):
        assert b"wonder" not in text
        assert b"AGFsaWNlAHdvbmRlciBsYW5k" not in text


async def test_a_password_is_asked_for_on_the_terminal_and_not_echoed(oracle: MakeOracle) -> None:
    async with oracle(auth_required=True) as server:
        code, shown = await asyncio.to_thread(
            _on_a_terminal,
            *("send", "--server", f"127.0.0.1:{server.port}", "--tls", "none", "--allow-clear-auth"),
            *("--user", "alice", "--auth", "PLAIN", *MAIL),
        )
    assert code == 0
    assert "Password of alice: " in shown
    assert "wonder" not in shown
    assert "\x1b[32m" in shown
    assert [message.user for message in server.messages] == ["alice"]


def _on_a_terminal(*arguments: str) -> tuple[int, str]:
    """Run a command with a controlling terminal, and type the password when it is asked for."""
    outside, inside = pty.openpty()
    process = subprocess.Popen(
        # The controlling terminal is the one a session leader opens first.
        [
            sys.executable,
            "-c",
            "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.executable, sys.argv[1:])",
            *(sys.executable, "-m", "smtptui", *arguments),
        ],
        env=environment({"TERM": "xterm", "NO_COLOR": ""}),
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    shown = b""
    try:
        while True:
            try:
                data = os.read(outside, 4096)
            except OSError:  # how Linux says that nobody has the terminal open any more
                break
            if not data:
                break
            shown += data
            if shown.endswith(b"alice: "):
                os.write(outside, b"wonder land\n")
    finally:
        os.close(outside)
        code = process.wait(20)
    return code, shown.decode()


async def test_sending_loads_no_screen(oracle: MakeOracle) -> None:
    run = "from smtptui.cli import main\nmain()\n"
    async with oracle() as server:
        arguments = ["send", "--server", f"127.0.0.1:{server.port}", *MAIL]
        loaded = await asyncio.to_thread(modules_after, run, arguments)
    assert len(server.messages) == 1
    assert "aiosmtplib" in loaded
    assert not loaded & {"textual", "rich", "aiosmtpd"}


def test_without_recipients_a_server_is_needed() -> None:
    done = smtptui("send", "--quit-after", "ehlo")
    assert done.code == 64
    assert "--server HOST" in done.err


async def test_no_addresses_are_needed_to_look_at_a_server(oracle: MakeOracle) -> None:
    async with oracle() as server:
        done = await smtptui_beside("send", "--server", f"127.0.0.1:{server.port}", "--quit-after", "ehlo")
    assert done.code == 0
    assert "PIPELINING" in done.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--server", ""), "--server is empty"),
        (("--socket", ""), "--socket is empty"),
        (("--server", "127.0.0.1:9", "--user", "ann", "--auth", "FOO"), "--auth FOO: no such mechanism"),
        (("--server", "127.0.0.1:9", "--save", "-"), "--save wants a file"),
    ],
)
async def test_what_cannot_be_meant_is_told_before_anything_is_done(options: tuple[str, ...], words: str) -> None:
    done = await smtptui_beside("send", *options, *MAIL)
    assert done.code == 64
    assert words in done.err
