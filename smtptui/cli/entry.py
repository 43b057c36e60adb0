"""The entry point: runs a command and turns whatever ends it into one sentence and an exit code."""

import os
import sys
import traceback
import warnings
from collections.abc import Sequence

import click

from smtptui.cli.app import app
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode

_DEBUG = "SMTPTUI_DEBUG"


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line (``sys.argv`` without ``args``); always ends in :class:`SystemExit`."""
    arguments = list(sys.argv[1:] if args is None else args)
    _never_fail_to_print()
    if not sys.warnoptions:
        # What libraries warn their developers of is nothing a user can act on; -W and PYTHONWARNINGS show it.
        warnings.simplefilter("ignore")
    code = _run(arguments)
    _flush()
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    try:
        result = app.main(arguments, prog_name="smtptui", standalone_mode=False)
    except CommandError as error:
        return _report(arguments, error.code, error.kind, error.format_message())
    except click.UsageError as error:
        hint = f" See “{error.ctx.command_path} --help”." if error.ctx else ""
        return _report(arguments, ExitCode.USAGE, "usage", _sentence(error.format_message()) + hint)
    except click.ClickException as error:
        return _report(arguments, ExitCode.IO, "local", error.format_message())
    except (click.Abort, KeyboardInterrupt):
        return _report(arguments, ExitCode.TEMPORARY, "cancelled", "Interrupted; nothing was sent.")
    except Exception as error:
        if os.environ.get(_DEBUG) == "1":
            traceback.print_exc()
            return ExitCode.INTERNAL
        name = type(error).__name__
        return _report(
            arguments,
            ExitCode.INTERNAL,
            "internal",
            f"This is a bug in smtptui ({name}: {error}); please report it."
            f" {_DEBUG}=1 in the environment shows where it happened.",
        )
    return result if isinstance(result, int) else ExitCode.OK


def _report(arguments: list[str], code: int, kind: str, message: str) -> int:
    if "--json" in arguments:
        # Only now: the document's shape is needed by nobody else.
        from smtptui.cli.document import error_document

        print(error_document(arguments, code, kind, message))
    else:
        # Only now: a run without an error does without the vocabulary.
        from smtptui.protocol import visible

        # Not click.echo: it takes an ASCII terminal for a UTF-8 one.
        print(f"smtptui: {visible(message)}", file=sys.stderr)
    return int(code)


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


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody reads any more, as in “| head”. Python flushes once more at exit, and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
