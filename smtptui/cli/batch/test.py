"""``smtptui batch test``: one recipient's message, sent to oneself."""

import sys
from pathlib import Path
from typing import Literal

import click

from smtptui.cli.batch.preview import ROW


@click.command()
@click.argument("name")
@click.option("--to", required=True, metavar="ADDRESS", help="Who gets it: you.")
@ROW
@click.option(
    "--changes",
    type=click.Choice(["take", "ignore"]),
    help="If list, template or profile changed: `take` uses the new template and profile, `ignore` the old ones.",
)
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="Save the transcript.")
@click.option("--quiet", is_flag=True, help="Print nothing but the reason of a failure.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else, as `send` does.")
def test(
    name: str,
    to: str,
    row: int | None,
    changes: Literal["take", "ignore"] | None,
    save: Path | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Send one recipient's message to yourself, and watch the session. Once it is accepted the batch is tested.

    The message is the recipient's, but for a Message-ID of its own; the envelope is yours. The server's SIZE limit is
    recorded: from then on `lint` and `run` compare every message with it.
    """
    # Only now: the engine takes longer to load than --help may take.
    from smtptui.batch import prepare_test
    from smtptui.cli.batch.opened import batch_errors, opened, shared_path
    from smtptui.cli.batch.relay import relay_credentials, relay_now
    from smtptui.cli.errors import bad_input
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.observing import View, observe
    from smtptui.cli.output import Printer
    from smtptui.protocol import MailboxError, parse_mailbox
    from smtptui.session import Request, SessionRun

    stderr = Printer(sys.stderr)
    try:
        whom = parse_mailbox(to).address
    except MailboxError as error:
        raise bad_input(f"--to: {error}.") from error
    with opened(name, whole=True) as (journal, _):
        sending = prepare_test(
            journal,
            whom,
            row=row,
            changes=changes,
            read_relay=relay_now,
            shared=shared_path(),
            tell=lambda sentence: stderr.line(f"smtptui: {sentence}"),
        )
        request = sending.with_credentials(relay_credentials(sending.relay))
        run = SessionRun(request)

        def begin(_: Request) -> SessionRun:
            with batch_errors():
                sending.begin()
            return run

        code = observe(request, View(("batch", "test"), save, quiet, as_json), start=begin)
        result = sending.end(run, accepted=code is ExitCode.OK)
    if not (quiet or as_json):
        if result.over_cap is not None:
            stderr.line(f"smtptui: {result.over_cap}")
        if result.too_large is not None:
            stderr.line(f"smtptui: {result.too_large} “smtptui batch lint {name}” shows all.")
    return code
