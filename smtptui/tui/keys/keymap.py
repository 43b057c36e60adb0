"""The keymap of the settings: which keys the user wants for which actions, and what speaks against that."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import combinations

from textual.binding import BindingsMap
from textual.widgets import Input, TextArea

from smtptui.tui.keys.names import KeyNameError, key_named, shown, types
from smtptui.tui.keys.registry import KEYS, Key, Where, within

KEPT = frozenset({"tab", "shift+tab", "escape"})
"""Keys that move about in every screen and dialog, whatever else there is."""
_TYPING = frozenset({Where.APP, Where.SESSION, Where.MESSAGE})
"""Places whose keys are to work while somebody types in a field."""

Keymap = Mapping[str, tuple[str, ...]]
"""Keys by the id of what they do."""


@dataclass(frozen=True, slots=True)
class KeymapFault:
    """An entry that cannot be; its action keeps the keys it always had."""

    id: str
    value: str | None
    """The keys as written; None where they are not what is wrong."""
    problem: str
    """The end of a sentence."""


def read_keymap(entries: Mapping[str, str]) -> tuple[Keymap, tuple[KeymapFault, ...]]:
    """The entries that can be, and why the others cannot."""
    known = {key.id: key for key in KEYS}
    wanted: dict[str, tuple[str, ...]] = {}
    faults: dict[str, KeymapFault] = {}
    for name, value in entries.items():
        key = known.get(name)
        if key is None:
            near = get_close_matches(name, known, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]}?" if near else "the reference lists them under Keys"
            faults[name] = KeymapFault(name, None, f"there is no such action; {hint}")
            continue
        try:
            wanted[name] = _keys(key, value)
        except KeyNameError as error:
            faults[name] = KeymapFault(name, value, f"is not used; {error}")
    # An entry that goes gives its action the old keys back, and these may clash with what is left.
    while clash := _first_clash(wanted):
        loser, other, taken = clash
        faults[loser] = KeymapFault(
            loser, entries[loser], f"is not used; {shown(taken)} is taken by {other.id}: {_lowered(other.description)}"
        )
        del wanted[loser]
    return wanted, tuple(faults[name] for name in entries if name in faults)


def remapped(keymap: Keymap) -> tuple[Key, ...]:
    """The registry with the user's keys."""
    return tuple(replace(key, keys=keymap[key.id], shown="") if key.id in keymap else key for key in KEYS)


def _keys(key: Key, value: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in _parts(value):
        try:
            named = key_named(part)
        except KeyNameError as error:
            raise KeyNameError(f"{part or 'an empty key'}: {error}") from error
        for each in named:
            _check_place(key, each)
            found[each] = None
    return tuple(found)


def _parts(value: str) -> list[str]:
    """Keys with commas between them; a comma alone is one itself."""
    return [part.strip() for part in value.split(",")] if value.strip() != "," else [","]


def _check_place(key: Key, name: str) -> None:
    if name in key.keys:
        return
    if name in KEPT:
        raise KeyNameError(f"{shown(name)} is needed for moving about")
    if key.priority and name in ("enter", "space", "backspace"):
        raise KeyNameError(f"{shown(name)} would do nothing else any more, in no field")
    if key.where in _TYPING and not (key.priority or types(name)) and name in _field_keys():
        raise KeyNameError(f"fields need {shown(name)} for editing")


def _field_keys() -> frozenset[str]:
    """What fields do not let through."""
    maps: Iterable[BindingsMap | None] = (Input._merged_bindings, TextArea._merged_bindings)
    return frozenset(key for bindings in maps if bindings is not None for key in bindings.key_to_bindings)


def _first_clash(wanted: Keymap) -> tuple[str, Key, str] | None:
    """An entry, the action it takes a key from, and that key. Of two entries the later one gives way."""
    keys = remapped(wanted)
    order = list(wanted)
    for one, other, name in _clashes(keys):
        mine = sorted((key.id for key in (one, other) if key.id in wanted), key=order.index)
        if mine:
            return mine[-1], other if mine[-1] == one.id else one, name
    return None


def _clashes(keys: Iterable[Key]) -> Iterator[tuple[Key, Key, str]]:
    """Pairs of actions that one key would do at one place, unless it always was so."""
    meant = {(one.id, other.id) for one, other in combinations(KEYS, 2) if set(one.keys) & set(other.keys)}
    for one, other in combinations(keys, 2):
        shared = sorted(set(one.keys) & set(other.keys))
        if shared and (one.id, other.id) not in meant and overlap(one.where, other.where):
            yield one, other, shared[0]


def overlap(one: Where, other: Where) -> bool:
    """Whether keys of both places work at the same time somewhere."""
    return one in within(other) or other in within(one) or Where.LIST in (one, other)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
