"""Amounts as people type them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch import BatchError
from smtptui.batch.operations.amounts import read_duration, read_rate, read_shard, read_share


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/s", ("per_second", 10)),
        ("0.5/s", ("per_second", 0.5)),
        ("300/min", ("per_minute", 300)),
        (" 2000 / H ", ("per_hour", 2000)),
    ],
)
def test_a_rate(text: str, rate: tuple[str, float]) -> None:
    assert read_rate(text, "--rate") == rate


def test_a_time_and_a_share_and_a_part() -> None:
    assert [read_duration(text, "--max-age") for text in ("30s", "90m", "12h", "4d", "1.5h")] == [
        *(30, 5400, 43200, 345600, 5400),
    ]
    assert (read_share("2", "--max-failed"), read_share("0.5%", "--max-failed")) == (0.02, 0.005)
    assert (read_shard("1/3"), read_shard("3/3")) == ((1, 3), (3, 3))


def refusal(read: Callable[[], object]) -> str:
    """What is said against it; nothing where it is taken."""
    try:
        read()
    except BatchError as error:
        return f"{error.kind} {error}"
    return ""


@given(st.text(max_size=12) | st.sampled_from(["0/s", "10", "10/x", "-1/s", "1e9/s", "nan/s", "0d", "101%", "4/3"]))
def test_anything_else_is_told_with_the_option(text: str) -> None:
    for read in (read_rate, read_duration, read_share):
        told = refusal(lambda read=read: read(text, "--an-option"))  # type: ignore[misc]
        assert not told or told.startswith("usage --an-option ")
    told = refusal(lambda: read_shard(text))
    assert not told or told.startswith("usage --shard ")


@pytest.mark.parametrize("text", ["0/s", "10", "10/x", "-1/s", "nan/s", ""])
def test_no_rate(text: str) -> None:
    assert "10/s" in refusal(lambda: read_rate(text, "--rate"))


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", ""])
def test_no_part(text: str) -> None:
    assert "K/N" in refusal(lambda: read_shard(text))
