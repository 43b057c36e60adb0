"""What is left when the app itself fails: a sentence on the terminal and a report in a file, nothing of the user's.

A report has the places in the code and the kinds of the errors. It has no values: neither local variables nor the
errors' own words, for both may quote a password or a message.
"""

import sys
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from smtptui import __version__

EX_SOFTWARE = 70
"""The exit code for a fault of this program (sysexits.h)."""
DEBUG = "SMTPTUI_DEBUG"
"""The environment variable that shows a traceback instead, errors' words included."""


def save_report(error: BaseException, directory: Path, now: datetime) -> Path | None:
    """Write the report to a file only its owner can read; None where that is not possible."""
    # Imported only now: who never fails does without.
    import secrets

    from smtptui.config import WriteError, write_private

    path = directory / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.txt"
    try:
        write_private(path, report_text(error, now).encode("utf-8", "backslashreplace"))
    except (WriteError, OSError):
        return None
    return path


def report_text(error: BaseException, now: datetime) -> str:
    """What helps to find the fault."""
    # Imported only now: who never fails does without.
    import importlib.metadata
    import platform

    textual = importlib.metadata.version("textual")
    lines = [
        f"smtptui {__version__}, Textual {textual}, Python {platform.python_version()}, {platform.platform()}",
        f"{now:%Y-%m-%d %H:%M:%S}",
        *_told(error),
    ]
    return "\n".join(lines) + "\n"


def crash_sentence(error: BaseException, report: Path | None) -> str:
    """What a user is told."""
    where = next(iter(_places(_innermost(error))), "")
    kept = f"What helps to find it is in {report}, without anything you typed. " if report else ""
    return (
        f"smtptui: This is a bug in smtptui ({type(_innermost(error)).__name__}{where}); please report it. "
        f"{kept}{DEBUG}=1 in the environment shows the whole."
    )


def bug_sentence(error: BaseException | None, *, where: str = "", more: str = "") -> str:
    """What a user is told when something failed and the app goes on: never the error's own words."""
    place = f" in {where}" if where else ""
    return f"smtptui itself failed ({type(error).__name__}{place}). Please report it{more}."


def _places(error: BaseException) -> Iterator[str]:
    """Where in this program it happened, the innermost place first."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "smtptui" in Path(frame.filename).parts[-4:]:
            yield f" at {_short(frame.filename)}:{frame.lineno}"


def _innermost(error: BaseException) -> BaseException:
    """The error behind those that only pass it on."""
    while error.__cause__ is not None or isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__ or error
    return error


def _told(error: BaseException, depth: int = 0) -> Iterator[str]:
    if depth > 10:
        return
    for behind, how in ((error.__cause__, "caused by"), (error.__context__, "while handling")):
        if behind is not None and not (how == "while handling" and error.__suppress_context__):
            yield from _told(behind, depth + 1)
            yield f"\n{how} the above:"
            break
    yield f"\n{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}"
        if frame.line:
            yield f"    {frame.line}"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _told(each, depth + 1)


def _short(filename: str) -> str:
    """A path without what is before the package; it may have the user's name in it."""
    path = Path(filename)
    for folder in sys.path:
        if folder and path.is_relative_to(folder):
            return str(path.relative_to(folder))
    return "/".join(path.parts[-3:])
