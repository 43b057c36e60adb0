"""``smtptui sandbox``: the sandbox server alone, until interrupted."""

from typing import Any

import click

_PORT: dict[str, Any] = {"type": click.IntRange(0, 65535), "metavar": "PORT", "default": 0}


@click.command()
@click.option("--port", **_PORT, help="Relay port: STARTTLS offered, no login.  [default: a free one]")
@click.option("--submission-port", **_PORT, help="Port with STARTTLS and login required.  [default: a free one]")
@click.option("--smtps-port", **_PORT, help="Port with implicit TLS and login.  [default: a free one]")
@click.option(
    "--show",
    type=click.Choice(["parsed", "raw"]),
    help="Print every message in full: headers and text decoded, or as it was sent.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines: where it listens, then every message.")
def sandbox(port: int, submission_port: int, smtps_port: int, show: str | None, as_json: bool) -> int:
    """Run the sandbox server alone, until interrupted.

    It listens on the loopback interface only, takes every message and delivers none. Its certificate
    authority, user and password are printed; they are new at every start.
    """
    # Only now: the server's libraries take longer to load than --help may take.
    from smtptui.cli.serving import Serving, serve

    return serve(Serving(port, submission_port, smtps_port, show, as_json))
