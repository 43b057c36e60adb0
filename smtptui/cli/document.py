"""JSON as commands print it, also where they fail before there is a session to report on."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime


def dumps(document: Mapping[str, object]) -> str:
    """JSON on one line, in ASCII: whatever is in it, nothing of it acts on a terminal."""
    # DEL is the one control character that JSON allows unescaped.
    return json.dumps(document).replace("\x7f", "\\u007f")


def error_document(arguments: Sequence[str], code: int, kind: str, message: str, *, now: datetime | None = None) -> str:
    """What ``--json`` prints for an error; for ``send`` with all keys that a session's document has."""
    # Only now: what a session's document has is needed by errors alone.
    from smtptui.transcript import error_json, no_session_json

    error = error_json(kind, message)
    if next((word for word in arguments if not word.startswith("-")), None) == "send":
        document = no_session_json(error, now or datetime.now(UTC))
        # "exit" stands where readers expect it, next to "ok".
        return dumps({"ok": document["ok"], "exit": int(code), **document})
    return dumps({"ok": False, "exit": int(code), "error": error})
