"""A list of every kind of row ends in the journal as a whole: nobody is lost, each with a state."""

import io
from pathlib import Path

from smtptui.batch import Journal, RecipientState, address_column, check_rows, open_list

LIST = """email,name
ada@example.org,Ada
Ada@Example.org,Ada again
noreply@example.org,nobody
bob@gmial.com,Bob
not an address,Carl
two,many,fields
,empty
ädä@müller.example,Ädä
"""


def test_every_row_of_a_list_is_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "batch.sqlite"
    tokens = iter(f"token{number}" for number in range(100))
    with open_list(io.BytesIO(LIST.encode())) as reader:
        rows = check_rows(reader, address_column(reader), len(reader.columns))
        with Journal.create(
            path,
            name="batch",
            columns=reader.columns,
            settings="{}",
            documents={},
            now=0.0,
            token=lambda: next(tokens),
        ) as journal:
            journal.add(rows)
    with Journal.open(path) as journal:
        tally = journal.tally()
        found = list(journal.recipients())
    assert tally.total == 8
    assert tally[RecipientState.PENDING] == 2
    assert tally[RecipientState.SKIPPED] == 6
    assert [one.line for one in found] == list(range(2, 10))
    assert found[-1].address == "ädä@xn--mller-kva.example"
    assert all(one.reason for one in found if one.state is RecipientState.SKIPPED)
