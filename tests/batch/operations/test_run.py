"""Checking, testing and starting a batch by the operations alone: what is decided, and how it is told."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtptui.batch import (
    BatchError,
    BatchErrorKind,
    BatchState,
    ChangedError,
    ComposerProcess,
    CurrentRelay,
    Journal,
    Relay,
    RunOptions,
    RunPlan,
    check_batch,
    prepare_run,
    prepare_test,
    relay_of_profile,
    settings_of,
)
from smtptui.profiles import Limits as ProfileLimits
from smtptui.profiles import Profile, service_of
from smtptui.protocol import Connection
from tests.cli.batch.journals import NOW, make_journal, recipient


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A draft whose template file is there, as it was."""
    path = make_journal(tmp_path, "news", recipient("a@good.test", 2), recipient("b@good.test", 3))
    with Journal.open(path, shared=tmp_path / "shared.sqlite") as journal:
        settings = settings_of(journal.facts())
        file = settings.message.template.model_copy(update={"path": tmp_path / "letter.txt"})
        text = b"From: me@good.test\nTo: {{ email }}\nSubject: x\n\nHello\n"
        file.path.write_bytes(text)
        file = file.model_copy(update={"sha256": hashlib.sha256(text).hexdigest()})
        message = settings.message.model_copy(update={"template": file, "files": tmp_path, "domain": "good.test"})
        journal.set_documents({"template": text})
        journal.set_settings(settings.model_copy(update={"message": message}).to_json())
        yield journal


@pytest.fixture
def composer() -> Iterator[ComposerProcess]:
    with ComposerProcess() as composer:
        yield composer


def prepared(
    journal: Journal, composer: ComposerProcess, relay: Relay | None = None, **options: object
) -> tuple[object, list[str]]:
    """What preparing a run gives, and what is told meanwhile."""
    told: list[str] = []
    shared = journal.path.parent.parent / "shared.sqlite"
    plan = prepare_run(
        journal,
        RunOptions(**options),  # type: ignore[arg-type]
        composer,
        read_relay=lambda kept: CurrentRelay(relay or kept),
        shared=shared,
        tell=told.append,
    )
    return plan, told


def test_a_check_makes_a_draft_linted_and_errors_make_it_a_draft_again(journal: Journal) -> None:
    done = check_batch(journal, now=lambda: NOW)
    assert done.report.ok
    assert done.report.messages == 2
    assert journal.facts().state is BatchState.LINTED
    journal.set_documents({"template": b"From: me@good.test\nTo: {{ email }}\nSubject: x\n\nHello {{ }\n"})
    with pytest.raises(BatchError) as caught:
        check_batch(journal, now=lambda: NOW)
    assert caught.value.kind is BatchErrorKind.TEMPLATE


def test_what_is_untested_is_for_the_user_to_decide(journal: Journal, composer: ComposerProcess) -> None:
    with pytest.raises(BatchError) as caught:
        prepared(journal, composer)
    assert caught.value.kind is BatchErrorKind.UNTESTED
    plan, told = prepared(journal, composer, untested=True)
    assert isinstance(plan, RunPlan)
    assert told == []
    request = plan.request(None, composer)
    assert (request.path, request.account, request.wait) == (journal.path, "@127.0.0.1", True)


def test_another_template_is_for_the_user_to_decide(journal: Journal, composer: ComposerProcess) -> None:
    template = settings_of(journal.facts()).message.template.path
    template.write_text("From: me@good.test\nTo: {{ email }}\nSubject: y\n\nHello\n")
    with pytest.raises(ChangedError) as caught:
        prepared(journal, composer, untested=True)
    assert (caught.value.kind, caught.value.can_take) == (BatchErrorKind.CHANGED, True)
    assert caught.value.files.keys() == {"template"}
    journal.set_state(BatchState.TESTED, now=NOW)
    # What is taken over was not tested.
    with pytest.raises(BatchError) as untested:
        prepared(journal, composer, changes="take")
    assert (untested.value.kind, journal.facts().state) == (BatchErrorKind.UNTESTED, BatchState.DRAFT)
    assert b"Subject: y" in journal.document("template")


def test_an_edited_profile_is_taken_and_told_while_nothing_was_sent(
    journal: Journal, composer: ComposerProcess
) -> None:
    relay = settings_of(journal.facts()).relay
    edited = relay.model_copy(update={"connection": Connection("127.0.0.2")})
    plan, told = prepared(journal, composer, edited, untested=True)
    assert isinstance(plan, RunPlan)
    assert plan.relay.relay.connection.host == "127.0.0.2"
    assert len(told) == 1
    assert "host 127.0.0.1 → 127.0.0.2" in told[0]
    assert settings_of(journal.facts()).relay.connection.host == "127.0.0.2"


def test_what_is_done_or_cancelled_is_not_run(journal: Journal, composer: ComposerProcess) -> None:
    journal.set_state(BatchState.CANCELLED, now=NOW)
    with pytest.raises(BatchError, match="was cancelled") as caught:
        prepared(journal, composer)
    assert caught.value.kind is BatchErrorKind.STATE


def test_a_test_goes_to_the_tester_alone(journal: Journal) -> None:
    sending = prepare_test(
        journal,
        "me@good.test",
        row=3,
        changes=None,
        read_relay=CurrentRelay,
        shared=journal.path.parent.parent / "shared.sqlite",
        tell=lambda _: None,
    )
    assert [each.address for each in sending.request.envelope.recipients] == ["me@good.test"]
    assert "To: b@good.test" in sending.request.content.decode()
    with pytest.raises(BatchError) as caught:
        prepare_test(
            journal,
            "me@good.test",
            row=9,
            changes=None,
            read_relay=CurrentRelay,
            shared=journal.path.parent.parent / "shared.sqlite",
            tell=lambda _: None,
        )
    assert caught.value.kind is BatchErrorKind.USAGE


def test_a_batch_sent_as_it_was_made_asks_for_the_secret_of_its_own_account(
    journal: Journal, composer: ComposerProcess
) -> None:
    settings = settings_of(journal.facts())
    relay = settings.relay.model_copy(update={"user": "ann", "profile": "office"})
    journal.set_settings(settings.model_copy(update={"relay": relay}).to_json())
    edited = Profile(name="office", host="127.0.0.9", user="bob", limits=ProfileLimits(per_day=7))
    plan = prepare_run(
        journal,
        RunOptions(untested=True, changes="ignore"),
        composer,
        read_relay=lambda kept: relay_of_profile(kept, edited, edited.connection()),
        shared=journal.path.parent.parent / "shared.sqlite",
        tell=lambda _: None,
    )
    assert isinstance(plan, RunPlan)
    profile, connection = plan.relay.profile, plan.relay.relay.connection
    assert profile is not None
    # Else the password of bob would go to the server of ann, said to be hers.
    assert (service_of(profile), profile.user) == (f"smtptui smtp://127.0.0.1:{connection.port}", "ann")
    assert (plan.relay.login.user, plan.limits.per_day) == ("ann", 7)
