"""Looking into a batch, and taking what became of it elsewhere, without the command line."""

from pathlib import Path

import pytest

from smtptui.batch import (
    Attempted,
    BatchError,
    BatchErrorKind,
    Journal,
    RecipientState,
    Shared,
    attempts_at,
    export_format,
    server_errors,
    suppress,
    write_export,
)
from smtptui.protocol import Stage
from tests.batch.running.making import made


def test_what_was_said_against_a_batch_and_every_attempt_at_an_address(tmp_path: Path) -> None:
    path = made(tmp_path, ["Ann@good.test", "bob@good.test"])
    refused = Attempted(1, RecipientState.FAILED, 5.0, 6.0, Stage.RCPT, 550, "5.1.1", "550 5.1.1 no such user")
    with Journal.open(path) as journal:
        assert server_errors(journal).groups == []
        journal.apply([refused])
        found = server_errors(journal)
        [group] = found.groups
        assert (group.count, group.address, found.opening) == (1, "Ann@good.test", None)
        [(who, [attempt])] = attempts_at(journal, "ann@GOOD.test")
        assert (who.state, attempt.code) == (RecipientState.FAILED, 550)
        with pytest.raises(BatchError, match="Batch trial has no recipient cleo@") as caught:
            attempts_at(journal, "cleo@good.test")
    assert caught.value.kind is BatchErrorKind.USAGE


def test_an_export_that_cannot_be_written_leaves_the_old_file_and_says_so(tmp_path: Path) -> None:
    assert [export_format(name) for name in (None, Path("a.csv"), Path("a.jsonl"))] == ["csv", "csv", "jsonl"]
    with pytest.raises(BatchError) as caught:
        write_export(["a\n"], tmp_path / "nowhere" / "a.csv")
    assert caught.value.kind is BatchErrorKind.CANNOT_CREATE
    write_export(["a\n", "b\n"], tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "a\nb\n"


def test_addresses_are_suppressed_all_or_none(tmp_path: Path) -> None:
    place = tmp_path / "shared.sqlite"
    with pytest.raises(BatchError, match="Nothing was changed") as caught:
        suppress(place, ["ann@good.test", "no address"], reason="asked", now=1.0)
    assert (caught.value.kind, place.exists()) == (BatchErrorKind.INPUT, False)
    done = suppress(place, ["ann@good.test"], (b"bob@good.test\nann@good.test\n", "left.txt"), reason="asked", now=1.0)
    assert (done.given, done.changed) == (3, 2)
    with Shared(place) as shared:
        assert [each.key for each in shared.suppressions()] == ["ann@good.test", "bob@good.test"]
    assert suppress(place, ["@good.test", "bob@good.test"], reason="", remove=True, now=2.0).changed == 1
