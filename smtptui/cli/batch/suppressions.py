"""The addresses and domains that get nothing from any batch."""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from smtptui.batch import Addresses, SuppressionError, key_of, read_file
from smtptui.cli.batch.opened import opened_shared
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import bad_input, unreadable
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.config import Intake, TooLargeError


def change(addresses: Sequence[str], file: Path | None, reason: str, *, remove: bool, as_json: bool) -> ExitCode:
    """Put addresses on the list, or take them off; all or none. Raises :class:`CommandError`."""
    try:
        reader = Addresses()
        keys = [key_of(text, reader) for text in addresses]
        if file is not None:
            keys += read_file(_content(file), "standard input" if str(file) == "-" else str(file))
    except SuppressionError as error:
        raise bad_input(f"{error} Nothing was changed.") from error
    with opened_shared() as shared:
        if remove:
            number = shared.unsuppress(keys)
        else:
            number = shared.suppress(keys, reason, "file" if file is not None else "user", now=time.time())
    stdout = Printer(sys.stdout)
    if as_json:
        done = "removed" if remove else "suppressed"
        stdout.json({"ok": True, "exit": 0, "done": done, "given": len(keys), "changed": number})
        return ExitCode.OK
    same = len(keys) - number
    words = "no longer suppressed" if remove else "suppressed"
    before = f"; {same} {'not on the list' if remove else 'on the list already'}" if same else ""
    stdout.line(f"{counted(number, 'entry', 'entries')} {words}{before}.")
    return ExitCode.OK


def print_all(*, as_json: bool) -> ExitCode:
    """Print the list, by address."""
    stdout = Printer(sys.stdout)
    with opened_shared() as shared:
        if as_json:
            entries = [
                {"key": each.key, "reason": each.reason, "source": each.source, "at": _day(each.at)}
                for each in shared.suppressions()
            ]
            stdout.json({"ok": True, "exit": 0, "suppressed": entries})
            return ExitCode.OK
        for each in shared.suppressions():
            key = each.key if "@" in each.key else f"@{each.key}"
            stdout.line(f"{key}  {each.reason}  {_day(each.at)}")
            if stdout.gone:
                break
    return ExitCode.OK


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _content(file: Path) -> bytes:
    try:
        if str(file) == "-":
            return Intake().stream(sys.stdin.buffer, "standard input")
        return Intake().file(file)
    except OSError as error:
        raise unreadable(file, "--file", error) from error
    except TooLargeError as error:
        raise bad_input(f"--file: {error}. Nothing was changed; split it.") from error
