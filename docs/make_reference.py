"""Writes ``reference.md`` and ``presets.md``: commands, exit codes, keys and presets, from the program itself."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from smtptui.cli.app import app
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.sections import SectionedCommand
from smtptui.profiles import Preset, load_presets
from smtptui.tui.keys.names import shown
from smtptui.tui.keys.registry import KEYS

REFERENCE = Path(__file__).with_name("reference.md")
PRESETS = Path(__file__).with_name("presets.md")


def reference() -> str:
    """The whole page."""
    root = click.Context(app, info_name="smtptui", **app.context_settings)
    lines = [
        "# Reference",
        "",
        "<!-- Made by docs/make_reference.py from the program; change the options and run it, not this page. -->",
        "",
        "## smtptui",
        "",
        *_command(app, root),
    ]
    for command, ctx in _commands(app, root):
        lines += [f"## {ctx.command_path}", "", *_command(command, ctx)]
    return "\n".join([*lines, *_exit_codes(), "", *_keys()]) + "\n"


def _commands(group: click.Group, ctx: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """The commands of a group, and after each group its own."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        own = click.Context(command, ctx, info_name=name)
        yield command, own
        if isinstance(command, click.Group):
            yield from _commands(command, own)


def _keys() -> Iterator[str]:
    yield from (
        "## Keys",
        "",
        "Each action has an id, by which `keymap` in [settings.yaml](configuration.md) gives it other keys.",
        "",
        "| where | key | does | id |",
        "|---|---|---|---|",
    )
    for key in KEYS:
        keys = ", ".join(f"`{shown(name)}`" for name in key.keys if not name.startswith("shift+") or len(name) != 7)
        yield f"| {key.where} | {keys or 'palette'} | {_cell(key.description)} | `{key.id}` |"


def _command(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield from ("```", " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)]), "```", "")
    yield from _paragraphs(command.help)
    plain = {"Options": command.get_params(ctx)}
    sections = command.sections(ctx) if isinstance(command, SectionedCommand) else plain
    for heading, parameters in sections.items():
        yield from (f"### {heading}", "", "| option | meaning | environment |", "|---|---|---|")
        for parameter in parameters:
            record = parameter.get_help_record(ctx)
            if record is not None and not isinstance(parameter, click.Argument):
                yield f"| `{_cell(record[0])}` | {_cell(record[1])} | {_environment(parameter)} |"
        yield ""
    yield from _paragraphs(command.epilog)


def _paragraphs(text: str | None) -> Iterator[str]:
    for paragraph in (text or "").split("\n\n"):
        if paragraph.strip():
            yield from (" ".join(paragraph.split()), "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _environment(parameter: click.Parameter) -> str:
    return f"`{parameter.envvar}`" if isinstance(parameter.envvar, str) else ""


def _exit_codes() -> Iterator[str]:
    yield from ("## Exit codes", "", "They follow sysexits.h.", "", "| code | meaning |", "|---|---|")
    for code in ExitCode:
        yield f"| {int(code)} | {code.meaning} |"
    yield from ("", "When several recipients fared differently the first of these that applies: 77, 76, 75, 69, 0.")


def presets() -> str:
    """The page of presets."""
    lines = [
        "# Presets",
        "",
        "<!-- Made by docs/make_reference.py from smtptui/profiles/presets.yaml; change that, not this page. -->",
        "",
        "What smtptui knows of providers: in the app by the presets of the server list, and by command:",
        "",
        "```sh",
        "smtptui profiles presets                       # all, or one by its id or by an address that is there",
        "smtptui profiles add NAME --preset ID --user USER",
        "```",
        "",
        "The first port is the one that is recommended. A fact stands here only with its source; a limit that the",
        "provider does not state itself is left out. *Not verified* means that no document of the provider was found:",
        "compare such a preset with what your account shows.",
    ]
    kind = None
    for preset in load_presets():
        if preset.kind is not kind:
            kind = preset.kind
            lines += ["", f"## {kind.heading}", "", "| id | provider | server and ports | to know | source |"]
            lines += ["|---|---|---|---|---|"]
        lines.append(_preset(preset))
    return "\n".join(lines) + "\n"


def _preset(preset: Preset) -> str:
    ways = ", ".join(way.label for way in preset.ways)
    sources = ", ".join(f"[{number}]({url})" for number, url in enumerate(preset.source, 1))
    checked = f"{sources}; {preset.checked}" if preset.checked else "none"
    cells = [f"`{preset.id}`", preset.name, f"`{preset.shown_host}` {ways}", _cell(" ".join(preset.advice)), checked]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for path, page in ((REFERENCE, reference), (PRESETS, presets)):
        path.write_text(page(), encoding="utf-8")
        sys.stdout.write(f"{path} written\n")
