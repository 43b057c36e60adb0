"""``smtptui batch cancel``: a batch ends for good."""

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("name")
@JSON
def cancel(name: str, as_json: bool) -> int:
    """End a batch for good: nothing more is sent, and it cannot be resumed.

    What was sent stays sent, and the journal stays; `delete` removes it.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import cancel as cancel_batch
    from smtptui.cli.batch.opened import batch_errors, opened
    from smtptui.cli.batch.pause import show_controlled

    with opened(name) as (journal, _), batch_errors():
        return show_controlled(name, cancel_batch(journal), as_json=as_json)
