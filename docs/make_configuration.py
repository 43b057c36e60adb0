"""Writes ``configuration.md``: the files of the user, field by field, from the models that check them."""

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from smtptui.config import allowed, check_values, field_names
from smtptui.profiles import Limits, Profile
from smtptui.tui.app.settings import Settings

CONFIGURATION = Path(__file__).with_name("configuration.md")
_NONSENSE = "no such thing\x00"


def configuration() -> str:
    """The whole page."""
    return "\n".join([*_files(), "", *_profiles(), "", *_settings()]) + "\n"


def _files() -> Iterator[str]:
    yield from (
        "# Configuration",
        "",
        "<!-- Made by docs/make_configuration.py from the models; change those and run it, not this page. -->",
        "",
        "| file | where | elsewhere by |",
        "|---|---|---|",
        "| `profiles.yaml`: the servers you know | `~/.config/smtptui/` | `SMTPTUI_PROFILES`, the file |",
        "| `settings.yaml`: how the app should be | `~/.config/smtptui/` | `SMTPTUI_SETTINGS`, the file |",
        "| what the app keeps for itself | `~/.local/share/smtptui/` | `SMTPTUI_DATA_DIR`, the directory |",
        "",
        "On macOS both directories are `~/Library/Application Support/smtptui/`; `XDG_CONFIG_HOME` and `XDG_DATA_HOME`",
        "count elsewhere. `smtptui profiles locate` prints them all.",
        "",
        "Both files are YAML in UTF-8. A value is text as it looks: `auth: off` and `user: 0123` need no quotes.",
        "`null`, `~` and nothing at all mean that the field is absent. Anchors, aliases and merge keys (`<<`) work;",
        "tags (`!…`) do not. A field that does not exist, or is given twice, is an error. All errors are told at once,",
        "each with file, line, field, value and what is allowed; a value that may be a secret is not repeated.",
    )


def _profiles() -> Iterator[str]:
    yield from (
        "## profiles.yaml",
        "",
        "```yaml",
        "profiles:",
        "  office relay:",
        "    host: mail.example.org",
        "    port: 587",
        "    user: me@example.org",
        "```",
        "",
        "A profile needs a host or a socket; the rest may be left out. Its name has 1 to 60 characters.",
        "[profiles.example.yaml](../profiles.example.yaml) shows every field in its place. Sections beside `profiles`",
        "whose name begins with `x-` are yours, for what several profiles share.",
        "",
        *_table(Profile, {"host": "x"}, leave_out=("name", "limits")),
        "",
        "### limits",
        "",
        "What the server allows the account. One that is absent is unknown, not unlimited.",
        "",
        *_table(Limits, {}),
    )


def _settings() -> Iterator[str]:
    yield from (
        "## settings.yaml",
        "",
        "```yaml",
        "theme: smtptui-light",
        "confirm_send: always",
        "keymap:",
        "  send: f9, ctrl+r",
        "  quit: ctrl+x",
        "```",
        "",
        *_table(Settings, {}),
        "",
        "The app only reads this file. Where a field is wrong all have their defaults, and the app says why at its",
        "start; where only an entry of the keymap is wrong, that action keeps its keys. The ids are in the",
        "[reference](reference.md#keys). A key has a name as in `f5`, `ctrl+r`, `alt+x`, `PgUp`, `space`, or is the",
        "character itself: `?`. Refused are keys that no terminal delivers (`ctrl+h`, `ctrl+i`, `ctrl+m`,",
        "`ctrl+enter`), those a field needs for editing, and those that another action has at the same place.",
    )


def _table(model: type[BaseModel], needed: dict[str, str], leave_out: tuple[str, ...] = ()) -> Iterator[str]:
    yield from ("| field | what it may be | if absent | meaning |", "|---|---|---|---|")
    for name, info in field_names(model).items():
        if name in leave_out:
            continue
        default = info.get_default(call_default_factory=True)
        cells = (f"`{name}`", _cell(_allowed(model, name, needed)), _default(default), _cell(info.description or ""))
        yield f"| {' | '.join(cells)} |"


def _allowed(model: type[BaseModel], name: str, needed: dict[str, str]) -> str:
    """What the field's own error says about it: the words a user gets are the words of the page."""
    _, faults = check_values(model, {"name": "x", **needed, name: _NONSENSE} if model is Profile else {name: _NONSENSE})
    told = (fault.problem.partition("allowed: ")[2].partition(";")[0] for fault in faults if fault.field == name)
    return next((words for words in told if words), allowed(field_names(model)[name])).removeprefix("one of ")


def _default(value: Any) -> str:
    if value in (None, "", {}):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.value if isinstance(value, Enum) else f'{value:g}' if isinstance(value, float) else value}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    CONFIGURATION.write_text(configuration(), encoding="utf-8")
    sys.stdout.write(f"{CONFIGURATION} written\n")
