"""The form as plain values for a file, and back from whatever a file holds."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from smtptui.message import Encoding
from smtptui.protocol import Notify, Ret, Stage
from smtptui.tui.message.model import File, Filled, Format, Handling, Leave, Letter

Word = TypeVar("Word", bound=StrEnum)

_LINES = ("sender", "to", "cc", "bcc", "reply_to", "subject")
_TEXTS = ("body", "alternative")
_MOST = 10_000
"""Items of a list that are taken over."""


def to_state(filled: Filled) -> dict[str, object]:
    """Values that JSON can hold. Files are named by their paths; those that came with a draft have none, and are
    only counted."""
    letter, handling = filled.letter, filled.handling
    return {
        **{name: getattr(letter, name) for name in (*_LINES, *_TEXTS)},
        "format": letter.format.value,
        "headers": [list(header) for header in letter.headers],
        "files": [_file_state(file) for file in letter.files if file.path is not None],
        "files_lost": sum(file.path is None for file in letter.files),
        "envelope_from": handling.envelope_from,
        "envelope_to": handling.envelope_to,
        "notify": [when.value for when in handling.notify],
        "ret": handling.ret.value if handling.ret is not None else None,
        "envid": handling.envid,
        "encoding": handling.encoding.value,
        "smtputf8": handling.smtputf8,
        "leave": handling.leave.value,
        "leave_after": handling.leave_after.value,
        "whole": str(filled.whole.path) if filled.whole is not None else None,
    }


def from_state(state: Mapping[str, object]) -> Filled:
    """What of ``state`` can be used; all else is as in an empty form. Raises nothing."""
    letter = Letter(
        **{name: _line(state.get(name)) for name in _LINES},
        **{name: _text(state.get(name)) for name in _TEXTS},
        format=_word(Format, state.get("format"), Format.TEXT),
        headers=tuple(_items(state.get("headers"), _header)),
        files=tuple(_items(state.get("files"), _file)),
    )
    ret = _text(state.get("ret"))
    handling = Handling(
        envelope_from=_line(state.get("envelope_from")),
        envelope_to=_line(state.get("envelope_to")),
        notify=_notify(state.get("notify")),
        ret=Ret(ret) if ret in list(Ret) else None,
        envid=_line(state.get("envid")),
        encoding=_word(Encoding, state.get("encoding"), Encoding.AUTO),
        smtputf8=state.get("smtputf8") is True,
        leave=_word(Leave, state.get("leave"), Leave.NO),
        leave_after=_word(Stage, state.get("leave_after"), Stage.RCPT),
    )
    return Filled(letter, handling)


def whole_of(state: Mapping[str, object]) -> Path | None:
    """The file that was sent as it is."""
    text = _line(state.get("whole"))
    return Path(text) if text else None


def lost_of(state: Mapping[str, object]) -> int:
    """How many attachments could not be kept."""
    count = state.get("files_lost")
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 0


def _file_state(file: File) -> dict[str, object]:
    return {
        "path": str(file.path),
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "changed": file.changed,
        "inline": file.inline,
    }


def _file(state: object) -> File | None:
    if not isinstance(state, Mapping):
        return None
    path, name = _line(state.get("path")), _line(state.get("name"))
    if not path or not name:
        return None
    return File(
        name,
        _line(state.get("media_type")) or "application/octet-stream",
        _number(state.get("size")),
        Path(path),
        _number(state.get("changed")),
        inline=state.get("inline") is True,
    )


def _header(state: object) -> tuple[str, str] | None:
    if not isinstance(state, (list, tuple)) or len(state) != 2:
        return None
    name, value = _line(state[0]), _line(state[1])
    return (name, value) if name or value else None


def _notify(state: object) -> tuple[Notify, ...]:
    words = _items(state, lambda word: word if isinstance(word, str) else None)
    found = tuple(when for when in Notify if when.value in words)
    return (Notify.NEVER,) if Notify.NEVER in found else found


Item = TypeVar("Item")


def _items(state: object, read: Callable[[object], Item | None]) -> list[Item]:
    if not isinstance(state, (list, tuple)):
        return []
    return [item for each in state[:_MOST] if (item := read(each)) is not None]


def _text(state: object) -> str:
    # A lone surrogate could be neither shown nor saved again.
    return state.encode("utf-8", "replace").decode() if isinstance(state, str) else ""


def _line(state: object) -> str:
    return " ".join(_text(state).splitlines())


def _number(state: object) -> int:
    return state if isinstance(state, int) and not isinstance(state, bool) and state >= 0 else 0


def _word(kind: type[Word], state: object, otherwise: Word) -> Word:
    return kind(state) if isinstance(state, str) and state in list(kind) else otherwise
