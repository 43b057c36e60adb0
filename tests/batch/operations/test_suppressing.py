"""A file of those who get nothing is read in any form that people have, whole or not at all."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest

from smtptui.batch import Standing, SuppressionError, Value, read_file
from smtptui.batch.export_formats import csv_lines, jsonl_lines
from tests.batch.test_export_formats import standing

Lines = Callable[[Iterable[tuple[Standing, Sequence[Value]]], Sequence[str], str, str], Iterator[str]]
LEFT = ["ann@good.test", "closed.test", "bob@good.test"]


@pytest.mark.parametrize(
    "text",
    [
        "ann@good.test\n@closed.test\nbob@good.test",
        "\ufeff# who left\r\n\r\nAnn@good.test # asked\r\n@closed.test\r\nBob <bob@good.test>\r\n",
        "email\nann@good.test\n@closed.test\nbob@good.test\n",
        "# ours\nname;E-Mail\nAnn;ann@good.test\n# a; comment\n\nAll;@closed.test\nBob;bob@good.test\n",
        'ann@good.test,"Ann\n# no comment"\n@closed.test,\nbob@good.test,Bob\n',
        '{"email": "ann@good.test"}\n{"email": "@closed.test", "n": 1}\n{"email": "bob@good.test"}\n',
        "ann@good.test  by hand  2026-11-30\n@closed.test  asked # to  2026-11-30\nbob@good.test  x  2026-11-30\n",
        '{"ok": true, "exit": 0, "suppressed": [{"key": "ann@good.test"}, {"key": "closed.test"}, '
        '{"key": "bob@good.test"}]}\n',
    ],
)
def test_what_people_have(text: str) -> None:
    assert read_file(text.encode(), "left.txt") == LEFT


@pytest.mark.parametrize("lines", [csv_lines, jsonl_lines])
def test_an_export_of_ours(lines: Lines) -> None:
    rows: list[tuple[Standing, Sequence[Value]]] = [
        (standing(), (f"+{name}", f"{name}@good.test", "mum@good.test")) for name in ("ann", "bob")
    ]
    text = "".join(lines(rows, ["name", "kontakt", "parent"], "me.test", "kontakt"))
    assert read_file(text.encode(), "left.csv") == ["ann@good.test", "bob@good.test"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ann@good.test\nnonsense\nbob@good.test\n", "left.txt line 2: “nonsense”"),
        ("nonsense\nann@good.test\n", "the first row has “nonsense”"),
        ("ann.good.test,Ann\nbob@good.test,Bob\n", "the first row has “ann.good.test”"),
        ("email,name\nann@good.test,Ann\n,Bob\n", "left.txt line 3: “”"),
        ("email,name\nann@good.test\n", "left.txt line 2: 1 field"),
        ('{"email": 17}\n{"email": "ann@good.test"}\n', "left.txt line 1: “”"),
        ("@\n", "left.txt line 1: “@”"),
        ("\n# nobody\n", "names nobody"),
        ("\x1b[31mred\n", "“\\x1b[31mred”"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, named: str) -> None:
    with pytest.raises(SuppressionError) as error:
        read_file(text.encode(), "left.txt")
    assert named in str(error.value)
    assert "\x1b" not in str(error.value)


def test_a_workbook() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["name", "email"], ["# Ann", "ann@good.test"]):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    assert read_file(written.getvalue(), "left.xlsx") == ["ann@good.test"]
