"""``smtptui sandbox``: the sandbox server alone, until interrupted."""

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode

if TYPE_CHECKING:
    from smtptui.cli.output import Printer
    from smtptui.sandbox import Caught, Sandbox

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
    return _run(_Serving(port, submission_port, smtps_port, show, as_json))


@dataclass(frozen=True, slots=True)
class _Serving:
    """The options of ``sandbox``, read. A port of 0 is any free one."""

    smtp_port: int = 0
    submission_port: int = 0
    smtps_port: int = 0
    show: str | None = None
    json: bool = False


def _run(options: _Serving) -> ExitCode:
    """Run until a signal or a closed standard output ends it; raises :class:`CommandError` if it cannot start."""
    # Only now: the server's libraries take longer to load than --help may take.
    import asyncio

    from smtptui.cli.output import Printer, wants_colour
    from smtptui.sandbox import SandboxError

    stdout = Printer(sys.stdout, colour=wants_colour(sys.stdout, os.environ))
    try:
        asyncio.run(_serve(options, stdout))
    except SandboxError as error:
        text = str(error)
        raise CommandError(ExitCode.UNAVAILABLE, "unavailable", f"{text[:1].upper()}{text[1:]}.") from error
    return ExitCode.OK


async def _serve(options: _Serving, stdout: "Printer") -> None:
    import asyncio
    from datetime import UTC, datetime

    from smtptui.config import catch_signals
    from smtptui.sandbox import Sandbox

    # None ends it: a signal puts it behind what was caught before.
    queue: asyncio.Queue[Caught | None] = asyncio.Queue()
    catch_signals(lambda _: queue.put_nowait(None))
    sandbox = Sandbox(
        smtp_port=options.smtp_port,
        submission_port=options.submission_port,
        smtps_port=options.smtps_port,
        clock=lambda: datetime.now(UTC),
        on_caught=queue.put_nowait,
    )
    async with sandbox:
        _announce(options, sandbox, stdout)
        while not stdout.gone:
            caught = await queue.get()
            if caught is None:
                break
            # In a thread: a slow terminal must not make the server slow.
            await asyncio.to_thread(_print, options, caught, stdout)


def _announce(options: _Serving, sandbox: "Sandbox", stdout: "Printer") -> None:
    ports, ca_file = sandbox.ports, sandbox.ca_file
    if options.json:
        stdout.json(
            {
                "smtp": ports.smtp,
                "submission": ports.submission,
                "smtps": ports.smtps,
                "ca_file": str(ca_file),
                "user": sandbox.user,
                "password": sandbox.password,
            }
        )
        return
    host = sandbox.host
    for line in (
        "The sandbox listens on this machine only; it takes every message and delivers none.",
        "",
        f"  relay       {host}:{ports.smtp:<5}  STARTTLS offered, no login",
        f"  submission  {host}:{ports.submission:<5}  STARTTLS, then login",
        f"  smtps       {host}:{ports.smtps:<5}  implicit TLS, then login",
        f"  authority   {ca_file}",
        f"  user        {sandbox.user}",
        f"  password    {sandbox.password}",
        "",
        "Try it from another terminal:",
        "",
        f"  SMTPTUI_PASSWORD={sandbox.password} smtptui send --server {host}:{ports.submission} --tls starttls \\",
        f"    --ca-file {ca_file} --user {sandbox.user} --from ann@example.org --to bob@example.org",
        "",
        "Ctrl+C ends it.",
        "",
    ):
        stdout.line(line)


def _print(options: _Serving, caught: "Caught", stdout: "Printer") -> None:
    if options.json:
        stdout.json({"caught": _facts(options, caught)})
        return
    stdout.line(_summary(caught))
    if options.show is not None:
        # Line by line: each is made harmless, and the line ends are ours.
        for line in ("", *_full(options.show, caught).split("\n"), ""):
            stdout.line(f"    {line}" if line else "")


def _summary(caught: "Caught") -> str:
    login = f" by {caught.user}" if caught.user is not None else ""
    return (
        f"{caught.at.astimezone():%H:%M:%S} {caught.queue_id} {caught.listener}{' TLS' if caught.tls else ''}{login}"
        f" <{caught.sender}> → {', '.join(f'<{recipient}>' for recipient in caught.recipients)}"
        f" “{caught.subject}” {len(caught.content)} octets"
    )


def _facts(options: _Serving, caught: "Caught") -> dict[str, object]:
    facts: dict[str, object] = {
        "seq": caught.seq,
        "queue_id": caught.queue_id,
        "at": caught.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "listener": caught.listener,
        "peer": caught.peer,
        "helo": caught.helo,
        "tls": caught.tls,
        "user": caught.user,
        "sender": caught.sender,
        "recipients": list(caught.recipients),
        "subject": caught.subject,
        "size": len(caught.content),
    }
    from smtptui.message import body_text, headers_text, raw_text
    from smtptui.sandbox import envelope_text

    if options.show == "raw":
        facts["raw"] = raw_text(caught.content)
    elif options.show == "parsed":
        facts |= {
            "envelope": envelope_text(caught),
            "headers": headers_text(caught.content),
            "body": body_text(caught.content),
        }
    return facts


def _full(show: str, caught: "Caught") -> str:
    from smtptui.message import body_text, headers_text, raw_text
    from smtptui.sandbox import envelope_text

    if show == "raw":
        return raw_text(caught.content)
    return f"{envelope_text(caught)}\n\n{headers_text(caught.content)}\n\n{body_text(caught.content)}"
