"""The addresses and domains that get nothing from any batch."""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from smtptui.batch import Address, Addresses
from smtptui.cli.batch.opened import opened_shared
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import bad_input, unreadable
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.protocol import shown, trimmed


def change(addresses: Sequence[str], file: Path | None, reason: str, *, remove: bool, as_json: bool) -> ExitCode:
    """Put addresses on the list, or take them off; all or none. Raises :class:`CommandError`."""
    reader = Addresses()
    found = [(text, "") for text in addresses] + _lines(file)
    keys = [_key(reader, text, where) for text, where in found]
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


def _key(reader: Addresses, text: str, where: str) -> str:
    text = trimmed(text)
    if text.startswith("@"):
        found = reader.read(f"x{text}")
        if isinstance(found, Address):
            return found.key.rpartition("@")[2]
    else:
        found = reader.read(text)
        if isinstance(found, Address):
            return found.key
    raise bad_input(f"{where}“{shown(text)}” is neither an address nor @DOMAIN: {found} Nothing was changed.")


def _lines(file: Path | None) -> list[tuple[str, str]]:
    if file is None:
        return []
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise unreadable(file, "--file", error) from error
    lines = data.decode("utf-8-sig", "replace").splitlines()
    return [(line.strip(), f"{file} line {at}: ") for at, line in enumerate(lines, 1) if line.strip()]
