"""``smtptui profiles presets``: the providers that are known."""

import sys
from typing import TYPE_CHECKING

import click

from smtptui.cli.errors import usage

if TYPE_CHECKING:
    from smtptui.cli.output import Printer
    from smtptui.profiles import Preset


@click.command()
@click.argument("preset", required=False, metavar="[ID|ADDRESS]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def presets(preset: str | None, as_json: bool) -> int:
    """List the providers that are known, or show one: by its id, or by an address that has its mailbox there.

    A preset has the server, its ports, what the user name looks like, what the provider wants before a login works,
    what it allows, and where all this was found. `smtptui profiles add NAME --preset ID` makes a profile of one.
    """
    # Only now: the model of profiles takes longer to load than --help may take.
    from smtptui.cli.output import Printer
    from smtptui.profiles import load_presets

    stdout = Printer(sys.stdout)
    if preset is not None:
        _show(wanted_preset(preset), stdout, as_json=as_json)
    elif as_json:
        stdout.json({"ok": True, "exit": 0, "presets": [_document(one) for one in load_presets()]})
    else:
        _list(load_presets(), stdout)
    return 0


def wanted_preset(text: str) -> "Preset":
    """The preset with this id or name, or for this address; a usage :class:`CommandError` without one."""
    import difflib

    from smtptui.profiles import find_preset, load_presets, preset_for_address

    found = preset_for_address(text) if "@" in text else find_preset(text)
    if found is not None:
        return found
    if "@" in text:
        raise usage(f"No preset is for {text!r}: its domain tells no provider. `smtptui profiles presets` lists all.")
    near = difflib.get_close_matches(text.lower(), [one.id for one in load_presets()], n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`smtptui profiles presets` lists all."
    raise usage(f"There is no preset {text!r}. {hint}")


def _list(all_of_them: "tuple[Preset, ...]", stdout: "Printer") -> None:
    wide = [
        max(map(len, column))
        for column in zip(*((one.id, one.name, one.shown_host) for one in all_of_them), strict=True)
    ]
    kind = None
    for one in all_of_them:
        if one.kind is not kind:
            if kind is not None:
                stdout.line("")
            stdout.line(f"{one.kind.heading}:")
            kind = one.kind
        unsure = "" if one.verified else "  (not verified)"
        columns = zip((one.id, one.name, one.shown_host), wide, strict=True)
        stdout.line(f"  {'  '.join(f'{text:<{width}}' for text, width in columns)}  {_first_way(one)}{unsure}")


def _show(one: "Preset", stdout: "Printer", *, as_json: bool) -> None:
    if as_json:
        stdout.json({"ok": True, "exit": 0, "preset": _document(one)})
        return
    stdout.line(f"{one.name} ({one.id})")
    stdout.line(f"  {one.shown_host}: {_ways(one)}")
    for sentence in one.advice:
        stdout.line(f"  {sentence}")
    for source in one.source:
        stdout.line(f"  Source: {source}")
    if one.checked is not None:
        stdout.line(f"  Checked: {one.checked.isoformat()}")


def _first_way(one: "Preset") -> str:
    others = len(one.ways) - 1
    return f"{one.ways[0].label}{f', {others} more' if others else ''}"


def _ways(one: "Preset") -> str:
    return ", ".join(way.label for way in one.ways)


def _document(one: "Preset") -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind.value,
        "host": one.host,
        "ways": [{"port": way.port, "tls": way.tls.value} for way in one.ways],
        "user_form": one.user_form.value,
        "user": one.user or None,
        "auth": one.auth,
        "parameters": [parameter.model_dump() for parameter in one.parameters],
        "domains": list(one.domains),
        "limits": one.limits.model_dump(exclude_none=True),
        "advice": list(one.advice),
        "source": list(one.source),
        "checked": one.checked.isoformat() if one.checked else None,
        "verified": one.verified,
    }
