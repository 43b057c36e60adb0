"""``smtptui profiles locate``: where the files are."""

import os
import sys

import click

from smtptui.cli.output import Printer


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def locate(as_json: bool) -> int:
    """Print where the files of smtptui are."""
    from smtptui.config import profiles_file

    profiles = profiles_file(os.environ)
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json({"ok": True, "exit": 0, "profiles": str(profiles)})
    else:
        stdout.line(str(profiles))
    return 0
