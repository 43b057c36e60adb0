"""``smtptui batch preview``: the message that one recipient will get."""

import click

from smtptui.cli.batch.options import JSON

ROW = click.option(
    "--row",
    "--line",
    "row",
    type=click.IntRange(1),
    metavar="N",
    help="The recipient in line N of the list, or row N of a workbook, header included; the number that lint and errors"
    " show.  [default: the first to be sent to]",
)


@click.command()
@click.argument("name")
@ROW
@click.option(
    "--as",
    "form",
    type=click.Choice(["text", "html", "raw"]),
    default="text",
    show_default=True,
    help="Headers and text as a reader shows them, the HTML version, or the octets that go out.",
)
@JSON
def preview(name: str, row: int | None, form: str, as_json: bool) -> int:
    """Show the message that one recipient will get; nothing is sent."""
    # Only now: template and journal take longer to load than --help may take.
    from smtptui.cli.batch.rendering import show_message

    return show_message(name, row, form, as_json=as_json)
