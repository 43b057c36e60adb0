"""A batch is made of plain values: settings, documents and a list; what came of it is data."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest

from smtptui.batch import (
    BatchError,
    BatchErrorKind,
    BatchSettings,
    Catalog,
    LeftOut,
    MessageSettings,
    NewBatch,
    RecipientState,
    Relay,
    Shard,
    SourceFile,
    create,
)
from smtptui.protocol import Connection
from tests.batch.operations.test_repeats import NOW

LIST = b"email;name\nann@good.test;Ann\nAnn@good.test;Ann\nnobody;Nobody\nbob@good.test;Bob\n"
TEMPLATE = b"To: {{email}}\nFrom: Me <me@sender.test>\nSubject: Hello\n\nDear {{name}}.\n"


def new_batch(folder: Path, template: bytes = TEMPLATE, **settings: object) -> NewBatch:
    file = SourceFile(path=folder / "letter.txt", sha256=hashlib.sha256(template).hexdigest())
    message = MessageSettings(template=file, files=folder)
    given = {"message": message, "relay": Relay(connection=Connection("127.0.0.1")), **settings}
    return NewBatch(BatchSettings.model_validate(given), {"template": template})


def catalog_in(folder: Path) -> Catalog:
    return Catalog(folder / "batches", folder / "shared.sqlite")


def test_a_list_becomes_a_batch_named_after_it(tmp_path: Path) -> None:
    path, catalog = tmp_path / "members.csv", catalog_in(tmp_path)
    path.write_bytes(LIST)
    made = create(new_batch(tmp_path), path, catalog, now=NOW)
    assert (made.name, made.tally.total, made.tally[RecipientState.PENDING]) == ("members", 4, 2)
    assert [(each.reason.partition(":")[0], each.number) for each in made.left_out] == [
        ("duplicate", 1), ("no valid address", 1),
    ]  # fmt: skip
    assert made.left_out[0] == LeftOut(made.left_out[0].reason, 1, ("line 3: Ann@good.test: duplicate of line 2",))
    assert made.settings.list.file == SourceFile(path=path, sha256=hashlib.sha256(LIST).hexdigest())
    assert (made.settings.list.address_column, made.settings.message.domain) == ("email", "sender.test")
    with catalog.opened("members", readonly=True) as (journal, _):
        assert (journal.facts().created, journal.tally().total) == (NOW, 4)
    assert create(new_batch(tmp_path), path, catalog, now=NOW).name == "members-2"


def test_a_stream_is_a_list_as_well(tmp_path: Path) -> None:
    made = create(new_batch(tmp_path), io.BytesIO(LIST), catalog_in(tmp_path), now=NOW)
    assert (made.name, made.settings.list.file) == ("batch", None)


@pytest.mark.parametrize(
    ("listed", "template", "kind", "sentence"),
    [
        (LIST, TEMPLATE + b"{{surname}}", BatchErrorKind.INPUT, "fills in surname"),
        (b"email;name\n", TEMPLATE, BatchErrorKind.INPUT, "no recipients"),
        (LIST, TEMPLATE + b"{{", BatchErrorKind.TEMPLATE, "letter.txt"),
        (None, TEMPLATE, BatchErrorKind.FILE, "LIST: .*members.csv cannot be read"),
    ],
)
def test_what_cannot_be_made_is_no_batch(
    tmp_path: Path, listed: bytes | None, template: bytes, kind: BatchErrorKind, sentence: str
) -> None:
    path, catalog = tmp_path / "members.csv", catalog_in(tmp_path)
    if listed is not None:
        path.write_bytes(listed)
    with pytest.raises(BatchError, match=sentence) as refused:
        create(new_batch(tmp_path, template), path, catalog, now=NOW)
    assert (refused.value.kind, catalog.names()) == (kind, [])


def test_the_machines_share_a_list_and_nobody_is_in_two_parts(tmp_path: Path) -> None:
    listed = "email;name\n" + "".join(f"user{number}@good.test;x\n" for number in range(30))
    parts = []
    for number in (1, 2, 3):
        new = new_batch(tmp_path, shard=Shard(number=number, of=3))
        made = create(new, io.BytesIO(listed.encode()), catalog_in(tmp_path / str(number)), now=NOW)
        assert made.tally.total + made.elsewhere == 30
        with catalog_in(tmp_path / str(number)).opened(made.name, readonly=True) as (journal, _):
            parts.append({each.key for each in journal.standings()})
    assert len(set.union(*parts)) == sum(map(len, parts)) == 30


def test_a_batch_whose_recipients_are_left_out_has_to_be_known(tmp_path: Path) -> None:
    catalog = catalog_in(tmp_path)
    new = replace(new_batch(tmp_path), not_in=("friends",))
    with pytest.raises(BatchError, match="--not-in friends: there is no such batch") as refused:
        create(new, io.BytesIO(LIST), catalog, now=NOW)
    assert (refused.value.kind, catalog.names()) == (BatchErrorKind.USAGE, [])
