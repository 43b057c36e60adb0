"""``smtptui send``: one message, with its live transcript."""

import functools
from pathlib import Path
from typing import Any

import click

from smtptui.cli.connection_options import connection_options, read_connection
from smtptui.cli.errors import usage
from smtptui.cli.message_options import message_options, read_message
from smtptui.cli.sections import SectionedCommand, SectionedOption
from smtptui.protocol import QUITTABLE, Stage

_session = functools.partial(click.option, cls=SectionedOption, section="Session")
_STAGES = click.Choice([stage.value for stage in Stage])


@click.command(
    cls=SectionedCommand,
    epilog="Stages: "
    + ", ".join(stage.value for stage in Stage)
    + ". QUIT is possible after "
    + ", ".join(stage.value for stage in Stage if stage in QUITTABLE)
    + ". Connection options and --from can be set in the environment, as in SMTPTUI_SERVER for --server;"
    " -4 and -6 are SMTPTUI_FAMILY=4 and 6. The option goes first, then the environment, then the profile.",
)
@connection_options
@message_options
@_session("--quit-after", type=_STAGES, metavar="STAGE", help="Say QUIT once this stage is done.")
@_session("--drop-after", type=_STAGES, metavar="STAGE", help="Drop the connection once this stage is done.")
@_session(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the transcript: .jsonl as JSON Lines, .html as HTML, else as text.",
)
@_session("--quiet", is_flag=True, help="Print nothing but the reason of a failure.")
@_session("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_context
def send(ctx: click.Context, /, **given: Any) -> int:
    """Send one message and watch the session.

    Exits with 0 only if every recipient was accepted, or the stage of --quit-after or --drop-after was
    reached. If only some were accepted, it prints the command that sends to those alone who are left.
    """
    if given["quit_after"] and given["drop_after"]:
        raise usage("--quit-after and --drop-after: give one of them.")
    where, what = read_connection(ctx), read_message(ctx)
    if where.profile is not None and what.eml is None:
        what = what.by_default(where.profile.from_address)
    # Only now, when the options make sense: the engine takes longer to load than --help may take.
    from smtptui.cli.again import again_command
    from smtptui.cli.sending import Job, send_message

    again = functools.partial(again_command, ctx)
    return send_message(
        Job(
            where,
            what,
            given["quit_after"],
            given["drop_after"],
            given["save"],
            given["quiet"],
            given["as_json"],
            again,
        )
    )
