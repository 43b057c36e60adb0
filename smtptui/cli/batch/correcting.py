"""``smtptui batch correct``: another address for a recipient who was not sent to yet."""

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("name")
@click.argument("old")
@click.argument("new")
@JSON
def correct(name: str, old: str, new: str, as_json: bool) -> int:
    """Give recipient OLD of a batch the address NEW, in the envelope and in the column of the list.

    Possible for those who are pending, deferred or failed, or were skipped because of their address. NEW has to pass
    what `new` asks of an address. The recipient is pending then; `run` or `resume` sends.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.replacing import replace_address

    return replace_address(name, old, new, as_json=as_json)
