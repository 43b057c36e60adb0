"""``smtptui batch resume``: goes on with a batch that was stopped."""

from typing import Any

import click

from smtptui.cli.batch.run import execute, run_options
from smtptui.cli.sections import SectionedCommand


@click.command(cls=SectionedCommand)
@click.argument("name")
@run_options
def resume(name: str, **given: Any) -> int:
    """Go on with a batch that was stopped, as `run` does.

    If it paused because many were refused, this accepts their share: it pauses again only if the share gets worse.

    One that is paused while its runner waits in another terminal goes on there.
    """
    return execute(name, resume=True, **given)
