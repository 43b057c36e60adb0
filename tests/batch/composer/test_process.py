"""A template ends within its limits, whatever it says, and nothing is left of the process that it ran in."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smtptui.batch import ComposerError, ComposerProcess, FaultOf
from smtptui.batch.composer import limits, process
from tests.batch.composer.opening import opened, settings, somebody

LOOKS = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
LIMITED = pytest.mark.skipif(sys.platform != "linux", reason="the kernel limits the address space")


def refused(text: str) -> ComposerError:
    """Why there is no message of a template with this text."""
    with pytest.raises(ComposerError) as caught, opened(text) as composer:
        composer.message(somebody())
    return caught.value


def lives(pid: int) -> bool:
    """Whether there is a process, one that has ended and is not collected not counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until_gone(pid: int) -> None:
    """Wait until a process has ended."""
    deadline = time.monotonic() + 20
    while lives(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_message_comes_as_it_would_be_made_here() -> None:
    with opened("Dear {{ name }},\n.\n", ("email", "name")) as composer:
        letter = composer.message(somebody(1, "ann@good.test", "Änne"))
        composer.order([somebody(seq, f"u{seq}@good.test", "Bob") for seq in (1, 2)])
        composer.order([somebody(3, "u3@good.test", "Bob")])
        first = composer.letters([somebody(1, "u1@good.test"), somebody(2, "u2@good.test")])
        second = composer.letters([somebody(3, "u3@good.test")])
    assert b"Dear =C3=84nne," in letter.message.content
    assert letter.envelope.sender == "me@sender.test"
    contents = [each.content for each in (*first, *second) if not isinstance(each, str)]
    assert [f"u{seq}@good.test".encode() in content for seq, content in enumerate(contents, 1)] == [True] * 3
    assert all(b"Dear Bob,\r\n.\r\n" in content for content in contents)


@LIMITED
@pytest.mark.parametrize(
    "expression",
    [
        "{{ '%*d'|format(10**9, 1) }}",
        "{{ '{:{w}}'.format(1, w=10**9) }}",
        "{% set x = [1] %}{% for i in range(60) %}{% if x.extend(x) %}{% endif %}{% endfor %}",
        "{{ ('x' * 100000).join('y' * 100000) }}",
    ],
)
def test_a_template_that_wants_too_much_memory_is_refused_with_its_line(expression: str) -> None:
    error = refused(f"Hello,\n\n{expression}\n")
    assert error.fault is FaultOf.LIMIT
    assert str(error).startswith("Line 2 (ann@good.test): letter.txt, Text, line 7 takes more than 512 MB of memory.")


def test_a_template_that_takes_too_long_is_refused_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    error = refused("Hello,\n\n{{ ([range(100000)] * 100000)|map('sum')|sum }}\n")
    assert error.fault is FaultOf.LIMIT
    assert str(error).startswith(
        "Line 2 (ann@good.test): letter.txt, Text, line 7 takes more than 5 s of processor time"
    )


@LOOKS
def test_one_that_keeps_python_from_looking_is_ended_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """All in C: the clock of the process itself goes unheard until it is over."""
    monkeypatch.setattr(process, "GRACE", -4.5)
    endless = "{{ [[1] * 1000000] * 1000000 == [[1] * 1000000] * 1000000 }}"
    with opened(f"Hello,\n\n{endless}\n") as composer:
        assert composer._process is not None
        pid = composer._process.pid
        with pytest.raises(ComposerError) as caught:
            composer.message(somebody())
    assert caught.value.fault is FaultOf.LIMIT
    assert str(caught.value).startswith("Line 2: letter.txt, Text, line 7 takes more than 5 s")
    assert not lives(pid)


@pytest.mark.parametrize(
    "text",
    ["{{ " + "(" * 90 + "1" + ")" * 90 + " }}", "{% if 1 %}" * 200 + "{% endif %}" * 200, "{{ a" + ".b" * 900 + "}}"],
    ids=["parentheses", "ifs", "attributes"],
)
def test_a_template_that_is_nested_too_deeply_is_refused_with_its_line(text: str) -> None:
    error = refused(f"Hello,\n\n{text}\n")
    assert error.fault is FaultOf.TEMPLATE
    assert re.match("letter.txt: .*[Ll]ine 7.*: it is nested too deeply here", str(error))


def test_reading_a_template_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE", -9.5)
    error = refused("{{ a.b|upper }}\n" * 60_000)
    assert error.fault is FaultOf.LIMIT
    assert "takes more than 10 s to read" in str(error)


@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "letter.txt"])
@pytest.mark.parametrize("statement", ["include", "import", "extends"])
def test_no_other_file_is_read(name: str, statement: str) -> None:
    as_ = " as x" if statement == "import" else ""
    assert "a template is one file" in str(refused(f"{{% {statement} '{name}'{as_} %}}\n"))


def test_where_one_row_takes_too_much_the_others_are_not_to_blame() -> None:
    with opened("{{ 'x' * count }}\n", ("email", "count")) as composer:
        composer.order([somebody(1, "a@good.test", 3), somebody(2, "b@good.test", 10**9)])
        good, bad = composer.letters([somebody(1, "a@good.test"), somebody(2, "b@good.test")])
    assert not isinstance(good, str)
    assert isinstance(bad, str)
    assert bad.startswith("Text, line 5: ")


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("print('x' * 100_000)", "it answered nonsense"),
        ("out.write(b'\\0' * 12); out.flush(); sys.stdin.read()", "nonsense"),
        (
            "out.write(b'\\0\\0\\0\\2' + b'\\0' * 8 + b'{}'); out.flush(); sys.stdin.read()",
            "nonsense",
        ),
    ],
)
def test_a_process_that_ends_or_talks_is_a_sentence(script: str, fault: str) -> None:
    with (
        ComposerProcess((sys.executable, "-c", f"import sys; out = sys.stdout.buffer\n{script}")) as composer,
        pytest.raises(ComposerError, match=fault) as caught,
    ):
        composer.open(settings(), ("email",), {"template": b"x" * 200_000})
    assert caught.value.fault is FaultOf.PROCESS


def test_a_process_that_cannot_be_started_is_a_sentence() -> None:
    with ComposerProcess(("/does/not/exist",)) as composer, pytest.raises(ComposerError, match="cannot be started"):
        composer.open(settings(), ("email",), {"template": b""})


@LOOKS
def test_nothing_is_left_when_it_is_closed() -> None:
    with opened("Hello\n") as composer:
        assert composer._process is not None
        pid = composer._process.pid
        assert lives(pid)
    assert not lives(pid)


@LOOKS
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "in the midst of a message"])
def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path, busy: bool) -> None:
    script = (
        "import os, pathlib, time\n"
        "from tests.batch.composer.opening import opened, somebody\n"
        "with opened(\"{{ ([range(100000)] * 100000)|map('sum')|sum }}\") as composer:\n"
        f"    pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(composer._process.pid))\n"
        f"    {'composer.message(somebody())' if busy else 'time.sleep(600)'}\n"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        deadline = time.monotonic() + 30
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        pid = int((tmp_path / "pid").read_text())
        if busy:
            time.sleep(0.2)
        assert lives(pid)
        os.kill(parent.pid, signal.SIGKILL)
    until_gone(pid)


def test_a_check_that_would_take_for_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """No message is over its limit, and all of them together are."""
    monkeypatch.setattr(limits, "FREE_SECONDS", -1.0)
    board = os.memfd_create("board") if hasattr(os, "memfd_create") else os.open(os.devnull, os.O_RDWR)
    handlers = signal.getsignal(signal.SIGPROF), signal.getsignal(signal.SIGALRM)
    try:
        guard = limits.Guard(board)
        monkeypatch.setattr(limits, "SLOW_SECONDS", 0.0)
        with pytest.raises(limits.TooSlow), guard.row(1, 2):
            sum(range(100))
        monkeypatch.setattr(limits, "FREE_SECONDS", 60.0)
        with guard.row(2, 3):
            pass
    finally:
        signal.signal(signal.SIGPROF, handlers[0])
        signal.signal(signal.SIGALRM, handlers[1])
        os.close(board)
