"""The JSON of a command that failed before there was a session."""

import json
from datetime import UTC, datetime

from smtptui.cli.document import dumps, error_document

NOW = datetime(2026, 3, 4, 5, 6, 7, 891_000, UTC)


def test_an_error_of_send_has_every_key_of_a_session() -> None:
    document = json.loads(error_document(["send", "--json"], 65, "input", "Bad address.", now=NOW))
    assert list(document) == [
        *("ok", "exit", "started", "server", "tls", "auth", "recipients"),
        *("reply", "queue_id", "error", "transcript"),
    ]
    assert (document["ok"], document["exit"]) == (False, 65)
    assert document["error"] == {"stage": None, "kind": "input", "message": "Bad address."}
    assert set(document["server"]) == {"host", "port", "address", "local"}


def test_an_error_of_another_command_is_short() -> None:
    document = json.loads(error_document(["sandbox", "--json"], 69, "unavailable", "In use."))
    assert document == {
        "ok": False,
        "exit": 69,
        "error": {"stage": None, "kind": "unavailable", "message": "In use."},
    }


def test_nothing_in_it_acts_on_a_terminal() -> None:
    text = "\x1b[31m\x7f\x9b\u202e\ud8ff"
    shown = dumps({"text": text})
    assert shown.isascii()
    assert shown.isprintable()
    assert json.loads(shown) == {"text": text}
