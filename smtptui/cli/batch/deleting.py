"""``smtptui batch delete``: a batch goes, with all that it knows of people."""

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--forget", is_flag=True, help="Forget whom they sent to as well: nothing then warns of sending the same again."
)
@JSON
def delete(names: tuple[str, ...], forget: bool, as_json: bool) -> int:
    """Delete batches with all that is known of their recipients. Nothing is asked.

    What you have suppressed stays suppressed, and what counts for the daily cap stays counted. For 90 days after the
    last message it stays known whom the batch sent to, as hashes from which no address can be read, so that `new` and
    `run` notice a repetition; --forget deletes that too, also of a batch that was deleted before. A batch that is being
    sent is refused.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.removing import remove

    return remove(names, forget=forget, as_json=as_json)
