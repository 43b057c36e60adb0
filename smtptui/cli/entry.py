"""The entry point: runs a command and turns whatever ends it into one sentence and an exit code."""

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import TextIO

import click

from smtptui.cli.app import app
from smtptui.cli.errors import CommandError, reason
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.streams import complete_streams, drained, lost, reader_gone, silence

_DEBUG = "SMTPTUI_DEBUG"
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""Errors of a write to what is open already: a full or failing disk, a stream opened for reading only."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line (``sys.argv`` without ``args``); always ends in :class:`SystemExit`."""
    arguments = list(sys.argv[1:] if args is None else args)
    complete_streams()
    _never_fail_to_print()
    if not sys.warnoptions:
        # What libraries warn their developers of is nothing a user can act on; -W and PYTHONWARNINGS show it.
        warnings.simplefilter("ignore")
    code = _run(arguments)
    # Python flushes once more at exit, and would complain there; no reader any more, as in “| head”, is no error.
    trouble = drained(sys.stdout) or lost(sys.stdout)
    if trouble is not None and not isinstance(trouble, BrokenPipeError):
        unwritable = _unwritable(trouble)
        code = code or unwritable
    drained(sys.stderr)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    streams = sys.stdout, sys.stderr
    try:
        result = app.main(arguments, prog_name="smtptui", standalone_mode=False)
    except CommandError as error:
        return _report(arguments, error.code, error.kind, *error.sentences)
    except click.UsageError as error:
        hint = f" See “{error.ctx.command_path} --help”." if error.ctx else ""
        return _report(arguments, ExitCode.USAGE, "usage", _sentence(error.format_message()) + hint)
    except click.ClickException as error:
        return _report(arguments, ExitCode.IO, "local", error.format_message())
    except SystemExit:
        # Click ends like this on a broken pipe, whichever it was, and wraps the streams.
        sys.stdout, sys.stderr = streams
        if not reader_gone(sys.stdout):
            return _report(arguments, ExitCode.IO, "local", "A connection to another program broke.")
        silence(sys.stdout)
        return ExitCode.OK
    except (click.Abort, KeyboardInterrupt):
        return _report(arguments, ExitCode.TEMPORARY, "cancelled", "Interrupted; nothing was sent.")
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE:
            drained(sys.stdout)
            return _unwritable(error)
        if os.environ.get(_DEBUG) == "1":
            _said(sys.stderr, traceback.format_exc().rstrip("\n"))
            return ExitCode.INTERNAL
        # Its own words may quote a password or a message, and this sentence goes into a report.
        place = traceback.extract_tb(error.__traceback__)[-1]
        return _report(
            arguments,
            ExitCode.INTERNAL,
            "internal",
            f"This is a bug in smtptui ({type(error).__name__} at {os.path.basename(place.filename)}:{place.lineno});"
            f" please report it. {_DEBUG}=1 in the environment shows the whole.",
        )
    return result if isinstance(result, int) else ExitCode.OK


def _report(arguments: list[str], code: int, kind: str, *sentences: str) -> int:
    if "--json" in arguments:
        # Only now: the document's shape is needed by nobody else.
        from smtptui.cli.document import error_document

        if _said(sys.stdout, error_document(arguments, code, kind, " ".join(sentences))):
            return int(code)
    # Only now: a run without an error does without the vocabulary.
    from smtptui.protocol import visible

    for sentence in sentences:
        _said(sys.stderr, f"smtptui: {visible(sentence)}")
    return int(code)


def _unwritable(trouble: OSError) -> int:
    _said(sys.stderr, f"smtptui: The output could not be written: {reason(trouble)}.")
    return ExitCode.IO


def _said(stream: TextIO, text: str) -> bool:
    """Print a line; whether that was possible. An error keeps its exit code where it cannot be told."""
    try:
        # Not click.echo: it takes an ASCII terminal for a UTF-8 one.
        print(text, file=stream)
    except OSError:
        drained(stream)
        return False
    return drained(stream) is None


def _sentence(text: str) -> str:
    """Click's messages may have line breaks and may lack the full stop."""
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _never_fail_to_print() -> None:
    # A terminal whose encoding lacks an arrow gets an escape instead of a traceback.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
