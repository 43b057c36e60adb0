"""Shows the message that one recipient will get, from the journal alone."""

import sys

from smtptui.cli.batch.opened import opened, settings_of
from smtptui.cli.batch.workshop import first_to_be_sent, workshop
from smtptui.cli.errors import bad_input
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.message import MessageError, body_text, headers_text, html_text, raw_text


def show_message(name: str, row: int | None, form: str, *, as_json: bool) -> ExitCode:
    """Print a message as ``text``, ``html`` or ``raw``; raises :class:`CommandError` where it cannot be made."""
    with opened(name, readonly=True) as (journal, _):
        facts = journal.facts()
        shop = workshop(journal, facts, settings_of(facts))
        recipient = first_to_be_sent(journal, row)
    try:
        message = shop.composer.compose(recipient.values, shop.composing.facts(recipient))
        envelope = shop.composing.envelope(recipient, message)
    except MessageError as error:
        raise bad_input(f"Row {recipient.seq} (line {recipient.line}): {' '.join(str(error).splitlines())}") from error
    content = message.content
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(
            {
                "ok": True,
                "exit": 0,
                "batch": name,
                "row": recipient.seq,
                "envelope": {"sender": envelope.sender, "recipient": recipient.address},
                "size": len(content),
                "text": f"{headers_text(content)}\n\n{body_text(content)}",
                "html": html_text(content),
                "raw": content.decode("utf-8", "backslashreplace"),
            }
        )
        return ExitCode.OK
    if form == "html":
        html = html_text(content)
        if not html:
            raise bad_input("The message has no HTML version.")
        text = html
    elif form == "raw":
        text = raw_text(content)
    else:
        text = f"{headers_text(content)}\n\n{body_text(content)}"
    for line in text.split("\n"):
        stdout.line(line)
    return ExitCode.OK
