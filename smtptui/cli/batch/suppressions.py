"""Keeps the list of those who get nothing from any batch."""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from smtptui.batch import Addresses
from smtptui.cli.batch.opened import opened_shared
from smtptui.cli.batch.words import counted, table
from smtptui.cli.errors import bad_input, unreadable
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.protocol import MailboxError, ascii_domain


def change(addresses: Sequence[str], file: Path | None, reason: str, *, remove: bool, as_json: bool) -> ExitCode:
    """Put addresses and domains on the list, or take them off; raises :class:`CommandError`."""
    keys = list(_keys([*addresses, *(_lines(file) if file is not None else ())]))
    with opened_shared() as shared:
        count = shared.unsuppress(keys) if remove else shared.suppress(keys, reason, "user", now=time.time())
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json({"ok": True, "exit": 0, "changed": count, "given": len(keys)})
    elif remove:
        stdout.line(f"{counted(count, 'entry', 'entries')} taken off the list.")
    else:
        known = f"; {len(keys) - count} were on it already" if len(keys) > count else ""
        stdout.line(f"{counted(count, 'entry', 'entries')} put on the list{known}. New batches leave them out.")
    return ExitCode.OK


def print_all(*, as_json: bool) -> ExitCode:
    """Print the list; raises :class:`CommandError`."""
    with opened_shared() as shared:
        found = list(shared.suppressions())
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(
            {
                "ok": True,
                "exit": 0,
                "suppressions": [
                    {"key": each.key, "reason": each.reason, "source": each.source, "at": each.at} for each in found
                ],
            }
        )
        return ExitCode.OK
    if not found:
        stdout.line("Nobody is suppressed.")
        return ExitCode.OK
    rows = [
        (
            each.key if "@" in each.key else f"@{each.key}",
            each.reason,
            f"{datetime.fromtimestamp(each.at, UTC):%Y-%m-%d}",
        )
        for each in found
    ]
    for line in table([("address", "reason", "since"), *rows]):
        stdout.line(line)
    return ExitCode.OK


def _keys(given: Sequence[str]) -> Iterator[str]:
    addresses = Addresses()
    for text in given:
        if text.startswith("@"):
            try:
                yield ascii_domain(text[1:].strip()).lower()
            except MailboxError as error:
                raise bad_input(f"{text}: {error}.") from error
            continue
        found = addresses.read(text)
        if isinstance(found, str):
            raise bad_input(f"{text}: {found.rstrip('.')}. Nothing was changed.")
        yield found.key


def _lines(file: Path) -> list[str]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise unreadable(file, "--file", error) from error
    except UnicodeDecodeError:
        raise bad_input(f"--file: {file} is not UTF-8.") from None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
