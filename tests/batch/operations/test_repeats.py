"""What was sent before is noticed, by people and by message; what a batch sent itself is not held against it."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from smtptui.batch import (
    BatchSettings,
    Inflight,
    Journal,
    MessageSettings,
    NewRecipient,
    RecipientState,
    Relay,
    RunnerLock,
    Shared,
    SourceFile,
    Survey,
    catch_up,
    day_of,
    message_hash,
    repetition,
    unknown_batches,
    watched,
)
from smtptui.batch.model import Attempted
from smtptui.protocol import Connection
from tests.cli.batch.journals import recipient

NOW = 1_800_000_000.0
DAY = 86_400.0
TEMPLATE = b"To: {{email}}\nSubject: News\n\nHello.\n"
SENT, UNCERTAIN, SKIPPED = RecipientState.SENT, RecipientState.UNCERTAIN, RecipientState.SKIPPED


def message_of(folder: Path) -> MessageSettings:
    return MessageSettings(template=SourceFile(path=folder / "letter.txt", sha256="0" * 64), files=folder)


def make(
    folder: Path,
    name: str,
    keys: Sequence[str],
    states: Mapping[int, RecipientState] | None = None,
    *,
    template: bytes = TEMPLATE,
    at: float = NOW,
    created: float = NOW,
) -> Path:
    """A batch to these people; ``states`` is what became of some of them, by number from 1, at ``at``."""
    path = folder / "batches" / f"{name}.sqlite"
    settings = BatchSettings(message=message_of(folder), relay=Relay(connection=Connection("127.0.0.1")))
    tokens = (f"{name}{number}" for number in itertools.count(1))
    with Journal.create(
        path, name=name, columns=("email",), settings=settings.to_json(), documents={"template": template},
        now=created, token=lambda: next(tokens), shared=folder / "shared.sqlite",
    ) as journal:  # fmt: skip
        journal.add(recipient(key, line) for line, key in enumerate(keys, 2))
    with Journal.open(path) as journal:
        journal.apply(Attempted(seq, state, at - 1, at) for seq, state in (states or {}).items())
    return path


def people(count: int, first: int = 0) -> list[str]:
    return [f"user{number}@good.test" for number in range(first, first + count)]


def sent_to(count: int) -> dict[int, RecipientState]:
    return dict.fromkeys(range(1, count + 1), SENT)


def look(folder: Path, keys: Iterable[str], *not_in: str) -> tuple[Survey, list[NewRecipient]]:
    """Who passes, once the index has all there is."""
    assert catch_up(folder / "batches", folder / "shared.sqlite", now=NOW) == []
    with Shared(folder / "shared.sqlite") as shared:
        survey = Survey(shared, message=message_hash({"template": TEMPLATE}, message_of(folder)))
        return survey, list(watched((recipient(key, 1) for key in keys), survey, not_in))


def test_a_list_that_was_sent_to_is_noticed(tmp_path: Path) -> None:
    make(tmp_path, "members", people(26), sent_to(25) | {26: UNCERTAIN}, at=NOW - DAY)
    survey, rows = look(tmp_path, people(29))
    (found,) = survey.earlier
    assert (found.batch, found.recipients, found.uncertain, survey.asked) == ("members", 26, 1, 29)
    assert (found.last, found.same_message) == (NOW - DAY, True)
    assert all(row.state is RecipientState.PENDING for row in rows)
    assert day_of(found.last, NOW) == "yesterday"


def test_who_may_have_it_is_left_out_with_the_reason(tmp_path: Path) -> None:
    make(tmp_path, "members", people(3), {1: SENT, 2: UNCERTAIN, 3: RecipientState.FAILED})
    make(tmp_path, "others", people(4), {1: UNCERTAIN, 4: SENT}, template=b"Subject: x\n\nOther\n")
    survey, rows = look(tmp_path, people(5), "members")
    assert [(row.state, row.reason) for row in rows[:3]] == [
        (SKIPPED, "already sent to by members"),
        (SKIPPED, "perhaps sent to by members: the outcome is uncertain"),
        (RecipientState.PENDING, ""),
    ]
    assert (survey.asked, [(each.batch, each.recipients) for each in survey.earlier]) == (3, [("others", 1)])
    _, both = look(tmp_path, people(5), "others", "members")
    assert [row.reason.partition(" by")[0] for row in both] == [
        "already sent to", "perhaps sent to", "", "already sent to", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "repeated", "decision"),
    [(3, 3, False), (4, 4, True), (80, 4, False), (79, 4, True), (29, 0, False)],
)
def test_more_than_a_few_and_more_than_a_share_want_a_decision(
    left: int, repeated: int, decision: bool, tmp_path: Path
) -> None:
    make(tmp_path, "members", people(repeated), sent_to(repeated), at=NOW - 29 * DAY)
    again = make(tmp_path, "again", people(left))
    look(tmp_path, [])
    message = message_hash({"template": TEMPLATE}, message_of(tmp_path))
    with Journal.open(again, readonly=True) as journal:
        found = repetition(journal, tmp_path / "shared.sqlite", message, now=NOW)
    assert (found.left, found.recipients, found.needs_decision) == (left, repeated, decision)


def test_another_message_an_old_one_and_ones_own_are_no_repetition(tmp_path: Path) -> None:
    make(tmp_path, "old", people(20), sent_to(20), at=NOW - 31 * DAY)
    make(tmp_path, "other", people(20), sent_to(20), template=b"Subject: June\n\nOther news\n")
    own = make(tmp_path, "own", people(20), sent_to(10))
    survey, _ = look(tmp_path, people(20))
    assert {each.batch for each in survey.earlier} == {"old", "other", "own"}
    message = message_hash({"template": TEMPLATE}, message_of(tmp_path))
    with Journal.open(own, readonly=True) as journal:
        assert repetition(journal, tmp_path / "shared.sqlite", message, now=NOW).recipients == 0


def test_a_batch_that_was_deleted_and_made_again_is_another_one(tmp_path: Path) -> None:
    path = make(tmp_path, "members", people(20), sent_to(20), created=NOW - 10)
    look(tmp_path, [])
    path.unlink()
    again = make(tmp_path, "members", people(20))
    message = message_hash({"template": TEMPLATE}, message_of(tmp_path))
    with Journal.open(again, readonly=True) as journal:
        assert repetition(journal, tmp_path / "shared.sqlite", message, now=NOW).needs_decision


def test_a_run_that_was_killed_is_made_good_for_from_its_journal(tmp_path: Path) -> None:
    path = make(tmp_path, "members", people(10), sent_to(6))
    shared = tmp_path / "shared.sqlite"
    message = message_hash({"template": TEMPLATE}, message_of(tmp_path))
    with Shared(shared) as file:
        # As the runner left it: it had told of two.
        mailing = file.acceptances.begin("members", NOW, message)
        file.acceptances.add(mailing, people(2), NOW, unsure=False)
    with RunnerLock(path, pid=1, host="here"):
        # Nobody looks into a journal that is being written.
        survey, _ = look(tmp_path, people(10))
        assert survey.earlier[0].recipients == 2
    survey, _ = look(tmp_path, people(10))
    assert [each.recipients for each in survey.earlier] == [6]
    with Shared(shared) as file:
        assert file.acceptances.whole() == {"members"}
        assert len(file.acceptances.mailings()) == 1


def test_who_was_in_flight_when_the_machine_went_down_may_have_it(tmp_path: Path) -> None:
    path = make(tmp_path, "members", people(5))
    with Journal.open(path) as journal:
        journal.apply(Inflight(seq, NOW - 5) for seq in range(1, 6))
    again = make(tmp_path, "again", people(5))
    survey, _ = look(tmp_path, people(5))
    assert [(each.recipients, each.uncertain, each.last) for each in survey.earlier] == [(5, 5, NOW)]
    message = message_hash({"template": TEMPLATE}, message_of(tmp_path))
    with Journal.open(again, readonly=True) as journal:
        assert repetition(journal, tmp_path / "shared.sqlite", message, now=NOW).needs_decision


def test_a_batch_whose_doubts_came_later_is_looked_at_again(tmp_path: Path) -> None:
    path = make(tmp_path, "members", people(3), {1: SENT})
    _, rows = look(tmp_path, people(3), "members")
    assert [row.state is SKIPPED for row in rows] == [True, False, False]
    with Journal.open(path) as journal:
        journal.apply([Attempted(2, UNCERTAIN, NOW, NOW)])
    with Shared(tmp_path / "shared.sqlite") as shared:
        shared.acceptances.lag("members")
    _, rows = look(tmp_path, people(3), "members")
    assert [row.state is SKIPPED for row in rows] == [True, True, False]
    with Journal.open(path) as journal:
        journal.apply([Attempted(3, UNCERTAIN, NOW, NOW)])
    # Whoever asks for this very batch has its journal looked into.
    catch_up(tmp_path / "batches", tmp_path / "shared.sqlite", now=NOW, also=["members"])
    _, rows = look(tmp_path, people(3), "members")
    assert all(row.state is SKIPPED for row in rows)


def test_a_damaged_batch_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    make(tmp_path, "members", people(4), sent_to(4))
    (tmp_path / "batches" / "broken.sqlite").write_bytes(b"no journal" * 100)
    (note,) = catch_up(tmp_path / "batches", tmp_path / "shared.sqlite", now=NOW)
    assert note.startswith("Whom batch broken has sent to is not known: ")
    with Shared(tmp_path / "shared.sqlite") as shared:
        names = ["members", "broken", "nowhere"]
        assert unknown_batches(names, tmp_path / "batches", shared) == ["broken", "nowhere"]
    # Once it is deleted, what it sent is still known.
    (tmp_path / "batches" / "members.sqlite").unlink()
    with Shared(tmp_path / "shared.sqlite") as shared:
        assert unknown_batches(["members"], tmp_path / "batches", shared) == []


def test_a_message_is_its_text_and_its_files(tmp_path: Path) -> None:
    message = message_of(tmp_path)
    plain = b"Subject: June\nAttachment: news.pdf\n\nSee ![logo](logo.png)\n"
    (tmp_path / "news.pdf").write_bytes(b"June")
    (tmp_path / "logo.png").write_bytes(b"logo")
    june = message_hash({"template": plain}, message)
    saved_elsewhere = b"\xef\xbb\xbf" + plain.replace(b"\n", b"  \r\n") + b"\r\n\r\n"
    assert message_hash({"template": saved_elsewhere}, message) == june
    for name, content in (("news.pdf", b"July"), ("logo.png", b"new logo")):
        before = message_hash({"template": plain}, message)
        (tmp_path / name).write_bytes(content)
        assert message_hash({"template": plain}, message) != before
    assert message_hash({"template": plain, "html": b"<p>"}, message) != june
    (tmp_path / "news.pdf").unlink()
    assert message_hash({"template": b"Subject: x\nAttachment: ../../etc/passwd\n\nx"}, message)
