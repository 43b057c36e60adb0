"""The settings of a new batch from plain choices: what is left out is filled in, what makes no sense is told."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from smtptui.batch import (
    BatchChoices,
    BatchError,
    BatchErrorKind,
    BatchSettings,
    Catalog,
    CurrentRelay,
    ListChoices,
    MessageChoices,
    NewBatch,
    PaceChoices,
    RecipientState,
    Relay,
    Shard,
    SourceFile,
    WaveChoices,
    create,
    prepare_from_batch,
    prepare_new,
)
from smtptui.profiles import Profile
from smtptui.protocol import Connection, Notify
from smtptui.session import Pipelining
from tests.batch.operations.test_repeats import NOW

TEMPLATE = b"From: me@sender.test\nTo: {{email}}\nSubject: Hello\n\nDear {{name}}.\n"
RELAY = CurrentRelay(Relay(connection=Connection("127.0.0.1")))


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_bytes(TEMPLATE)
    return path


def made_of(template: Path, relay: CurrentRelay = RELAY, **choices: Any) -> NewBatch:
    return prepare_new(BatchChoices(message=MessageChoices(template=template), **choices), relay)


def from_batch(old: NewBatch, message: MessageChoices | None = None, **choices: Any) -> NewBatch:
    """What is made of another batch; its relay is as it was."""
    chosen = BatchChoices(message=message or MessageChoices(), **choices)
    return prepare_from_batch(chosen, old.settings, old.documents, CurrentRelay)


def test_a_template_alone_makes_settings_with_the_author_of_the_profile(template: Path) -> None:
    profile = Profile.model_validate({"name": "club", "host": "127.0.0.1", "from": "Club <me@sender.test>"})
    new = made_of(template, CurrentRelay(RELAY.relay, profile))
    message = new.settings.message
    assert message.template == SourceFile(path=template, sha256=hashlib.sha256(TEMPLATE).hexdigest())
    assert (message.files, message.sender, message.envelope_sender) == (template.parent, "Club <me@sender.test>", None)
    assert (new.documents, new.name, new.settings.pipelining) == ({"template": TEMPLATE}, None, Pipelining.AUTO)
    assert not new.settings.limits.model_fields_set


def test_amounts_are_as_they_are_typed(template: Path) -> None:
    waves = WaveChoices(canary=5, max_failed="2%")
    pace = PaceChoices(rates=("10/s", "300/m"), destination_rate="2/s", max_age="4d", waves=waves)
    limits = made_of(template, pace=pace, shard="2/3").settings.limits
    assert limits.model_dump(exclude_unset=True) == {
        "per_second": 10,
        "per_minute": 300,
        "destination_per_minute": 120,
        "max_age": 345600,
        "canary": 5,
        "max_failed": 0.02,
    }


def test_another_batch_keeps_what_is_not_chosen(template: Path) -> None:
    first = prepare_new(
        BatchChoices(
            message=MessageChoices(template=template, sender="me@sender.test", notify=(Notify.DELAY,)),
            list=ListChoices(columns=("email",), allow_roles=True),
            pace=PaceChoices(connections=5, rates=("1/s",)),
            pipelining=Pipelining.OFF,
            shard="1/2",
        ),
        RELAY,
    )
    old = NewBatch(first.settings.model_copy(update={"again": True}), first.documents)
    html = template.with_suffix(".html")
    html.write_bytes(b"<p>Hello</p>")
    message = MessageChoices(html=html, envelope_from="<>", no_one_click=True)
    new = from_batch(old, message, pace=PaceChoices(connections=3), name="second", not_in=("june",))
    assert new.settings == old.settings.model_copy(
        update={
            "message": old.settings.message.model_copy(
                update={
                    "html": SourceFile(path=html, sha256=hashlib.sha256(b"<p>Hello</p>").hexdigest()),
                    "envelope_sender": "",
                    "one_click": False,
                }
            ),
            "limits": old.settings.limits.model_copy(update={"connections": 3}),
            "again": False,
        }
    )
    assert (new.settings.shard, new.settings.limits.per_second) == (Shard(number=1, of=2), 1)
    assert new.documents == {"template": TEMPLATE, "html": b"<p>Hello</p>"}
    assert (new.name, new.not_in) == ("second", ("june",))
    assert BatchSettings.from_json(new.settings.to_json()) == new.settings


@pytest.mark.parametrize(
    ("choices", "kind", "sentence"),
    [
        ({"list": ListChoices(columns=("a", "b"))}, BatchErrorKind.USAGE, "--column names one column"),
        ({"list": ListChoices(delimiter="ab")}, BatchErrorKind.USAGE, "--delimiter 'ab': give one character"),
        ({"pace": PaceChoices(rates=("fast",))}, BatchErrorKind.USAGE, "--rate 'fast' is no rate"),
        ({"pace": PaceChoices(hours="8-18")}, BatchErrorKind.USAGE, "--hours: The sending hours 8-18"),
        ({"pace": PaceChoices(connections=0)}, BatchErrorKind.USAGE, "--connections 0 is not valid: "),
        ({"shard": "4/3"}, BatchErrorKind.USAGE, "--shard '4/3' is no part"),
        ({"message": MessageChoices()}, BatchErrorKind.USAGE, "--template is missing"),
        ({"message": MessageChoices(template=Path("/gone"))}, BatchErrorKind.FILE, "--template: /gone cannot be read"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_option(
    template: Path, choices: dict[str, Any], kind: BatchErrorKind, sentence: str
) -> None:
    with pytest.raises(BatchError) as refused:
        prepare_new(BatchChoices(**{"message": MessageChoices(template=template), **choices}), RELAY)
    assert refused.value.kind is kind
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("message", "kind", "sentence"),
    [
        ({"sender": "nobody"}, BatchErrorKind.INPUT, "--from: "),
        ({"envelope_from": "nobody"}, BatchErrorKind.INPUT, "--envelope-from: "),
        ({"envelope_from": "", "verp": True}, BatchErrorKind.USAGE, "--verp gives each recipient"),
        ({"dkim_domain": "sender.test"}, BatchErrorKind.USAGE, "--dkim-selector and --dkim-domain go with"),
        ({"dkim_key": Path("/gone")}, BatchErrorKind.USAGE, "--dkim-key needs --dkim-selector"),
        ({"dkim_key": Path("/gone"), "dkim_selector": "s"}, BatchErrorKind.FILE, "--dkim-key: /gone cannot be read"),
        ({"files": Path("/gone")}, BatchErrorKind.FILE, "--files: /gone cannot be read"),
    ],
)
def test_a_message_that_makes_no_sense_is_told_for_a_batch_of_another_one_as_well(
    template: Path, message: dict[str, Any], kind: BatchErrorKind, sentence: str
) -> None:
    old = made_of(template)
    with pytest.raises(BatchError) as refused:
        prepare_new(BatchChoices(message=MessageChoices(template=template, **message)), RELAY)
    with pytest.raises(BatchError) as refused_again:
        from_batch(old, MessageChoices(**message))
    for each in (refused.value, refused_again.value):
        assert each.kind is kind
        assert str(each).startswith(sentence)


@pytest.mark.parametrize(
    ("choices", "option"),
    [
        (ListChoices(columns=("email",)), "--column"),
        (ListChoices(no_header=True), "--no-header"),
        (ListChoices(encoding=""), "--encoding"),
        (ListChoices(hidden="skip"), "--hidden"),
    ],
)
def test_the_rows_of_another_batch_are_read_already(template: Path, choices: ListChoices, option: str) -> None:
    with pytest.raises(BatchError, match=f"^{option} says how a list is read"):
        from_batch(made_of(template), list=choices)


def test_choices_make_a_batch_without_the_command_line(template: Path, tmp_path: Path) -> None:
    members = tmp_path / "members.csv"
    members.write_bytes(b"email;name\nann@good.test;Ann\ninfo@good.test;Office\n")
    new = made_of(template, list=ListChoices(columns=("email",), allow_roles=True), name="june")
    made = create(new, members, Catalog(tmp_path / "batches", tmp_path / "shared.sqlite"), now=NOW)
    assert (made.name, made.tally[RecipientState.PENDING]) == ("june", 2)
