"""``smtptui batch pause`` and ``cancel``: what other terminals ask of a batch."""

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("name")
@JSON
def pause(name: str, as_json: bool) -> int:
    """Let a running batch finish what is on its way, and send nothing more until `resume`.

    A runner that was started with --no-wait ends then; another one stays, and waits.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.asking import ask_to_pause

    return ask_to_pause(name, as_json=as_json)


@click.command()
@click.argument("name")
@JSON
def cancel(name: str, as_json: bool) -> int:
    """End a batch for good: nothing more is sent, and it cannot be resumed.

    What was sent stays sent, and the journal stays; `delete` removes it.
    """
    from smtptui.cli.batch.asking import ask_to_cancel

    return ask_to_cancel(name, as_json=as_json)
