"""Standard streams that are closed, or on a full disk: one sentence and an exit code, never a traceback."""

import asyncio
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli.running import Ended, environment
from tests.servers.oracle import Oracle

MakeOracle = Callable[..., Oracle]
MAIL = ("--from", "ann@example.org", "--to", "bob@good.test")
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
SENTENCE = "smtptui: The output could not be written: No space left on device.\n"


def redirected(
    redirection: str,
    *arguments: str,
    code: str | None = None,
    env: Mapping[str, str] | None = None,
    shell: str = "/bin/sh",
) -> Ended:
    """Run the command (or ``code`` in its place) as a shell does with a redirection."""
    how = ["-m", "smtptui"] if code is None else ["-c", code]
    command = f"{shlex.join([sys.executable, *how, *arguments])} {redirection}"
    done = subprocess.run(
        [shell, "-c", command],
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        start_new_session=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["send", "--help"]])
def test_what_nobody_wants_to_read_is_no_error(arguments: list[str]) -> None:
    assert redirected(">&-", *arguments) == Ended(0, "", "")


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="only bash tells the exit code of a pipe's beginning")
def test_a_reader_that_has_gone_is_no_error() -> None:
    code = "import time\ntime.sleep(0.3)\nimport smtptui.cli as c\nc.main()"
    for arguments in (["--help"], ["profiles", "locate"]):
        done = redirected("| true; exit ${PIPESTATUS}", *arguments, code=code, shell="/bin/bash")
        assert done == Ended(0, "", "")


@needs_full
@pytest.mark.parametrize("arguments", [["profiles", "locate"], ["profiles", "presets", "--json"], ["sandbox"]])
def test_every_command_that_prints_says_that_it_could_not(arguments: list[str]) -> None:
    assert redirected(f">{FULL}", *arguments) == Ended(74, "", SENTENCE)


@needs_full
@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["send", "--help"], ["send", "--json", "--help"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_cannot_be_printed_is_74(arguments: list[str], unbuffered: str) -> None:
    assert redirected(f">{FULL}", *arguments, env={"PYTHONUNBUFFERED": unbuffered}) == Ended(74, "", SENTENCE)


@needs_full
def test_what_is_written_at_the_end_only_is_74_too() -> None:
    code = "from smtptui.cli.app import app\napp.invoke = lambda ctx: print('late')\nimport smtptui.cli as c\nc.main()"
    assert redirected(f">{FULL}", "send", code=code, env={"PYTHONUNBUFFERED": ""}) == Ended(74, "", SENTENCE)


@needs_full
def test_another_failure_of_the_system_stays_a_bug() -> None:
    code = (
        "from smtptui.cli.app import app\napp.invoke = lambda ctx: open('/nowhere')\nimport smtptui.cli as c\nc.main()"
    )
    done = redirected("", "send", code=code)
    assert done.code == 70
    assert "This is a bug in smtptui (FileNotFoundError" in done.err


@pytest.mark.parametrize("redirection", ["2>&-", pytest.param(f"2>{FULL}", marks=needs_full)])
def test_an_error_that_cannot_be_told_keeps_its_code(redirection: str) -> None:
    assert redirected(redirection, "send", "--nonsense") == Ended(64, "", "")
    assert redirected(f">&- {redirection}", "send", "--nonsense", "--json") == Ended(64, "", "")


@needs_full
def test_a_document_that_cannot_be_printed_becomes_a_sentence() -> None:
    done = redirected(f">{FULL}", "send", "--nonsense", "--json")
    assert (done.code, done.err) == (64, "smtptui: No such option '--nonsense'. See “smtptui send --help”.\n")


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
async def test_a_message_is_sent_whatever_is_closed(oracle: MakeOracle, redirection: str) -> None:
    async with oracle() as server:
        done = await asyncio.to_thread(redirected, redirection, "send", "--server", f"127.0.0.1:{server.port}", *MAIL)
    assert (done.code, done.err) == (0, "")
    assert len(server.messages) == 1
    assert ("Accepted by" in done.out) is (">&-" not in redirection.split())


def test_a_failure_is_told_though_standard_output_is_closed() -> None:
    done = redirected(">&-", "send", "--server", "127.0.0.1:1", *MAIL)
    assert done.code == 75
    assert done.err.startswith("smtptui: No connection to 127.0.0.1:1")
