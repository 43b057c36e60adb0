"""The names of keys: as people write them, as Textual knows them, and which of them no terminal delivers."""

from collections.abc import Iterable

from textual.keys import REPLACED_KEYS, _character_to_key, key_to_character

_ALIASES = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "page_up": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "page_down": "pagedown",
    "spacebar": "space",
    "↑": "up",
    "↓": "down",
    "←": "left",
    "→": "right",
}
_MODIFIERS = {"ctrl": "ctrl", "control": "ctrl", "^": "ctrl", "alt": "alt", "option": "alt", "shift": "shift"}
_KITTY_MODIFIERS = frozenset({"super", "cmd", "command", "win", "meta", "hyper"})
_MOVING = frozenset({"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"})
_NAMED = _MOVING | {"enter", "tab", "escape", "space", "backspace"} | {f"f{number}" for number in range(1, 21)}
_SAME_AS = {"h": "backspace", "i": "tab", "j": "a line feed", "m": "enter", "left_square_bracket": "escape"}
"""What a terminal sends for ctrl with these (ASCII: the low five bits are all that is left of the letter)."""

_SHORT = {
    "question_mark": "?",
    "colon": ":",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "insert": "Ins",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


class KeyNameError(ValueError):
    """A text names no key, or one that cannot be used; the message is the end of a sentence."""


def key_named(text: str) -> tuple[str, ...]:
    """The key as Textual knows it: ``?``, ``F5``, ``Ctrl+R``, ``PgUp``; several where terminals differ in the name.

    Raises :class:`KeyNameError`.
    """
    text = text.strip()
    if len(text) == 1 and text not in _ALIASES:
        return _character(text)
    if text.startswith("^") and len(text) == 2:
        text = f"ctrl+{text[1:]}"
    *before, last = text.split("+")
    if not last and before:
        # The plus itself: “ctrl++”.
        before, last = before[:-1], "+"
    modifiers = {part.strip().lower() for part in before}
    base = _base(last.strip(), text)
    if kitty := modifiers & _KITTY_MODIFIERS:
        raise KeyNameError(f"few terminals tell programs of {min(kitty)}; use ctrl, alt or a function key")
    unknown = modifiers - _MODIFIERS.keys()
    if unknown or not base:
        raise KeyNameError("there is no such key; as in f5, ctrl+r, alt+x, PgUp, ?")
    return _combined({_MODIFIERS[part] for part in modifiers}, base, text)


def _combined(modifiers: set[str], base: str, text: str) -> tuple[str, ...]:
    if not modifiers:
        return _character(base) if len(base) == 1 else (base,)
    character = _typed(base)
    if base in _MOVING or (base.startswith("f") and base in _NAMED) or (base == "tab" and modifiers == {"shift"}):
        return ("+".join([*sorted(modifiers), base]),)
    if "ctrl" in modifiers:
        if modifiers == {"ctrl"} and base.lower() in _SAME_AS:
            raise KeyNameError(f"no terminal delivers it: it arrives as {_SAME_AS[base.lower()]}")
        if modifiers == {"ctrl"} and base.isascii() and _is_letter(base):
            return (f"ctrl+{base.lower()}",)
        raise KeyNameError("most terminals do not deliver it; ctrl goes with a letter alone")
    if character is None or base == "space":
        raise KeyNameError(f"most terminals do not tell it from {base}")
    if "alt" in modifiers:
        if base.isdigit():
            raise KeyNameError("many terminals keep it for their tabs")
        if "shift" in modifiers or not _is_letter(base):
            raise KeyNameError("most terminals do not deliver it; alt goes with a letter alone")
        return (f"alt+{base.lower()}",)
    if _is_letter(base):
        return _character(base.upper())
    raise KeyNameError(f"write the character that {text} gives, as in ? for shift+/")


def _is_letter(base: str) -> bool:
    # "colon" is a key's name and not a letter.
    return len(base) == 1 and base.isalpha()


def _character(character: str) -> tuple[str, ...]:
    if not character.isprintable() or character == " ":
        raise KeyNameError("there is no such key; as in f5, ctrl+r, alt+x, PgUp, ?")
    if character.isupper():
        # Some terminals send the capital, some tell of shift.
        return (character, f"shift+{character.lower()}")
    return (_character_to_key(character),)


def _base(name: str, text: str) -> str:
    """Textual's name without modifiers; empty if there is none."""
    lowered = name.lower()
    if len(name) == 1 and name not in _ALIASES:
        return name if name.isalnum() else _character_to_key(name) if name.isprintable() else ""
    lowered = _ALIASES.get(lowered, lowered)
    if lowered in _NAMED:
        return lowered
    character = _typed(lowered)
    return _character_to_key(character) if character is not None and len(text) > 1 else ""


def _typed(base: str) -> str | None:
    """The character that a key without modifiers gives."""
    return key_to_character(REPLACED_KEYS.get(base, base))


def types(key: str) -> bool:
    """Whether a key of Textual's is one that writes a character in a field."""
    return "+" not in key and _typed(key) is not None


def shown(key: str) -> str:
    """A key of Textual's as people write it: ``F5``, ``ctrl+r``, ``?``."""
    *modifiers, base = key.split("+")
    if base[:1] == "f" and base[1:].isdigit():
        base = base.upper()
    elif base in _SHORT:
        base = _SHORT[base]
    elif len(base) > 1 and base not in _NAMED:
        base = _typed(base) or base
    return "+".join([*modifiers, base])


def shown_all(keys: Iterable[str]) -> str:
    """All alternatives, those that only some terminals tell apart left out: ``F5 ctrl+r``."""
    return " ".join(shown(key) for key in keys if not (key.startswith("shift+") and len(key) == 7))
