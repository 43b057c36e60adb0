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
    error = {"stage": None, "kind": kind, "message": message}
    document: dict[str, object] = {"ok": False, "exit": int(code)}
    if next((word for word in arguments if not word.startswith("-")), None) == "send":
        started = (now or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document |= {
            "started": started,
            "server": {"host": None, "port": None, "address": None, "local": None},
            "tls": None,
            "auth": None,
            "recipients": [],
            "reply": None,
            "queue_id": None,
            "error": error,
            "transcript": [],
        }
    else:
        document["error"] = error
    return dumps(document)
