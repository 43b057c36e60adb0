"""A tree that is not what a model wants: every fault at once, each a sentence, and no secret in any."""

from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from smtptui.config import allowed, check, field_names, parse


class Taste(StrEnum):
    SWEET = "sweet"
    SOUR = "sour"


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    depth: int = Field(1, ge=1, le=9)
    label: str = Field("", max_length=5)


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    count: int | None = Field(None, ge=0)
    share: float = Field(0.5, gt=0, le=1)
    taste: Taste = Taste.SWEET
    really: bool = False
    file: Path | None = None
    sender: str = Field("", alias="from")
    api_token: str = ""
    inner: Inner = Field(default_factory=Inner)
    words: list[str] = Field(default_factory=list)


def sentences(text: str) -> list[str]:
    _, faults = check(Outer, parse(text))
    return [fault.sentence("x.yaml") for fault in faults]


def test_all_faults_by_line_with_field_value_and_what_is_allowed() -> None:
    text = """\
taste: bitter
count: -1
share: 2
really: perhaps
inner:
  depth: 10
  label: much too long
  zzz: 1
count: 5
form: x
file: [a]
words: one
"""
    assert sentences(text) == [
        "x.yaml line 1: taste: bitter is not allowed; allowed: sweet, sour.",
        "x.yaml line 2: count: -1 is not allowed; allowed: a whole number, at least 0.",
        "x.yaml line 3: share: 2 is not allowed; allowed: a number above 0, up to 1.",
        "x.yaml line 4: really: perhaps is not allowed; allowed: true or false.",
        "x.yaml line 6: inner.depth: 10 is not allowed; allowed: a whole number from 1 to 9.",
        "x.yaml line 7: inner.label: much too long is not allowed; allowed: text of up to 5 characters.",
        "x.yaml line 8: inner.zzz: there is no such field; there are depth, label.",
        "x.yaml line 9: count: it is given already in line 2; keep one.",
        "x.yaml line 10: form: there is no such field; did you mean from?",
        "x.yaml line 11: file: a list is not allowed; allowed: the name of a file.",
        "x.yaml line 12: words: this is not allowed; allowed: a list.",
    ]


def test_a_field_has_the_name_of_the_file_alone() -> None:
    assert sentences("sender: ann")[0].startswith("x.yaml line 1: sender: there is no such field")
    assert check(Outer, parse("from: ann"))[0] == Outer(sender="ann")


@pytest.mark.parametrize(
    "text",
    [
        "password: hunter2",
        "passwort: hunter2",
        "api_token: [hunter2]",
        "api_token: {hunter2: x}",
        "xyzzy: hunter2",
        "inner: {pw: hunter2}",
        "inner: hunter2",
        "hunter2",
        "[hunter2]",
    ],
)
def test_what_may_be_a_secret_is_not_repeated(text: str) -> None:
    found = sentences(text)
    assert found
    assert "hunter2" not in "".join(found).replace("api_token.hunter2", "")


def test_values_are_shown_short_and_harmless() -> None:
    [found] = sentences('taste: "\\e[31m' + "x" * 500 + '"')
    assert "\x1b" not in found
    assert "\\x1b[31m" in found
    assert len(found) < 200


def test_what_is_no_mapping_at_all() -> None:
    assert sentences("- a") == ["x.yaml line 1: a list stands where fields belong, one a line, as in name: value."]
    assert sentences("") == []


def test_the_names_and_ranges_for_documents() -> None:
    assert list(field_names(Outer))[:6] == ["count", "share", "taste", "really", "file", "from"]
    assert allowed(Outer.model_fields["count"]) == "a whole number, at least 0"
