"""A command that is forked, as most tests have it, does what one does that an interpreter is started for."""

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.batch.trial import Trial
from tests.cli.running import COMMAND, Ended, environment, smtptui
from tests.forked import popen
from tests.servers.counting import counting

_VARIES = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+Z?|\d\d:\d\d(?::\d\d)?|\b\d+\.\d+\b(?!\.)|\b\d+ ?(?:ms|s|seconds?)\b|127\.0\.0\.1:\d+"
    r"|(?<=<)[^<>@ ]+(?=@)|[0-9a-z]{24}|[0-9a-f]{8,}"
)
"""Times, durations, ports, and what is made by chance."""


def started(*arguments: str, env: dict[str, str] | None = None, stdin: bytes = b"", cwd: Path | None = None) -> Ended:
    done = subprocess.run(
        COMMAND + arguments, env=environment(env), input=stdin, capture_output=True, check=False, cwd=cwd, timeout=60
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def alike(ended: Ended) -> tuple[int, str, str]:
    return ended.code, _VARIES.sub("…", ended.out), _VARIES.sub("…", ended.err)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("nonsense",),
        ("send", "--help"),
        ("send", "--json"),
        ("send", "-s", "127.0.0.1:1", "--from", "a@x.test", "--to", "b@x.test", "--json"),
        ("compose", "--from", "a@x.test", "--to", "b@x.test", "--subject", "Grüße"),
        ("profiles", "list"),
        ("profiles", "show", "nobody"),
        ("profiles", "presets", "--json"),
        ("batch", "list"),
        ("batch", "status", "nothing", "--json"),
    ],
    ids=" ".join,
)
def test_it_says_the_same(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    env = {"SMTPTUI_DATA_DIR": str(tmp_path / "data"), "SMTPTUI_PROFILES": str(tmp_path / "profiles.yaml")}
    text = b"Dear all,\n"
    forked = smtptui(*arguments, env=env, stdin=text, cwd=tmp_path)
    assert alike(forked) == alike(started(*arguments, env=env, stdin=text, cwd=tmp_path))


def test_a_batch_goes_the_same_way(tmp_path: Path) -> None:
    """From list to export; the server refuses, defers and takes."""
    commands = [
        ("batch", "lint", "trial"),
        ("batch", "test", "trial", "--to", "me@good.test"),
        ("batch", "run", "trial", "--no-wait"),
        ("batch", "export", "trial", "--format", "jsonl"),
        ("batch", "delete", "trial"),
    ]
    said: dict[str, list[tuple[int, str, str]]] = {}
    for way, run in (("forked", smtptui), ("started", started)):
        folder = tmp_path / way
        folder.mkdir()
        with counting(folder / "record") as port:
            trial = Trial(folder, port, folder / "record")
            trial.new(["unknown1@good.test", "user2@good.test", "grey3@good.test"])
            ended = [run(*command, env=trial.env) for command in commands]
        said[way] = [(code, out.replace(way, "way"), err.replace(way, "way")) for code, out, err in map(alike, ended)]
    for command, forked, real in zip(commands, said["forked"], said["started"], strict=True):
        assert forked == real, command


def test_it_is_a_process_of_its_own(tmp_path: Path) -> None:
    """It has a session, and ends by the signal that it is sent."""
    with popen(
        [*COMMAND, "sandbox", "--port", "0", "--json"],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL
