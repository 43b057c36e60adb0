"""``smtptui batch suppress``: addresses that get nothing from any batch."""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from smtptui.cli.batch.options import JSON
from smtptui.cli.errors import usage
from smtptui.cli.options import PATH


@click.command()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option(
    "--file",
    type=PATH,
    metavar="FILE",
    help="Addresses in a file: one or an @DOMAIN on each line, with # comments, or a list with a column of them (CSV,"
    " JSON Lines, XLSX), such as `export` writes; - is standard input.",
)
@click.option("--reason", default="by hand", show_default=True, metavar="TEXT", help="Why; it is shown with them.")
@click.option("--remove", is_flag=True, help="Let them be sent to again.")
@click.option("--list", "list_", is_flag=True, help="Print all that are suppressed.")
@JSON
def suppress(
    addresses: tuple[str, ...], file: Path | None, reason: str, remove: bool, list_: bool, as_json: bool
) -> int:
    """Keep addresses out of every batch, those that are being sent included; @DOMAIN is a whole domain."""
    if list_ and (addresses or file or remove):
        raise usage("--list prints all that are suppressed: give it alone.")
    if not (list_ or addresses or file):
        raise usage("Say whom to suppress: ADDRESS, @DOMAIN or --file FILE; --list prints those who are.")
    return _print_all(as_json=as_json) if list_ else _change(addresses, file, reason, remove=remove, as_json=as_json)


def _change(addresses: Sequence[str], file: Path | None, reason: str, *, remove: bool, as_json: bool) -> int:
    """Put addresses on the list, or take them off; all or none. Raises :class:`CommandError`."""
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import suppress as suppress_addresses
    from smtptui.cli.batch.opened import batch_errors, catalog
    from smtptui.cli.batch.words import counted
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    named = "standard input" if str(file) == "-" else str(file)
    content = None if file is None else (_content(file), named)
    with batch_errors():
        shared = catalog().shared
        done = suppress_addresses(shared, addresses, content, reason=reason, remove=remove, now=time.time())
    stdout = Printer(sys.stdout)
    if as_json:
        what = "removed" if remove else "suppressed"
        stdout.json({"ok": True, "exit": 0, "done": what, "given": done.given, "changed": done.changed})
        return ExitCode.OK
    same = done.given - done.changed
    words = "no longer suppressed" if remove else "suppressed"
    before = f"; {same} {'not on the list' if remove else 'on the list already'}" if same else ""
    stdout.line(f"{counted(done.changed, 'entry', 'entries')} {words}{before}.")
    return ExitCode.OK


def _print_all(*, as_json: bool) -> int:
    """Print the list, by address."""
    from smtptui.cli.batch.opened import opened_shared
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

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
    from smtptui.cli.errors import bad_input, unreadable
    from smtptui.config import Intake, TooLargeError

    try:
        if str(file) == "-":
            return Intake().stream(sys.stdin.buffer, "standard input")
        return Intake().file(file)
    except OSError as error:
        raise unreadable(file, "--file", error) from error
    except TooLargeError as error:
        raise bad_input(f"--file: {error}. Nothing was changed; split it.") from error
