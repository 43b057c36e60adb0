"""``smtptui batch delete``: a batch goes, with all that it knows of people."""

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@JSON
def delete(names: tuple[str, ...], as_json: bool) -> int:
    """Delete batches with all that is known of their recipients. Nothing is asked.

    What you have suppressed stays suppressed, and what counts for the daily cap stays counted. A batch that is
    being sent is refused.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.removing import remove

    return remove(names, as_json=as_json)
