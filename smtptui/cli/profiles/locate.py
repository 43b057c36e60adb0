"""``smtptui profiles locate``: where the files are."""

import os
import sys

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def locate(as_json: bool) -> int:
    """Print where the files of smtptui are, also those that are not there yet.

    SMTPTUI_PROFILES, SMTPTUI_SETTINGS and SMTPTUI_DATA_DIR put them elsewhere.
    """
    from smtptui.cli.output import Printer
    from smtptui.config import Places

    places = Places.of(os.environ)
    files = {
        "profiles": places.profiles,
        "settings": places.settings,
        "data": places.data,
        "state": places.state,
        "reports": places.reports,
    }
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json({"ok": True, "exit": 0, **{name: str(path) for name, path in files.items()}})
        return 0
    for name, path in files.items():
        stdout.line(f"{name:<10}{path}{'' if path.exists() else '  (not there yet)'}")
    return 0
