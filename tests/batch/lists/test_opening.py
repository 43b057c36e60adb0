"""Lists as people have them are read row by row, or a sentence says what to do."""

import csv
import datetime
import gzip
import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtptui.batch import ListError, ListKind, ListReader, Ragged, Row, Value, address_column, open_list


def opened(text: str | bytes, written_in: str = "utf-8", **options: Any) -> ListReader:
    data = text if isinstance(text, bytes) else text.encode(written_in)
    return open_list(io.BytesIO(data), **options)


def values(text: str | bytes, **options: Any) -> list[tuple[Value, ...]]:
    with opened(text, **options) as reader:
        return [row.values for row in reader if isinstance(row, Row)]


def bad(text: str | bytes, **options: Any) -> list[tuple[int, str]]:
    with opened(text, **options) as reader:
        return [(row.line, row.sentence) for row in reader if isinstance(row, Ragged)]


def refused(text: str | bytes, **options: Any) -> str:
    with pytest.raises(ListError) as error, opened(text, **options) as reader:
        list(reader)
    return str(error.value)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_the_delimiter_is_found(sign: str) -> None:
    text = f'email{sign}name{sign}city\nada@example.org{sign}"Lovelace, Ada; Countess"{sign}London\n'
    with opened(text) as reader:
        assert reader.delimiter == sign
        assert reader.columns == ("email", "name", "city")
        assert list(reader) == [Row(2, ("ada@example.org", "Lovelace, Ada; Countess", "London"))]


def test_prices_with_commas_do_not_make_a_list_with_semicolons_one_with_commas() -> None:
    assert values("email;price\na@b.org;1,50\nc@d.org;2,75\n") == [("a@b.org", "1,50"), ("c@d.org", "2,75")]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1252"],
)
def test_the_encoding_is_found(encoding: str) -> None:
    with opened("email,name\nrene@example.org,René Müller\n", encoding) as reader:
        assert [row.values for row in reader if isinstance(row, Row)] == [("rene@example.org", "René Müller")]
        assert reader.columns[0] == "email"


def test_a_legacy_encoding_is_told_with_the_word_that_shows_it() -> None:
    with opened("email,name\na@b.org,Ada\nr@b.org,Müller\n", "cp1252") as reader:
        assert "Windows-1252" in reader.notes[0]
        assert "line 3" in reader.notes[0]
        assert "“Müller”" in reader.notes[0]
    with opened("email,price\na@b.org,5 €\n", "cp1252") as reader:
        assert "“€”" in reader.notes[0]


def test_one_broken_line_does_not_spoil_the_letters_of_all_others() -> None:
    data = "email,name\na@b.org,Müller\nb@b.org,Jürgen\n".encode() + b"c@b.org,Ren\xe9\n"
    assert refused(data).startswith("standard input line 4: this line is not UTF-8, while most of the file is")


@pytest.mark.parametrize("line", [2, 5000])
def test_a_wrong_encoding_names_its_line(line: int) -> None:
    rows = [f"a{number}@b.org,x" for number in range(6000)]
    rows[line - 2] = "a@b.org,Müller"
    text = "\r\n".join(["email,name", *rows])
    assert refused(text.encode("cp1252"), encoding="utf-8").startswith(f"standard input line {line}: it is not utf-8")


@pytest.mark.parametrize("name", ["nonsense", "rot13", "hex", "punycode", "unicode_escape", "a\0b"])
def test_what_is_no_encoding_of_files_is_refused(name: str) -> None:
    assert "try utf-8" in refused("email\na@b.org\n", encoding=name)


def test_a_mark_that_contradicts_the_encoding_is_told() -> None:
    assert "mark of utf-16-le" in refused("email\na@b.org\n".encode("utf-16"), encoding="cp1252")


def test_rows_are_told_by_the_line_they_begin_at() -> None:
    text = 'email,text\na@b.org,"one\ntwo\r\nthree"\n\n ,\nb@b.org,x\n'
    with opened(text) as reader:
        assert list(reader) == [Row(2, ("a@b.org", "one\ntwo\r\nthree")), Row(7, ("b@b.org", "x"))]


def test_a_row_of_other_width_is_reported_and_moves_no_value() -> None:
    text = "email,name\na@b.org\nLovelace, Ada,ada@b.org\nb@b.org,x\n"
    assert values(text) == [("b@b.org", "x")]
    assert [line for line, _ in bad(text)] == [2, 3]
    assert "1 field where the list has 2 columns" in bad(text)[0][1]


def test_a_quotation_mark_that_is_not_doubled_costs_only_its_own_row() -> None:
    text = 'email,name\na@b.org,"the "boss""\nb@b.org,x\n'
    assert values(text) == [("b@b.org", "x")]
    assert "not doubled" in bad(text)[0][1]


def test_a_quotation_mark_that_nobody_closes_is_told_where_it_opens() -> None:
    assert refused('email,name\na@b.org,x\nb@b.org,"y\n' + "c@b.org,z\n" * 5).startswith("standard input line 3: ")
    assert refused('email,name\nb@b.org,"y\n' + "c@b.org,z\n" * 200_000).startswith("standard input line 2: ")


def test_a_field_of_megabytes_is_one_bad_row() -> None:
    text = f"email,name\na@b.org,{'x' * 1_100_000}\nb@b.org,x\n"
    assert values(text) == [("b@b.org", "x")]
    assert bad(text) == [(2, "a field of more than 1 MiB.")]


def test_a_nul_is_one_bad_row() -> None:
    assert bad("email,name\na@b.org,x\0y\nb@b.org,z\n") == [(2, "it has a NUL, which no text has; remove it.")]


def test_names_that_stand_twice_or_are_missing_become_different_ones() -> None:
    with opened("email,name,,name\na@b.org,1,2,3\n") as reader:
        assert reader.columns == ("email", "name", "column_3", "name_2")
        assert len(reader.notes) == 2


def test_a_list_without_header_is_seen_by_its_first_address() -> None:
    with opened("Ada,ada@example.org\nBob,bob@example.org\n") as reader:
        assert reader.columns == ("column_1", "email")
        assert address_column(reader) == 1
        assert len(list(reader)) == 2


def test_columns_of_a_list_without_header_can_be_named() -> None:
    with opened("a@b.org,1\n", header=False, names=["who", "what"]) as reader:
        assert reader.columns == ("who", "what")
    assert "2 columns, and 1 names" in refused("a@b.org,1\n", header=False, names=["who"])


def test_what_excel_says_of_the_delimiter_is_no_row() -> None:
    with opened("sep=;\r\nemail;name\r\na@b.org;x\r\n") as reader:
        assert reader.columns == ("email", "name")
        assert list(reader) == [Row(3, ("a@b.org", "x"))]


def test_blanks_before_quotation_marks_are_no_part_of_the_field() -> None:
    assert values('"email", "name"\n"a@b.org", "Lovelace, Ada"\n') == [("a@b.org", "Lovelace, Ada")]


@pytest.mark.parametrize("text", ["", "\n\n\n", "\ufeff", " , ,\n"])
def test_an_empty_list_says_what_one_has(text: str) -> None:
    assert "it is empty" in refused(text)


def test_a_header_alone_is_a_list_of_nobody() -> None:
    assert values("email,name\n") == []


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (gzip.compress(b"email\n", mtime=0), "gunzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "XLSX"),
        (b"%PDF-1.7\n", "PDF"),
        (b'[{"email": "a@b.org"}]', "jq -c"),
        (b"PK\x03\x04" + bytes(50), "workbook"),
    ],
)
def test_what_is_no_list_is_told_with_what_to_do(data: bytes, hint: str) -> None:
    assert hint in refused(data)


def test_a_missing_file_and_a_folder_are_sentences(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.csv", "no such file"), (tmp_path, "cannot be read")):
        with pytest.raises(ListError, match=words):
            open_list(path)


def test_a_pipe_is_read_like_a_file() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(b"email\na@b.org\n")
    with os.fdopen(reading, "rb") as stream, open_list(stream) as reader:
        assert reader.sample() == [Row(2, ("a@b.org",))]
        assert list(reader) == list(reader) == [Row(2, ("a@b.org",))]


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("email\na@b.org\n")
    with open_list(path) as reader:
        path.write_text("email\nz@b.org\n")
        with pytest.raises(ListError, match="changed while it was read"):
            list(reader)


def test_the_digest_is_of_the_octets() -> None:
    with opened(b"email\na@b.org\n") as reader:
        assert reader.sha256 == hashlib.sha256(b"email\na@b.org\n").hexdigest()


def test_json_lines_have_the_keys_of_all_objects_as_columns() -> None:
    text = '{"email": "a@b.org", "n": 1.5}\n\n{"email": "c@d.org", "tags": ["x"], "n": null}\n'
    with opened(text) as reader:
        assert reader.columns == ("email", "n", "tags")
        assert list(reader) == [Row(1, ("a@b.org", 1.5, None)), Row(3, ("c@d.org", None, ["x"]))]
        assert "first appears in line 3" in reader.notes[0]


@pytest.mark.parametrize(
    "line",
    ["nonsense", "[1]", '{"email": NaN}', '{"email": 1, "email": 2}', '{"email": "\\ud800"}', '{"a":' + "[" * 100_000],
)
def test_a_line_that_is_no_object_is_one_bad_row(line: str) -> None:
    text = f'{{"email": "a@b.org"}}\n{line}\n{{"email": "b@b.org"}}\n'
    assert values(text) == [("a@b.org",), ("b@b.org",)]
    assert [number for number, _ in bad(text)] == [2]


def test_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["email", "name", "since", "amount"],
        ["a@b.org", "Müller", datetime.date(2026, 11, 25), 5.0],
        [],
        ["b@b.org", None, None, 1.25],
        ["c@b.org", "x", None, None, "beyond"],
    ):
        sheet.append(row)
    book.save(path := tmp_path / "list.xlsx")
    with open_list(path) as reader:
        assert reader.columns == ("email", "name", "since", "amount")
        assert list(reader) == [
            Row(2, ("a@b.org", "Müller", "2026-11-25", "5")),
            Row(4, ("b@b.org", "", "", "1.25")),
            Ragged(5, "it has a cell beyond the 4 columns of the list; move it, or name its column."),
        ]
    with pytest.raises(ListError, match="it has 'Sheet'"):
        open_list(path, sheet="Other")


FIELD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)

QUOTING: tuple[Literal[0, 1], ...] = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)


def written(rows: Sequence[Sequence[str]], delimiter: str, quoting: Literal[0, 1], end: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)
    return out.getvalue()


@given(
    rows=st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(FIELD, min_size=width, max_size=width), max_size=6)),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from(QUOTING),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
@example(rows=[["x", "x, "], ["", 'a"b']], delimiter=",", quoting=1, end="\n", encoding="utf-8")
@settings(deadline=None, max_examples=150)
def test_what_any_program_writes_is_read_the_same(
    rows: list[list[str]], delimiter: str, quoting: Literal[0, 1], end: str, encoding: str
) -> None:
    width = len(rows[0]) if rows else 1
    table = [[f"column{number}" for number in range(width)], *rows]
    if any("\r" in field for row in rows for field in row):
        # Python 3.11 leaves a lone CR without quotation marks.
        quoting = 1
    text = written(table, delimiter, quoting, end)
    wanted = [tuple(row) for row in rows if "".join(row) and not "".join(row).isspace()]
    assert values(text.encode(encoding), delimiter=delimiter, header=True) == wanted


@given(st.binary(max_size=200))
@example(b"{}\n")
@example(b"sep=\0")
@example(b'a,b\n"')
@example(b"\xff\xfe\0")
@settings(deadline=None, max_examples=300)
def test_any_octets_are_rows_or_a_sentence(data: bytes) -> None:
    for options in ({}, {"encoding": "utf-16"}, {"kind": ListKind.JSON_LINES}):
        assert "\n" not in outcome(data, **options)


def outcome(data: bytes, **options: Any) -> str:
    """The sentence that ends the reading; empty where the list is read to its end."""
    try:
        with opened(data, **options) as reader:
            for row in reader:
                assert not isinstance(row, Row) or len(row.values) == len(reader.columns)
                assert row.line >= 1
    except ListError as error:
        return str(error)
    return ""


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.booleans() | st.none()))
@settings(deadline=None, max_examples=50)
def test_json_values_come_as_they_are(entry: dict[str, Value]) -> None:
    if entry:
        assert values(json.dumps(entry)) == [tuple(entry.values())]
