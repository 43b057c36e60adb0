"""An export has everybody, nothing does anything with it but show it, and it is a list that a batch can be made of."""

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smtptui.batch import Row, Value, address_column, message_id, new_token, open_list
from smtptui.batch.export_formats import csv_lines, jsonl_lines
from smtptui.batch.journal import Journal, Standing
from smtptui.batch.lists import FIELDS, ListReader, guarded, unguarded
from smtptui.batch.model import Attempted, RecipientState
from smtptui.protocol import Stage
from tests.batch.journal.making import create, new

_ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_OURS = tuple(f"smtptui_{field}" for field in FIELDS)
_ODD = st.sampled_from("=+-@\t\r\n\x1b\x9b,;\"'|% \u200f\u2028\x0c")


def standing(**changes: object) -> Standing:
    usual: dict[str, object] = {
        "seq": 1, "line": 2, "address": "a@example.test", "key": "a@example.test", "destination": "example.test",
        "token": "token1", "state": RecipientState.FAILED, "reason": "", "attempts": 1, "next_at": 0.0,
        "stage": Stage.RCPT, "code": 550, "enhanced": "5.1.1", "reply": "no", "queue_id": "", "host": "", "ended": 9.0,
    }  # fmt: skip
    return Standing(**{**usual, **changes})  # type: ignore[arg-type]


def exported(kind: str, rows: Sequence[Sequence[Value]], columns: Sequence[str], column: str) -> ListReader:
    """The rows as an export that is read again."""
    lines = {"csv": csv_lines, "jsonl": jsonl_lines}[kind]
    text = "".join(lines(((standing(), row) for row in rows), columns, "me.test", column))
    return open_list(io.BytesIO(text.encode()))


def test_everybody_is_in_it_with_what_became_of_them(tmp_path: Path) -> None:
    skipped = new(3, address="not an address", state=RecipientState.SKIPPED, reason="it has no @")
    path = create(tmp_path / "june.sqlite", [new(1), new(2), skipped])
    with Journal.open(path) as journal:
        journal.apply(
            [Attempted(1, RecipientState.SENT, 5.0, 6.0, Stage.DOT, 250, "2.0.0", 'Ok, "queued" as Q1', queue_id="Q1")]
        )
        columns = journal.facts().columns
        table = "".join(csv_lines(journal.exported(), columns, "me.test", columns[0]))
        rows = list(csv.DictReader(io.StringIO(table)))
        objects = [json.loads(line) for line in jsonl_lines(journal.exported(), columns, "me.test", columns[0])]
    assert tuple(rows[0]) == tuple(objects[0]) == (*columns, *_OURS)
    ours = [{key: value for key, value in each.items() if key in _OURS} for each in objects]
    assert [{key: str(value or "") for key, value in each.items()} for each in ours] == [
        {key: value if value != "0" else "" for key, value in row.items() if key in _OURS} for row in rows
    ]
    assert ours[0] == {
        f"smtptui_{key}": value
        for key, value in {
            "address": "user1@example.test", "state": "sent", "code": 250, "enhanced": "2.0.0",
            "reply": 'Ok, "queued" as Q1', "attempts": 1, "message_id": message_id("token1", "me.test"),
            "queue_id": "Q1", "reason": "", "stage": "dot", "line": 2, "token": "token1", "column": columns[0],
        }.items()
    }  # fmt: skip
    said = [(each["smtptui_address"], each["smtptui_state"], each["smtptui_message_id"]) for each in ours[1:]]
    assert said == [("user2@example.test", "pending", ""), ("not an address", "skipped", "")]
    assert ours[2]["smtptui_reason"] == "it has no @"


@given(text=st.text(st.one_of(st.characters(), _ODD), max_size=30))
def test_nothing_in_it_acts(text: str) -> None:
    strange = [(standing(address=text, reply=text, reason=text, queue_id=text), ("",))]
    table = "".join(csv_lines(strange, ["email"], "me.test", "email"))
    objects = "".join(jsonl_lines(strange, ["email"], "me.test", "email"))
    assert not _ACTS.search(table)
    assert not _ACTS.search(objects)
    (row,) = csv.DictReader(io.StringIO(table))
    assert all(not cell.lstrip().startswith(_FORMULAS) for cell in row.values())
    assert json.loads(objects)["smtptui_reply"] == text


@given(cell=st.text(st.one_of(st.characters(), _ODD), max_size=12))
@example("'=1")
@example("' =1")
@example("''t Hooft")
@example("'\t=1")
def test_a_formula_is_text_and_comes_back(cell: str) -> None:
    shown = guarded(cell)
    assert not shown.lstrip().startswith(_FORMULAS)
    assert unguarded(shown) == cell
    assert unguarded(cell) == cell or guarded(unguarded(cell)) == cell
    if not cell.startswith("'"):
        assert shown in (cell, f"'{cell}")


_TEXT = st.text(st.one_of(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), _ODD), max_size=15)
_NAME = _TEXT.map(str.strip).filter(bool)


@st.composite
def _lists(draw: st.DrawFn, cell: st.SearchStrategy[Value]) -> tuple[list[str], list[list[Value]]]:
    columns = draw(st.lists(_NAME, min_size=1, max_size=4, unique=True))
    own = draw(st.sampled_from([[], ["smtptui_state"], ["smtptui_state", "smtptui2_code"]]))
    columns = ["e-mail address of the person", *columns, *(name for name in own if name not in columns)]
    width = len(columns) - 1
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=5))
    return columns, [[f"user{number}@good.test", *row] for number, row in enumerate(rows)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(made=_lists(_TEXT), kind=st.sampled_from(["csv", "jsonl"]))
def test_it_is_the_list_again(made: tuple[list[str], list[list[Value]]], kind: str) -> None:
    columns, rows = made
    with exported(kind, rows, columns, columns[-1]) as reader:
        assert list(reader.columns) == columns
        assert [list(row.values) for row in reader if isinstance(row, Row)] == rows
        # Whatever the columns are called and hold, it is known which one has the addresses.
        assert address_column(reader) == len(columns) - 1
        assert address_column(reader, columns[0]) == 0


_JSON: st.SearchStrategy[Value] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9), _TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXT, inner, max_size=3)),
    max_leaves=3,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(made=_lists(_JSON))
def test_json_keeps_the_kind_of_each_value(made: tuple[list[str], list[list[Value]]]) -> None:
    columns, rows = made
    with exported("jsonl", rows, columns, columns[0]) as reader:
        assert [list(row.values) for row in reader if isinstance(row, Row)] == rows


def test_a_list_that_only_has_such_a_name_is_left_alone() -> None:
    text = "email,smtptui_state,note\nann@good.test,CA,'=1+1\n"
    with open_list(io.BytesIO(text.encode())) as reader:
        assert reader.columns == ("email", "smtptui_state", "note")
        assert [row.values for row in reader if isinstance(row, Row)] == [("ann@good.test", "CA", "'=1+1")]


@pytest.mark.parametrize("kept", [("address", "state", "column"), FIELDS])
def test_columns_may_be_taken_out_and_moved(kept: Sequence[str]) -> None:
    names = [f"smtptui_{field}" for field in reversed(kept)]
    values = {"smtptui_column": "Kontakt"}
    text = f"{','.join(names)},name,Kontakt,Eltern\n"
    text += f"{','.join(values.get(name, 'x') for name in names)},'-Ann,ann@good.test,mum@good.test\n"
    with open_list(io.BytesIO(text.encode())) as reader:
        assert reader.columns == ("name", "Kontakt", "Eltern")
        assert address_column(reader) == 1
        assert [row.values for row in reader if isinstance(row, Row)] == [("-Ann", "ann@good.test", "mum@good.test")]


@given(octets=st.binary(min_size=15, max_size=15), domain=st.sampled_from(["me.test", "a.example.test"]))
def test_a_message_id_is_the_same_each_time_and_does_not_tell_the_token(octets: bytes, domain: str) -> None:
    token = new_token(lambda size: octets[:size])
    named = message_id(token, domain)
    assert re.fullmatch(r"[a-z2-7]{24}", token)
    assert re.fullmatch(r"<[0-9a-f]{30}@" + re.escape(domain) + ">", named)
    assert message_id(token, domain) == named
    assert token not in named
