"""The process in which templates are read, filled in and checked: started by its parent, ended with it.

``python -P -m smtptui.batch.composer.worker BOARD TRACE LIFELINE``: the descriptors of a file in which the row it is
at stands, of one for the trace that is asked of it before it is killed, and of a pipe that ends it.
"""

import contextlib
import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from smtptui.batch.composer.composing import Composing, UnsendableError
from smtptui.batch.composer.craft import composer_of, composing_of
from smtptui.batch.composer.errors import ComposerError, FaultOf
from smtptui.batch.composer.frames import HEAD, Frame, framed, lengths, read_frame
from smtptui.batch.composer.letters import packed, row_of
from smtptui.batch.composer.limits import READING_SECONDS, Guard, OutOfTime, TooSlow, end_with, limit_memory
from smtptui.batch.composer.questions import Question
from smtptui.batch.composer.sentences import ended, too_deep, too_large, too_long, too_slow
from smtptui.batch.journal import Journal, JournalError
from smtptui.batch.model import Recipient, SizeLimit
from smtptui.batch.settings import BatchSettings
from smtptui.message import Composer, MessageError, whereabouts
from smtptui.protocol import MailboxError, visible
from smtptui.transcript import SessionError


class Worker:
    """Answers the questions of the parent, one after the other."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._name = ""
        self._composer: Composer | None = None
        self._settings: BatchSettings | None = None
        self._at: Recipient | None = None

    def answer(self, question: Frame) -> Frame:
        """The answer; what there is none for is answered with a fault and its sentences."""
        self._at = None
        document, octets = question
        try:
            return self._answers[Question(document["question"])](self, document, octets)
        except ComposerError as error:
            return _fault(error.fault, *error.sentences)
        except (MessageError, MailboxError, SessionError, UnsendableError) as error:
            return _fault(FaultOf.INPUT, f"{self._row}{error}")
        except JournalError as error:
            return _fault(FaultOf.PROCESS, str(error))
        except OutOfTime as error:
            reading = self._at is None
            return _fault(FaultOf.LIMIT, too_long(self._name, whereabouts(error), self._row, reading=reading))
        except TooSlow as error:
            return _fault(FaultOf.LIMIT, too_slow(self._name, error.seconds))
        except MemoryError as error:
            return _fault(FaultOf.LIMIT, too_large(self._name, whereabouts(error), self._row))
        except RecursionError as error:
            return _fault(FaultOf.LIMIT, too_deep(self._name, whereabouts(error), self._row))
        except Exception as error:
            # A fault of ours, or of a library, that this message brings out: said without its values.
            return _fault(FaultOf.PROCESS, ended(self._name, whereabouts(error), self._row, _kind(error)))
        finally:
            self._guard.end()

    @property
    def _row(self) -> str:
        at = self._at
        return f"{self._opened.list.place(at.line).capitalize()} ({visible(at.address)}): " if at is not None else ""

    def _open(self, document: dict[str, Any], octets: tuple[bytes, ...]) -> Frame:
        self._settings = BatchSettings.from_json(document["settings"])
        self._name = self._settings.message.template.path.name
        documents = dict(zip(document["documents"], octets, strict=True))
        self._guard.begin(0, 0, READING_SECONDS)
        self._composer = composer_of(self._settings, document["columns"], documents)
        made = self._composer
        return Frame({"fields": sorted(made.fields), "unknown": sorted(made.unknown), "notes": list(made.notes)})

    def _author(self, document: dict[str, Any], octets: tuple[bytes, ...]) -> Frame:
        """The author of the first row that has a message."""
        for row in self._each(map(row_of, document["rows"])):
            with contextlib.suppress(MessageError, MailboxError, UnsendableError):
                message = self._made.compose(row.values, self._composing.facts(row))
                return Frame({"author": message.sender})
        return Frame({"author": ""})

    def _message(self, document: dict[str, Any], octets: tuple[bytes, ...]) -> Frame:
        """The message of a row, and the letter in which it goes."""
        (row,) = map(row_of, document["rows"])
        composing = self._composing
        for _ in self._each([row]):
            facts = composing.copy_facts(row, document["copy"]) if document["copy"] else composing.facts(row)
            message = self._made.compose(row.values, facts)
            envelope = composing.envelope(row, message)
        plain = [message.sender, message.recipients, message.eight_bit, message.utf8_headers, message.notes]
        return Frame({"message": plain, "envelope": [envelope.sender, envelope.body]}, (message.content,))

    def _compose(self, document: dict[str, Any], octets: tuple[bytes, ...]) -> Frame:
        """Letters, or the sentence why there is none."""
        letters: list[object] = []
        found: list[bytes] = []
        composing = self._composing
        for row in self._each(map(row_of, document["rows"])):
            try:
                plain, parts = packed(composing(row))
            except UnsendableError as error:
                letters.append(str(error))
            else:
                letters.append([len(parts), plain])
                found += parts
        return Frame({"letters": letters}, tuple(found))

    def _lint(self, document: dict[str, Any], octets: tuple[bytes, ...]) -> Frame:
        """The report on all messages of a journal."""
        # Imported when it is needed: composing does without.
        from smtptui.batch.lint import LintSubject, lint_batch

        limit = document["size_limit"]
        with Journal.open(Path(document["journal"]), readonly=True) as journal:
            subject = LintSubject(
                self._opened, journal.tally(), journal.facts().state, SizeLimit(**limit) if limit else None
            )
            rows = self._each(journal.recipients())
            report = lint_batch(rows, self._made, self._composing.facts, subject, kept=document["kept"])
        return Frame({"report": asdict(report)})

    def _check(self, document: dict[str, Any], octets: tuple[bytes, ...]) -> Frame:
        """The first error in the messages that are still to be sent, else the largest of them."""
        # Imported when it is needed: composing does without.
        from smtptui.batch.lint import first_error

        with Journal.open(Path(document["journal"]), readonly=True) as journal:
            first = first_error(self._each(journal.recipients()), self._made, self._composing.facts)
        if first.fault is not None:
            return _fault(FaultOf.INPUT, f"{self._row}{first.fault.sentence}")
        return Frame({"largest": asdict(first.largest) if first.largest is not None else None})

    _answers: ClassVar = {
        Question.OPEN: _open,
        Question.AUTHOR: _author,
        Question.MESSAGE: _message,
        Question.COMPOSE: _compose,
        Question.LINT: _lint,
        Question.CHECK: _check,
    }

    @property
    def _made(self) -> Composer:
        assert self._composer is not None, "the parent opens it first"
        return self._composer

    @property
    def _opened(self) -> BatchSettings:
        assert self._settings is not None, "the parent opens it first"
        return self._settings

    @property
    def _composing(self) -> Composing:
        return composing_of(self._opened, self._made)

    def _each(self, rows: Iterable[Recipient]) -> Iterable[Recipient]:
        """Rows, each with a limit of its own for what is done until the next one is asked for."""
        for row in rows:
            self._at = row
            with self._guard.row(row.seq, row.line):
                yield row
        self._at = None


def _kind(error: Exception) -> str:
    """What an error is and where it was raised."""
    frame, line = list(traceback.walk_tb(error.__traceback__))[-1]
    return f"{type(error).__name__} in {Path(frame.f_code.co_filename).name}, line {line}"


def _fault(fault: FaultOf, *sentences: str) -> Frame:
    return Frame({"fault": fault, "sentences": sentences})


def serve(incoming: BinaryIO, outgoing: BinaryIO, guard: Guard) -> None:
    """Answer until ``incoming`` ends."""
    worker = Worker(guard)
    while len(head := incoming.read(HEAD.size)) == HEAD.size:
        text, octets = lengths(head)
        answer = worker.answer(read_frame(incoming.read(text), incoming.read(octets)))
        for part in framed(answer):
            outgoing.write(part)
        outgoing.flush()


def main(arguments: list[str]) -> None:
    """Set the limits, then serve on standard input and output."""
    board, trace, lifeline = map(int, arguments)
    # Signals of the terminal are for the parent, which ends this process.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_with(lifeline)
    faulthandler.register(signal.SIGUSR1, file=trace, all_threads=False)
    outgoing = os.fdopen(os.dup(1), "wb")
    # What a library prints is not an answer.
    os.dup2(2, 1)
    guard = Guard(board)
    limit_memory()
    serve(sys.stdin.buffer, outgoing, guard)


if __name__ == "__main__":
    main(sys.argv[1:])
