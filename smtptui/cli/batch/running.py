"""``smtptui batch run`` and ``resume``: sends a batch until it is done, paused or stopped."""

from typing import Any

import click

from smtptui.cli.batch.options import WAVES
from smtptui.cli.options import Command, apply
from smtptui.cli.sections import SectionedCommand

_OPTIONS = (
    click.option(
        "--wait/--no-wait",
        default=True,
        show_default=True,
        help="Wait for retries, sending hours and the daily cap, or exit with 75 when nothing more can be sent now.",
    ),
    click.option(
        "--changes",
        type=click.Choice(["take", "ignore"]),
        help="If list, template or profile changed: `take` uses the new template and profile, `ignore` the old ones.",
    ),
    click.option(
        "--supervised",
        is_flag=True,
        help="The secret is the first line on standard input; when that ends, finish what is on its way and stop.",
    ),
    click.option(
        "--again",
        is_flag=True,
        help="Send although other batches sent the same message to many of these recipients lately; the batch keeps"
        " this decision.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, as `status --json` once a second."),
    *WAVES,
)


_OF_WAVES = ("canary", "wave_factor", "max_failed", "max_deferred")


def _run_options(command: Command) -> Command:
    return apply(_OPTIONS, command)


@click.command(cls=SectionedCommand)
@click.argument("name")
@click.option("--untested", is_flag=True, help="Send although no message of it was sent to you by `test`.")
@_run_options
def run(name: str, untested: bool, **given: Any) -> int:
    """Send a batch.

    The first messages go out in waves: 20, then three times as many, and so on. The batch pauses if more of them fail
    than chance explains. The options of the waves are kept with the batch.

    Ctrl-C, as SIGTERM and SIGHUP, stops it: what is on its way is finished, for half a minute at most, and
    `resume` goes on with the rest. A second Ctrl-C stops at once; who then may have the message or not is shown
    as uncertain.

    A batch whose template was sent by other batches to more than 5 % and more than 3 of those who are left, within the
    last 30 days, is not sent without --again.

    Exits with 0 if every recipient was sent to, 69 if some were refused, 75 if some are left, 76 if the outcome is
    uncertain for some, 77 if the login or a permission was refused.
    """
    # Only now: the engine takes longer to load than --help may take.
    from smtptui.cli.batch.executing import Job, execute
    from smtptui.cli.batch.reading import read_waves

    return execute(Job(name, untested=untested, waves=read_waves(given), **_plain(given)))


@click.command(cls=SectionedCommand)
@click.argument("name")
@_run_options
def resume(name: str, **given: Any) -> int:
    """Go on with a batch that was stopped, as `run` does.

    If it paused because many were refused, this accepts their share: it pauses again only if the share gets worse.

    One that is paused while its runner waits in another terminal goes on there.
    """
    from smtptui.cli.batch.executing import Job, execute
    from smtptui.cli.batch.reading import read_waves

    return execute(Job(name, resume=True, waves=read_waves(given), **_plain(given)))


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """The options without those of the waves."""
    return {name: value for name, value in given.items() if name not in _OF_WAVES}
