"""``smtptui batch resolve``: what becomes of uncertain recipients is decided."""

from typing import Any

import click

from smtptui.cli.batch.options import JSON
from smtptui.cli.batch.retry import selectors, show_decided
from smtptui.cli.errors import usage


@click.command()
@click.argument("name")
@click.option("--resend", is_flag=True, help="Send again, with the same Message-ID; some may get it twice.")
@click.option("--assume-sent", is_flag=True, help="Take the message for sent; some may not have it.")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(["uncertain"]), help="The default, and the only one."
)
@selectors
@JSON
def resolve(name: str, resend: bool, assume_sent: bool, as_json: bool, **given: Any) -> int:
    """Decide what is to become of uncertain recipients: all, or those that every selector fits.

    The connection broke after the whole message was sent and before its reply: the server may have it or not. Its
    log knows, by the Message-ID that `export` gives.
    """
    if resend == assume_sent:
        raise usage("Say what to do with uncertain recipients: --resend or --assume-sent.")
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import Selection
    from smtptui.batch import resolve as resolve_recipients
    from smtptui.cli.batch.opened import batch_errors, holder, path_of

    with batch_errors():
        done = resolve_recipients(path_of(name), Selection.of(**given), holder(), resend=resend)
    words = "will be sent to again" if resend else "now counted as sent"
    return show_decided(name, "resend" if resend else "assumed-sent", done, words, "uncertain", as_json=as_json)
