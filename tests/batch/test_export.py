"""An export has everybody, and neither a spreadsheet nor a terminal does anything with it but show it."""

import csv
import io
import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch import message_id, new_token
from smtptui.batch.export import FIELDS, csv_lines, jsonl_lines
from smtptui.batch.journal import Journal, Standing
from smtptui.batch.model import Attempted, RecipientState
from smtptui.protocol import Stage
from tests.batch.journal.making import create, new

_ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def standing(**changes: object) -> Standing:
    usual: dict[str, object] = {
        "seq": 1, "line": 2, "address": "a@example.test", "key": "a@example.test", "destination": "example.test",
        "token": "token1", "state": RecipientState.FAILED, "reason": "", "attempts": 1, "next_at": 0.0,
        "stage": Stage.RCPT, "code": 550, "enhanced": "5.1.1", "reply": "no", "queue_id": "", "host": "", "ended": 9.0,
    }  # fmt: skip
    return Standing(**{**usual, **changes})  # type: ignore[arg-type]


def test_everybody_is_in_it_with_what_became_of_them(tmp_path: Path) -> None:
    skipped = new(3, address="not an address", state=RecipientState.SKIPPED, reason="it has no @")
    path = create(tmp_path / "june.sqlite", [new(1), new(2), skipped])
    with Journal.open(path) as journal:
        journal.apply(
            [Attempted(1, RecipientState.SENT, 5.0, 6.0, Stage.DOT, 250, "2.0.0", 'Ok, "queued" as Q1', queue_id="Q1")]
        )
        rows = list(csv.DictReader(io.StringIO("".join(csv_lines(journal.standings(), "me.test")))))
        objects = [json.loads(line) for line in jsonl_lines(journal.standings(), "me.test")]
    assert tuple(rows[0]) == tuple(objects[0]) == FIELDS
    assert [{key: str(value or "") for key, value in each.items()} for each in objects] == [
        {key: value if value != "0" else "" for key, value in row.items()} for row in rows
    ]
    assert objects[0] == {
        "address": "user1@example.test", "state": "sent", "code": 250, "enhanced": "2.0.0",
        "reply": 'Ok, "queued" as Q1', "attempts": 1, "message_id": message_id("token1", "me.test"), "queue_id": "Q1",
        "reason": "", "stage": "dot", "line": 2, "token": "token1",
    }  # fmt: skip
    assert (objects[1]["state"], objects[1]["message_id"], objects[1]["code"]) == ("pending", "", None)
    assert (objects[2]["address"], objects[2]["reason"]) == ("not an address", "it has no @")


@given(text=st.text(st.one_of(st.characters(), st.sampled_from("=+-@\t\r\n\x1b\x9b,;\"'|%")), max_size=30))
def test_nothing_in_it_acts(text: str) -> None:
    strange = [standing(address=text, reply=text, reason=text, queue_id=text)]
    table, objects = "".join(csv_lines(strange, "me.test")), "".join(jsonl_lines(strange, "me.test"))
    assert not _ACTS.search(table)
    assert not _ACTS.search(objects)
    (row,) = csv.DictReader(io.StringIO(table))
    assert all(not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) for cell in row.values())
    assert json.loads(objects)["reply"] == text


@given(octets=st.binary(min_size=15, max_size=15), domain=st.sampled_from(["me.test", "a.example.test"]))
def test_a_message_id_is_the_same_each_time_and_does_not_tell_the_token(octets: bytes, domain: str) -> None:
    token = new_token(lambda size: octets[:size])
    named = message_id(token, domain)
    assert re.fullmatch(r"[a-z2-7]{24}", token)
    assert re.fullmatch(r"<[0-9a-f]{30}@" + re.escape(domain) + ">", named)
    assert message_id(token, domain) == named
    assert token not in named
