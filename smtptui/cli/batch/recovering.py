"""``smtptui batch recover``: a damaged batch is made one that can be sent again."""

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("name")
@JSON
def recover(name: str, as_json: bool) -> int:
    """Recover a batch whose journal is damaged, was put back from a backup, or was copied from elsewhere.

    Everyone who may have the message already becomes uncertain; `resolve` decides about them. Whoever provably does
    not have it stays pending. Nothing is sent. A batch that is not damaged is left as it is.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.mending import recover_batch

    return recover_batch(name, as_json=as_json)
