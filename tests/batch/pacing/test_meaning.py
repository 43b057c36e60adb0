"""What replies seen in public mean: who fails, who is tried again, what is held, when the batch pauses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch.pacing import Action, Consequence, Ground, Scope, consequence
from smtptui.batch.pacing.meaning import prepared_text
from smtptui.protocol import Reply, Stage

_TABLE = Path(__file__).with_name("replies.tsv")
_ACTIONS = {
    "fails": {Action.FAIL},
    "fails by code": {Action.FAIL},
    "defers": {Action.RETRY},
    "holds": {Action.HOLD, Action.SLOW, Action.FEWER},
    "pauses": {Action.PAUSE},
    "unknown": {Action.PAUSE},
    "aside": {Action.ASIDE},
}
THEIRS = (Stage.RCPT, Stage.BODY, Stage.DOT)


def said(text: str, stage: Stage = Stage.RCPT, recipient: str = "ann@b.test", sender: str = "") -> Consequence:
    octets = text.encode() + b"\r\n"
    reply = Reply(int(text[:3]), octets, len(octets))
    return consequence(stage, reply, None, "b.test", recipient=recipient, sender=sender)


def labelled() -> Iterator[tuple[str, Stage, str]]:
    for line in _TABLE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            label, stage, _, text = line.split("\t")
            yield label, Stage(stage), text


def test_replies_seen_in_public_mean_what_their_labels_say() -> None:
    rows = list(labelled())
    assert len(rows) >= 200
    wrong = []
    for label, stage, text in rows:
        follows = said(text, stage, sender="list@good.test")
        by_code = follows.ground is Ground.CODE and follows.action is Action.FAIL
        fits = follows.action in _ACTIONS[label] and by_code is (label == "fails by code")
        if not fits or follows.understood is (label == "unknown"):
            wrong.append((label, follows.action.value, text))
    assert wrong == []


@given(
    code=st.integers(400, 599),
    enhanced=st.none() | st.tuples(st.integers(0, 9), st.integers(0, 30)),
    text=st.text(max_size=80),
    stage=st.sampled_from([*THEIRS, Stage.MAIL, Stage.DATA]),
)
def test_whatever_is_said_a_recipient_fails_only_on_evidence(
    code: int, enhanced: tuple[int, int] | None, text: str, stage: Stage
) -> None:
    words = " ".join(text.split())
    status = f"{str(code)[0]}.{enhanced[0]}.{enhanced[1]} " if enhanced is not None else ""
    follows = said(f"{code} {status}{words}", stage)
    if follows.action is Action.FAIL:
        assert follows.scope is Scope.RECIPIENT
        assert follows.ground is not Ground.NONE
        assert code >= 500
        assert stage in THEIRS
        if follows.ground is Ground.CODE:
            assert (stage, code in (550, 551, 553)) == (Stage.RCPT, True)


@pytest.mark.parametrize(
    "text",
    [
        "550 5.7.1 blocked, see https://user-unknown.test/mailbox-not-found",
        "554 5.7.1 message refused by no.such.user.mailbox.test",
        "554 5.7.1 <mailbox-full@b.test>: service refused",
    ],
)
def test_names_in_a_reply_decide_nothing(text: str) -> None:
    assert said(text).action is not Action.FAIL


def test_a_mailbox_of_an_odd_name_is_still_unknown() -> None:
    for local in ("spam", "blacklist", "dmarc", "relay.denied"):
        recipient = f"{local}@b.test"
        assert said(f"550 5.1.1 <{recipient}>: user unknown", recipient=recipient).action is Action.FAIL
        assert said(f"550 5.1.1 User {local} unknown", recipient=recipient).action is Action.FAIL


def test_a_blocklist_in_a_url_is_evidence_about_us() -> None:
    text = "554 5.7.1 <ann@b.test>: Recipient address rejected: https://www.spamhaus.org/query/ip/192.0.2.1"
    assert said(text).action is Action.PAUSE


def test_an_unknown_user_who_is_the_sender_is_not_the_recipient() -> None:
    text = "550 5.1.1 <list@good.test>: User unknown"
    assert said(text, sender="list@good.test").action is Action.PAUSE
    assert said(text.replace("list@good", "ann@b"), sender="list@good.test").action is Action.FAIL
    # Who writes to themselves is the recipient as well.
    assert said(text, sender="list@good.test", recipient="list@good.test").action is Action.FAIL


def test_what_another_server_told_the_relay_holds_that_destination_alone() -> None:
    text = "550 5.7.1 undeliverable: host mx.b.test said: 554 Client host [192.0.2.1] blocked using zen.spamhaus.org"
    follows = said(text)
    assert (follows.scope, follows.action) == (Scope.DESTINATION, Action.HOLD)


def test_content_is_refused_only_once_the_server_has_seen_it() -> None:
    text = "554 5.7.1 Message rejected as spam"
    assert said(text, Stage.DOT).action is Action.ASIDE
    assert said(text, Stage.RCPT).action is Action.PAUSE


@given(st.text(max_size=300), st.emails(), st.emails())
def test_any_text_can_be_prepared(text: str, recipient: str, sender: str) -> None:
    prepared = prepared_text(text, recipient, sender)
    assert prepared == " ".join(prepared.split())


def test_a_pause_ends_with_what_to_do() -> None:
    follows = said("550 5.7.26 Unauthenticated mail is not accepted")
    assert follows.reason.endswith("then resume.")
    assert said("599 what").reason.endswith("then resume")


def test_the_senders_name_before_a_colon_is_not_the_recipients() -> None:
    assert said("550 me: no such user", sender="me@x.test").action is Action.PAUSE
    assert said("550 ann: no such user", sender="me@x.test").action is Action.FAIL
    assert said("550 ann: no such user", sender="ann@x.test").action is Action.FAIL


@given(subject=st.sampled_from(("sender", "return address", "Absender", "mittente", "отправитель", "发件人", "送信者")))
def test_a_missing_mailbox_of_the_sender_fails_no_recipient(subject: str) -> None:
    for code in ("550", "553", "554 5.7.1", "550 5.1.1"):
        assert said(f"{code} {subject}: mailbox unavailable").action is Action.PAUSE
        assert said(f"{code} mailbox of the {subject} is full").action is Action.PAUSE


def test_what_is_temporary_about_the_sender_is_tried_again_and_never_counts_against_the_recipient() -> None:
    for text in ("451 Callout to sender failed: mailbox unavailable", "450 4.7.1 sender mailbox is full, user unknown"):
        follows = said(text, sender="list@good.test")
        assert (follows.action in (Action.RETRY, Action.HOLD), follows.ground) == (True, Ground.NONE), text
