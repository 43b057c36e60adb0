"""A process that reads, fills in and checks templates, as its parent sees it: asked, watched, and ended in time."""

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydantic import TypeAdapter

from smtptui.batch.composer.errors import ComposerError, FaultOf
from smtptui.batch.composer.frames import HEAD, Frame, FrameError, framed, lengths, read_frame
from smtptui.batch.composer.letters import ordered, unpacked
from smtptui.batch.composer.limits import BOARD, GRACE, MEMORY, READING_SECONDS, ROW_SECONDS, STANDSTILL
from smtptui.batch.composer.questions import Question
from smtptui.batch.composer.sentences import ended, not_started, standstill, too_large, too_long
from smtptui.batch.composer.watch import taken_by
from smtptui.batch.model import Largest, Recipient, SizeLimit
from smtptui.batch.settings import BatchSettings, ListSettings
from smtptui.config import child_environment
from smtptui.message import Message, template_place
from smtptui.protocol import Body, Envelope, visible
from smtptui.protocol import Recipient as EnvelopeRecipient
from smtptui.session import Prepared

if TYPE_CHECKING:
    from smtptui.batch.lint import LintReport

COMMAND = (sys.executable, "-P", "-m", "smtptui.batch.composer.worker")
"""Modules of the directory it is called in are not looked at (``-P``)."""
_LOOK = 0.1
"""Seconds between two looks at what the process has taken."""
_CHUNK = 1024 * 1024
_TRACE = 0.3
"""Seconds that a process which is to be killed has to say where it is."""
_MOST_TRACE = 64 * 1024
_FIRST_BASE = 128 * 1024 * 1024
"""Octets of memory that a process may have taken before it has answered."""
_SPARE = 128 * 1024 * 1024
"""Octets for what it loads later."""
_TRACED = re.compile(r'File "([^"]*)", line (\d+)')
_LARGEST_NUMBER = 2**53


@dataclass(frozen=True, slots=True)
class OpenedTemplate:
    """What is known of a template once it is read."""

    fields: frozenset[str]
    """Names that it fills in."""
    unknown: tuple[str, ...]
    """Names that it fills in and that no column has."""
    notes: tuple[str, ...]
    """What should be known before anything is sent, in sentences."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A recipient's message, and the envelope it would go in."""

    message: Message
    envelope: Envelope


class ComposerProcess:
    """One process, started when it is first asked; each of its methods but ``close`` raises :class:`ComposerError`.

    The template is read by :meth:`open` before anything else is asked. Not for several threads at a time, but
    :meth:`kill` may be called from another one.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._template = "The template"
        self._list = ListSettings()
        self._opening: Frame | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._board = self._trace = self._lifeline = -1
        self._unsent: deque[memoryview] = deque()
        self._heard = bytearray()
        self._base = _FIRST_BASE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # What it can be asked.

    def open(self, settings: BatchSettings, columns: Sequence[str], documents: Mapping[str, bytes]) -> OpenedTemplate:
        """Have the template of a batch read and compiled."""
        self._template = settings.message.template.path.name
        self._list = settings.list
        asked = {"settings": settings.to_json(), "columns": list(columns), "documents": list(documents)}
        self._opening = _question(Question.OPEN, asked, tuple(documents.values()))
        return self._open()

    def author(self, rows: Sequence[Recipient]) -> str:
        """The sender of the first row's message that can be made; empty if there is none."""
        answer = self._ask(_question(Question.AUTHOR, {"rows": list(map(ordered, rows))}))
        return str(answer.document["author"])

    def message(self, row: Recipient, *, copy: str = "") -> Letter:
        """The message of one row; ``copy`` is the token of a copy that goes to somebody else."""
        document, octets = self._ask(_question(Question.MESSAGE, {"rows": [ordered(row)], "copy": copy}))
        with self._understood():
            sender, recipients, eight_bit, utf8_headers, notes = document["message"]
            author, body = document["envelope"]
            message = Message(octets[0], sender, tuple(recipients), bool(eight_bit), bool(utf8_headers), tuple(notes))
            return Letter(message, Envelope(author, (EnvelopeRecipient(row.address),), body=body and Body(body)))

    def lint(self, journal: Path, size_limit: SizeLimit | None, *, kept: int) -> "LintReport":
        """Check all messages of a journal that are still to be sent; ``kept`` rows are named for each finding."""
        # Imported when it is needed: no other command looks at findings.
        from smtptui.batch.lint import LintReport

        limit = asdict(size_limit) if size_limit is not None else None
        asked = {"journal": str(journal), "size_limit": limit, "kept": kept}
        answer = self._ask(_question(Question.LINT, asked))
        with self._understood():
            return TypeAdapter(LintReport).validate_python(answer.document["report"])

    def check(self, journal: Path) -> Largest | None:
        """Look for the first error in what is still to be sent, which is raised; returns the largest message."""
        answer = self._ask(_question(Question.CHECK, {"journal": str(journal)}))
        with self._understood():
            return TypeAdapter(Largest | None).validate_python(answer.document["largest"])

    def order(self, rows: Sequence[Recipient]) -> None:
        """Ask for the letters of some rows, which :meth:`letters` gets; several orders may be on their way."""
        self._send(_question(Question.COMPOSE, {"rows": list(map(ordered, rows))}))

    def letters(self, rows: Sequence[Recipient]) -> list[Prepared | str]:
        """The letters of the oldest order, which was for ``rows``; a sentence where there is none."""
        document, octets = self._receive(ROW_SECONDS)
        found: list[Prepared | str] = []
        with self._understood():
            begin = 0
            for row, letter in zip(rows, document["letters"], strict=True):
                if isinstance(letter, str):
                    found.append(letter)
                    continue
                count, plain = letter
                found.append(unpacked(plain, octets[begin : begin + count], row))
                begin += count
        return found

    def restart(self) -> None:
        """Start another process, with the same template; what was ordered is forgotten."""
        self.close()
        self._open()

    def kill(self) -> None:
        """End the process at once; whoever waits for it gets an error."""
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        for handle in (self._board, self._trace, self._lifeline):
            if handle >= 0:
                os.close(handle)
        self._board = self._trace = self._lifeline = -1
        self._unsent.clear()
        self._heard.clear()
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()

    @staticmethod
    def start(command: Sequence[str], files: Sequence[int]) -> "subprocess.Popen[bytes]":
        """Start the process, which is given ``files``; raises :class:`OSError`."""
        return subprocess.Popen(  # noqa: S603 - ourselves
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("SMTPTUI_DEBUG") else subprocess.DEVNULL,
            # A Ctrl-C on the terminal is for this process; that one has its end from here.
            start_new_session=True,
            pass_fds=files,
            env=child_environment(os.environ),
        )

    # To and fro.

    def _open(self) -> OpenedTemplate:
        assert self._opening is not None, "a template is opened first"
        document, _ = self._ask(self._opening, READING_SECONDS)
        taken = taken_by(self._started().pid)
        self._base = taken.resident if taken is not None else _FIRST_BASE
        with self._understood():
            fields, unknown, notes = (map(str, document[name]) for name in ("fields", "unknown", "notes"))
            return OpenedTemplate(frozenset(fields), tuple(unknown), tuple(notes))

    def _ask(self, question: Frame, seconds: float = ROW_SECONDS) -> Frame:
        self._send(question)
        return self._receive(seconds)

    def _send(self, frame: Frame) -> None:
        self._started()
        self._unsent.extend(memoryview(part) for part in framed(frame) if part)

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is not None:
            return self._process
        self._board, self._trace = _scratch("board"), _scratch("trace")
        ours, self._lifeline = os.pipe()
        theirs = (self._board, self._trace, ours)
        try:
            self._process = self.start([*self._command, *map(str, theirs)], theirs)
        except OSError as error:
            self.close()
            raise ComposerError(FaultOf.PROCESS, not_started(error.strerror or str(error))) from error
        finally:
            os.close(ours)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None, "it was asked for"
            os.set_blocking(pipe.fileno(), False)
        return self._process

    def _receive(self, seconds: float) -> Frame:
        """The next answer; raises :class:`ComposerError` for one that is a fault, or when the process is ended because
        a row takes more than ``seconds`` of processor time."""
        process = self._started()
        assert process.stdin is not None, "it was asked for"
        assert process.stdout is not None, "it was asked for"
        orders, answers = process.stdin.fileno(), process.stdout.fileno()
        poll = select.poll()
        poll.register(answers, select.POLLIN)
        watch = _Watch(seconds)
        looked = time.monotonic()
        with self._understood():
            while (frame := self._heard_frame()) is None:
                if self._unsent:
                    poll.register(orders, select.POLLOUT)
                ready = dict(poll.poll(_LOOK * 1000))
                if orders in ready and not self._write(orders):
                    poll.unregister(orders)
                if answers in ready and not self._read(answers):
                    raise self._ended()
                if time.monotonic() - looked >= _LOOK:
                    looked = time.monotonic()
                    self._look(process.pid, watch)
        if "fault" in frame.document:
            with self._understood():
                raise ComposerError(FaultOf(frame.document["fault"]), *map(visible, frame.document["sentences"]))
        return frame

    def _write(self, orders: int) -> bool:
        """Write what can be written; whether there is more."""
        try:
            while self._unsent:
                part = self._unsent[0]
                written = os.write(orders, part[:_CHUNK])
                self._unsent[0] = part[written:]
                if written == len(part):
                    self._unsent.popleft()
        except BlockingIOError:
            return True
        except BrokenPipeError:
            # It has ended, which is seen where answers are read.
            self._unsent.clear()
        return False

    def _read(self, answers: int) -> bool:
        """Read what there is; whether the process is still there."""
        try:
            octets = os.read(answers, _CHUNK)
        except BlockingIOError:
            return True
        self._heard += octets
        return bool(octets)

    def _heard_frame(self) -> Frame | None:
        heard = self._heard
        if len(heard) < HEAD.size:
            return None
        text, octets = lengths(bytes(heard[: HEAD.size]))
        begin, middle = HEAD.size, HEAD.size + text
        end = middle + octets
        if len(heard) < end:
            return None
        with memoryview(heard) as view:
            frame = read_frame(bytes(view[begin:middle]), bytes(view[middle:end]))
        del heard[:end]
        return frame

    @contextlib.contextmanager
    def _understood(self) -> Iterator[None]:
        """What is not an answer is the end of the process."""
        try:
            yield
        except (FrameError, KeyError, IndexError, TypeError, ValueError) as error:
            self.close()
            raise ComposerError(FaultOf.PROCESS, ended(self._template, "", "", "it answered nonsense")) from error

    # Watching.

    def _look(self, pid: int, watch: "_Watch") -> None:
        taken = taken_by(pid)
        if taken is None:
            return
        seq, line = BOARD.unpack(os.pread(self._board, BOARD.size, 0).ljust(BOARD.size, b"\0"))
        watch.row(seq, taken.seconds)
        row = f"{self._list.place(line).capitalize()}: " if seq > 0 and line < _LARGEST_NUMBER else ""
        if taken.seconds - watch.seconds_before > watch.limit + GRACE:
            place = self._last_words(pid)
            raise self._stopped(too_long(self._template, place, row, reading=watch.limit > ROW_SECONDS))
        if taken.resident > self._base + MEMORY + _SPARE:
            raise self._stopped(too_large(self._template, self._last_words(pid), row))
        if time.monotonic() - watch.since > STANDSTILL + GRACE:
            raise self._stopped(standstill(self._template, row))

    def _last_words(self, pid: int) -> str:
        """The place in the template that the process is at."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR1)
        deadline = time.monotonic() + _TRACE
        while time.monotonic() < deadline:
            time.sleep(0.02)
            trace = os.pread(self._trace, _MOST_TRACE, 0).decode("utf-8", "replace")
            for filename, line in _TRACED.findall(trace):
                if place := template_place(filename, int(line)):
                    return visible(place)
        return ""

    def _stopped(self, sentence: str) -> ComposerError:
        self.close()
        return ComposerError(FaultOf.LIMIT, sentence)

    def _ended(self) -> ComposerError:
        """Why the process is gone."""
        process = self._started()
        seq, line = BOARD.unpack(os.pread(self._board, BOARD.size, 0).ljust(BOARD.size, b"\0"))
        row = f"{self._list.place(line).capitalize()}: " if seq > 0 and line < _LARGEST_NUMBER else ""
        try:
            code = process.wait(5)
        except subprocess.TimeoutExpired:
            code = 0
        self.close()
        if code == -signal.SIGALRM:
            return ComposerError(FaultOf.LIMIT, standstill(self._template, row))
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return ComposerError(FaultOf.PROCESS, ended(self._template, "", row, how))


class _Watch:
    """Since when, and since how much processor time, the process is at the same row."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.seconds_before = 0.0
        self.since = time.monotonic()
        self._seq = -1

    def row(self, seq: int, seconds: float) -> None:
        """It is at this row, having taken so much."""
        if seq != self._seq:
            self._seq, self.seconds_before, self.since = seq, seconds, time.monotonic()


def _question(question: Question, document: dict[str, Any], octets: tuple[bytes, ...] = ()) -> Frame:
    return Frame({"question": question, **document}, octets)


def _scratch(name: str) -> int:
    """A file without a name, which the process inherits."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
