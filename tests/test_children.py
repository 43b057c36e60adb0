"""Every kind of child process this program starts, started for real, tells what it finds in its environment."""

import ast
import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

import smtptui
from smtptui.batch import ComposerError, ComposerProcess
from smtptui.cli.profiles.edit import edit_by_hand as edit_on_the_command_line
from smtptui.profiles import Keyring, Profile, SecretError, fetch
from smtptui.transcript import Transcript
from smtptui.tui.programs.editor import edit, edit_file
from smtptui.tui.programs.pager import page
from tests.batch.composer.opening import settings

PACKAGE = Path(smtptui.__file__).parent
SECRETS = ("SMTPTUI_PASSWORD", "SMTPTUI_TOKEN", "OFFICE_PW", "CLUB_TOKEN", "UNSAVED_PW")
PROFILES = """\
profiles:
  office: {host: mail.office.test, user: ann, password_env: OFFICE_PW}
  club: {host: mail.club.test, user: bob, token_env: CLUB_TOKEN}
"""
_DUMP = "import json, os, pathlib; pathlib.Path({path!r}).write_text(json.dumps(dict(os.environ)))\n"


class Lent:
    """Stands in for the app, which would need a terminal to give away."""

    def suspend(self) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()

    def batch_update(self) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()


APP = cast("Any", Lent())


class Told:
    """Where a child writes its environment, and the program that does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "environment.json"
        self.source = _DUMP.format(path=str(self.path))
        self.program = folder / "dump"
        self.program.write_text(f"#!{sys.executable}\n{self.source}")
        self.program.chmod(0o700)

    @property
    def environment(self) -> dict[str, str]:
        found = json.loads(self.path.read_text())
        assert isinstance(found, dict)
        return found


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """An environment full of secrets; afterwards the child must have seen none, and all the rest."""
    profiles = tmp_path / "profiles.yaml"
    profiles.write_text(PROFILES)
    monkeypatch.setenv("SMTPTUI_PROFILES", str(profiles))
    monkeypatch.setenv("HARMLESS", "passed on")
    for name in SECRETS:
        monkeypatch.setenv(name, f"secret of {name}")
    told = Told(tmp_path)
    for name in ("VISUAL", "EDITOR", "PAGER"):
        monkeypatch.setenv(name, str(told.program))
    # A profile that is tried before it is saved is known too.
    with contextlib.suppress(SecretError):
        unsaved = Profile(name="new", host="h", user="u", password_env="UNSAVED_PW")
        asyncio.run(fetch(unsaved, keyring=Keyring({}), environ={}, ask=None))
    yield told
    seen = told.environment
    assert seen["HARMLESS"] == "passed on"
    assert seen["SMTPTUI_PROFILES"] == str(profiles)
    assert not set(SECRETS) & set(seen)
    assert not any("secret of" in value for value in seen.values())


def test_the_editor_of_the_message(told: Told) -> None:
    assert edit("text", ".txt", [str(told.program)]) == "text"


def test_the_editor_of_the_profiles_in_the_app(told: Told) -> None:
    asyncio.run(edit_file(APP, told.folder / "profiles.yaml", os.environ))


def test_the_editor_of_the_profiles_on_the_command_line(told: Told) -> None:
    edit_on_the_command_line("office", as_json=False)


def test_the_editor_that_mends_a_broken_file(told: Told) -> None:
    (told.folder / "profiles.yaml").write_text(PROFILES + "  broken: [")
    asyncio.run(edit_file(APP, told.folder / "profiles.yaml", os.environ))


def test_the_pager(told: Told) -> None:
    asyncio.run(page(APP, Transcript(started=datetime(2026, 11, 22, tzinfo=UTC))))


def test_the_command_of_another_profile(told: Told) -> None:
    command = f"'{told.program}'; echo of the command"
    profile = Profile(name="ours", host="h", user="u", password_command=command)
    found = asyncio.run(fetch(profile, keyring=Keyring({}), environ=os.environ, ask=None))
    assert found is not None
    assert found.password is not None
    assert found.password.reveal() == "of the command"


@pytest.mark.parametrize("display", ["", ":99"])
def test_the_process_of_the_keyring(told: Told, monkeypatch: pytest.MonkeyPatch, display: str) -> None:
    """With a display, one that outlives it is started."""
    (told.folder / "telling.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        f"{told.source}"
        "class Telling(KeyringBackend):\n"
        "    priority = 1\n"
        "    def get_password(self, service, user): return 'of the keyring'\n"
        "    def set_password(self, service, user, password): pass\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{told.folder}")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "telling.Telling")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    if display:
        monkeypatch.setenv("DISPLAY", display)
    else:
        monkeypatch.delenv("DISPLAY", raising=False)
    found = asyncio.run(Keyring(limit=30).get(Profile(name="office", host="h", user="u")))
    assert found is not None
    assert found.reveal() == "of the keyring"


def test_the_process_that_composes_a_batch(told: Told) -> None:
    with ComposerProcess([str(told.program)]) as composer, pytest.raises(ComposerError):
        composer.open(settings(), ("email",), {"template": b"x"})


# No other place starts one.

STARTERS = {
    "subprocess": {"run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput"},
    "asyncio": {"create_subprocess_exec", "create_subprocess_shell"},
    "os": {"system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile"}
    | {f"{kind}{suffix}" for kind in ("exec", "spawn") for suffix in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")},
    "pty": {"fork", "spawn"},
    "multiprocessing": {"Process", "Pool", "get_context"},
    "concurrent.futures": {"ProcessPoolExecutor"},
    "webbrowser": {"open", "open_new", "open_new_tab", "get"},
    "click": {"edit", "launch", "echo_via_pager"},
}
"""Functions that start a process, or that have a library start one."""
ANYWHERE = {name for names in STARTERS.values() for name in names if len(name) > 10} | {
    "subprocess_exec",
    "subprocess_shell",
    "open_url",
}
"""Names that mean this whatever they are called on: a loop, the app."""
MADE_BY = "child_environment"
ITSELF_A_CHILD = {"profiles/secrets/keyring_helper.py"}
"""Run by path with an environment made so; it imports nothing of smtptui."""


def starts(source: str) -> Iterator[tuple[int, bool]]:
    """The lines that start a process, and whether its environment is what :data:`MADE_BY` returns."""
    tree = ast.parse(source)
    modules: dict[str, str] = {}
    functions: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            functions |= {alias.asname or alias.name: (node.module or "", alias.name) for alias in node.names}
    types = {
        id(part)
        for node in ast.walk(tree)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if annotation is not None
        for part in ast.walk(annotation)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name) or isinstance(node.ctx, ast.Store) or id(node) in types:
            continue
        if isinstance(node, ast.Attribute):
            module = modules.get(ast.unparse(node.value), "")
            found = node.attr in STARTERS.get(module, ()) or node.attr in ANYWHERE
        else:
            module, name = functions.get(node.id, ("", ""))
            found = name in STARTERS.get(module, ())
        if found:
            yield node.lineno, any(_clean(call, node) for call in ast.walk(tree) if isinstance(call, ast.Call))


def _clean(call: ast.Call, function: ast.AST) -> bool:
    return call.func is function and any(
        keyword.arg == "env"
        and isinstance(keyword.value, ast.Call)
        and isinstance(keyword.value.func, ast.Name)
        and keyword.value.func.id == MADE_BY
        for keyword in call.keywords
    )


def test_no_process_is_started_with_another_environment() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in PACKAGE.rglob("*.py")
        if str(path.relative_to(PACKAGE)) not in ITSELF_A_CHILD
        for line, clean in starts(path.read_text(encoding="utf-8"))
        if not clean
    }
    assert not found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import subprocess\nsubprocess.run(['x'], env=child_environment(os.environ))", [True]),
        ("import subprocess\nsubprocess.run(['x'])", [False]),
        ("import subprocess\nsubprocess.run(['x'], env=os.environ)", [False]),
        ("import subprocess as s\nstart = s.Popen", [False]),
        ("import subprocess\nchild: subprocess.Popen[bytes] | None = None", []),
        ("from subprocess import check_output as out\nout(['x'])", [False]),
        ("import os\nos.execvp('x', ['x'])", [False]),
        ("import asyncio\nasyncio.run(main())\nasyncio.create_subprocess_exec('x', env=child_environment(e))", [True]),
        ("import asyncio\nloop.subprocess_exec(p, 'x')", [False]),
        ("from concurrent.futures import ProcessPoolExecutor\nProcessPoolExecutor()", [False]),
        ("import click\nclick.edit('x')", [False]),
        ("app.open_url('https://example.org')", [False]),
        ("import asyncio\nasyncio.run(main())\nself.run()\nprocess.wait()", []),
    ],
)
def test_a_start_is_seen(source: str, found: list[bool]) -> None:
    assert [clean for _, clean in starts(source)] == found
