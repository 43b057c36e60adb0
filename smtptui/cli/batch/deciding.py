"""``smtptui batch retry`` and ``resolve``: what is to become of recipients whose turn is over."""

from typing import Any

import click

from smtptui.cli.batch.options import JSON, state_option
from smtptui.cli.errors import usage
from smtptui.cli.options import Command, apply

_SELECTORS = (
    click.option("--group", "groups", multiple=True, metavar="ID", help="Those of a group that `errors` shows."),
    click.option("--address", "addresses", multiple=True, metavar="ADDRESS", help="This one; repeatable."),
    click.option("--domain", "domains", multiple=True, metavar="DOMAIN", help="Those at this domain; repeatable."),
)


def _selectors(command: Command) -> Command:
    return apply(_SELECTORS, command)


@click.command()
@click.argument("name")
@state_option(("failed", "deferred"), "Those in this state; repeatable, or both with a comma.  [default: both]")
@_selectors
@JSON
def retry(name: str, as_json: bool, **given: Any) -> int:
    """Have recipients tried again that failed or were deferred: all, or those that every selector fits.

    They become pending; `run` or `resume` sends to them. What a message was sent for is never sent again by this,
    nor what is uncertain; see `resolve` for that.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.selecting import Chosen, retry_chosen

    return retry_chosen(name, Chosen(**given), as_json=as_json)


@click.command()
@click.argument("name")
@click.option("--resend", is_flag=True, help="Send again, with the same Message-ID; some may get it twice.")
@click.option("--assume-sent", is_flag=True, help="Take the message for sent; some may not have it.")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(["uncertain"]), help="The default, and the only one."
)
@_selectors
@JSON
def resolve(name: str, resend: bool, assume_sent: bool, as_json: bool, **given: Any) -> int:
    """Decide what is to become of uncertain recipients: all, or those that every selector fits.

    The connection broke after the whole message was sent and before its reply: the server may have it or not. Its
    log knows, by the Message-ID that `export` gives.
    """
    if resend == assume_sent:
        raise usage("Say what to do with uncertain recipients: --resend or --assume-sent.")
    from smtptui.cli.batch.selecting import Chosen, resolve_chosen

    return resolve_chosen(name, Chosen(**given), resend=resend, as_json=as_json)
