"""``smtptui batch errors``: what servers said, equal replies together, or all that was said about one recipient."""

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("name")
@click.option("--address", metavar="ADDRESS", help="Every attempt at this recipient, with the dialogue of failures.")
@JSON
def errors(name: str, address: str | None, as_json: bool) -> int:
    """Show what servers said against it, equal replies together: how many, at which stage, an example.

    Replies are equal that differ only in addresses, numbers and ids. The id of a group is what `retry` and `resolve`
    take as --group. What was skipped or suppressed before anything was sent stands there, too, with its reason. Last
    comes the dialogue of the last connection that could not be opened, if there was one.
    """
    # Only now: the journal takes longer to load than --help may take.
    if address is not None:
        from smtptui.cli.batch.attempts import show_attempts

        return show_attempts(name, address, as_json=as_json)
    from smtptui.cli.batch.grouping import show_groups

    return show_groups(name, as_json=as_json)
