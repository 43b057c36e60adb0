"""``smtptui batch preview``: the message that one recipient will get."""

import sys

import click

from smtptui.cli.batch.options import JSON

ROW = click.option(
    "--row",
    "--line",
    "row",
    type=click.IntRange(1),
    metavar="N",
    help="The recipient in line N of the list, or row N of a workbook, header included; the number that lint and errors"
    " show.  [default: the first to be sent to]",
)


@click.command()
@click.argument("name")
@ROW
@click.option(
    "--as",
    "form",
    type=click.Choice(["text", "html", "raw"]),
    default="text",
    show_default=True,
    help="Headers and text as a reader shows them, the HTML version, or the octets that go out.",
)
@JSON
def preview(name: str, row: int | None, form: str, as_json: bool) -> int:
    """Show the message that one recipient will get; nothing is sent."""
    # Only now: template and journal take longer to load than --help may take.
    from smtptui.batch import preview_message
    from smtptui.cli.batch.opened import opened
    from smtptui.cli.batch.words import place_of
    from smtptui.cli.errors import bad_input
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer
    from smtptui.message import html_text, letter_text, others_text, parts_of, raw_text

    with opened(name, readonly=True) as (journal, _):
        shown = preview_message(journal, row)
    recipient, content = shown.recipient, shown.content
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(
            {
                "ok": True,
                "exit": 0,
                "batch": name,
                "line": recipient.line,
                "state": recipient.state.value,
                "sender": shown.sender,
                "recipient": recipient.address,
                "text": letter_text(content),
                "html": html_text(content),
                "raw": raw_text(content),
                "parts": [
                    {"name": part.name, "type": part.type, "size": part.size, "inline": part.inline}
                    for part in parts_of(content)
                ],
            }
        )
        return ExitCode.OK
    text = {"text": letter_text, "html": html_text, "raw": raw_text}[form](content)
    if form == "html" and not text:
        raise bad_input(f"{place_of(shown.list_, recipient)}: the message has no HTML version.")
    for line in text.split("\n"):
        stdout.line(line)
    others = others_text(content) if form == "text" else []
    for line in ["", *others] if others else []:
        stdout.line(line)
    return ExitCode.OK
