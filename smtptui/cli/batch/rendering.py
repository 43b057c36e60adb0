"""Shows the message of one recipient, as it will be sent."""

import sys

from smtptui.batch import opened_composer, recipient_of_row
from smtptui.cli.batch.opened import opened
from smtptui.cli.batch.words import place_of
from smtptui.cli.errors import bad_input
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.message import html_text, letter_text, others_text, parts_of, raw_text


def show_message(name: str, row: int | None, form: str, *, as_json: bool) -> ExitCode:
    """Print a recipient's message; raises :class:`CommandError`."""
    with opened(name, readonly=True) as (journal, _), opened_composer(journal) as (settings, composer):
        recipient = recipient_of_row(journal, settings.list, row)
        letter = composer.message(recipient)
    content = letter.message.content
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(
            {
                "ok": True,
                "exit": 0,
                "batch": name,
                "line": recipient.line,
                "state": recipient.state.value,
                "sender": letter.envelope.sender,
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
    shown = {"text": letter_text, "html": html_text, "raw": raw_text}[form](content)
    if form == "html" and not shown:
        raise bad_input(f"{place_of(settings.list, recipient)}: the message has no HTML version.")
    for line in shown.split("\n"):
        stdout.line(line)
    others = others_text(content) if form == "text" else []
    for line in ["", *others] if others else []:
        stdout.line(line)
    return ExitCode.OK
