"""The command as a process: version, help, usage errors, and how little it loads."""

import os
import pty
import resource
import subprocess
import sys

import pytest

from smtptui import __version__
from tests.cli.running import environment, modules_after, smtptui

HEAVY = {"textual", "rich", "aiosmtplib", "aiosmtpd", "cryptography", "dns", "asyncio"}
RUN = "from smtptui.cli import main\nmain()\n"


def test_version() -> None:
    done = smtptui("--version")
    assert (done.code, done.out, done.err) == (0, f"smtptui {__version__}\n", "")


def test_help_lists_every_command_with_its_purpose() -> None:
    done = smtptui("--help")
    assert done.code == 0
    for command in ("demo", "sandbox", "send"):
        assert f"\n  {command} " in done.out
        assert smtptui(command, "-h").out.startswith(f"Usage: smtptui {command} ")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["send", "--help"], ["sandbox", "--help"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    loaded = modules_after(RUN, arguments)
    assert "click" in loaded
    assert not loaded & HEAVY


def test_version_takes_little_more_than_the_library_that_reads_options() -> None:
    def seconds(*arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], env=environment(), capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # By turns, so that a busy or slow machine is the same for both.
    pairs = [(seconds("-m", "smtptui", "--version"), seconds("-c", "import click")) for _ in range(5)]
    ours, click = map(min, zip(*pairs, strict=True))
    assert ours < 2.5 * click


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "smtptui: No such command 'nonsense'. See “smtptui --help”."),
        (["send", "--password", "x"], "smtptui: No such option '--password'. See “smtptui send --help”."),
        (["send", "--tls", "maybe"], "smtptui: Invalid value for '--tls': 'maybe' is not one of"),
        (["send", "--server"], "smtptui: Option '--server' requires an argument."),
        (["send", "stray"], "smtptui: Got unexpected extra argument"),
        (["send", "--to", "b@example.org"], "smtptui: Say who the message is from: --from ADDRESS."),
    ],
)
def test_usage_errors_are_one_sentence_and_64(arguments: list[str], sentence: str) -> None:
    done = smtptui(*arguments)
    assert (done.code, done.out) == (64, "")
    assert done.err.startswith(sentence)
    assert done.err.count("\n") == 1


def test_a_usage_error_with_json_is_a_document() -> None:
    done = smtptui("send", "--json", "--nonsense")
    assert (done.code, done.err) == (64, "")
    assert (done.document["ok"], done.document["exit"], done.document["error"]["kind"]) == (False, 64, "usage")


@pytest.mark.parametrize("arguments", [[], ["demo"]])
def test_the_app_needs_a_terminal(arguments: list[str]) -> None:
    done = smtptui(*arguments)
    assert done.code == 64
    assert done.err.startswith("smtptui: The app needs a terminal")


@pytest.mark.parametrize(("arguments", "demo"), [([], False), (["demo"], True)])
def test_the_app_is_opened(arguments: list[str], demo: bool) -> None:
    script = (
        "import sys, types\n"
        "tui = types.ModuleType('smtptui.tui')\n"
        "tui.run_app = lambda *, demo=False: print('opened', demo)\n"
        "sys.modules['smtptui.tui'] = tui\n" + RUN
    )
    outside, inside = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env=environment(),
            stdin=inside,
            stderr=inside,
            stdout=subprocess.PIPE,
            timeout=20,
            check=False,
        )
    finally:
        os.close(outside)
        os.close(inside)
    assert (done.returncode, done.stdout.decode()) == (0, f"opened {demo}\n")


def test_a_bug_is_one_sentence_unless_debugging() -> None:
    script = "from smtptui.cli.app import app\napp.callback = None\napp.invoke = lambda ctx: int('hunter2')\n" + RUN
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert done.stderr.startswith("smtptui: This is a bug in smtptui (ValueError at <string>:")
    assert "Traceback" not in done.stderr
    # The words of an error may quote what is nobody's business.
    assert "hunter2" not in done.stderr
    env = environment({"SMTPTUI_DEBUG": "1"})
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "Traceback" in done.stderr


def test_warnings_for_developers_are_not_for_users() -> None:
    script = "import warnings\nfrom smtptui.cli.app import app\napp.invoke = lambda ctx: warnings.warn('old')\n" + RUN
    env = environment()
    del env["PYTHONWARNINGS"]
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    env["PYTHONWARNINGS"] = "default"
    assert "old" in subprocess.run(command, env=env, capture_output=True, text=True, check=False).stderr


def test_a_closed_pipe_ends_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "smtptui", "send", "--help"]
    try:
        done = subprocess.run(command, env=environment(), stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert done.stderr == b""


def test_a_terminal_without_unicode_gets_escapes() -> None:
    done = smtptui("nonsense", env={"PYTHONIOENCODING": "ascii"})
    assert done.code == 64
    assert "See \\u201csmtptui --help\\u201d." in done.err
