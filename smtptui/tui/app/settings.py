"""The settings: what ``settings.yaml`` may say, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator
from textual.theme import BUILTIN_THEMES

from smtptui.config import Fault, FileFaults, MappingNode, YamlFault, check, decoded, parse, read_file
from smtptui.protocol import visible
from smtptui.tui.app.theme import OWN_THEMES
from smtptui.tui.keys.keymap import Keymap, read_keymap

THEMES = (*(theme.name for theme in OWN_THEMES), *sorted(BUILTIN_THEMES))


class Confirm(StrEnum):
    """When a send is asked about."""

    OUTSIDE = "outside"
    """When the message leaves the own sandbox."""
    ALWAYS = "always"


class Settings(BaseModel):
    """How the app should be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    theme: str = Field(
        "smtptui", description="Colours. What is chosen in the app holds until another theme is named here."
    )
    confirm_send: Confirm = Field(
        Confirm.OUTSIDE, description="Ask before a message is sent: when it leaves the sandbox, or always."
    )
    restore_form: bool = Field(
        True, description="Open with the form as it was left. A password or token is never remembered."
    )
    keymap: dict[str, str] = Field(
        default_factory=dict,
        description="Other keys for actions: the action's id, then its keys with commas between them.",
    )

    @field_validator("theme")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in THEMES:
            raise ValueError(f"one of {', '.join(THEMES)}")
        return value

    @field_validator("keymap", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        if not isinstance(value, dict) or not all(isinstance(keys, str) for keys in value.values()):
            raise ValueError("ids of actions with their keys, one a line, as in send: f9, ctrl+r")
        return value


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings as they hold, and a sentence for each thing in the file that does not."""

    settings: Settings
    keymap: Keymap
    faults: tuple[str, ...] = ()


def load_settings(path: Path) -> LoadedSettings:
    """Read the file; one that is missing or empty says nothing. Never raises: what is wrong becomes a sentence.

    A fault in a field gives all fields their defaults; one in an entry of the keymap only that entry.
    """
    try:
        root = parse(decoded(read_file(path).data or b""))
        settings, faults = check(Settings, root)
        if settings is None:
            raise FileFaults(path, faults)
    except OSError as error:
        fault = Fault(None, f"it cannot be read: {error.strerror}")
        return LoadedSettings(Settings(), {}, (fault.sentence(path),))
    except YamlFault as error:
        return LoadedSettings(Settings(), {}, (error.fault.sentence(path),))
    except FileFaults as error:
        return LoadedSettings(Settings(), {}, error.sentences)
    keymap, refused = read_keymap(settings.keymap)
    lines = _lines(root)
    sentences = tuple(
        Fault(lines.get(each.id), each.problem, field=visible(f"keymap.{each.id}"), value=_shown(each.value)).sentence(
            path
        )
        for each in refused
    )
    return LoadedSettings(settings, keymap, sentences)


def _shown(value: str | None) -> str | None:
    return None if value is None else visible(value if len(value) <= 60 else f"{value[:59]}…")


def _lines(root: object) -> Mapping[str, int]:
    """The line of each entry of the keymap."""
    entries = root.fields.get("keymap") if isinstance(root, MappingNode) else None
    if entries is None or not isinstance(entries.value, MappingNode):
        return {}
    return {name: pair.key.line for name, pair in entries.value.fields.items()}
