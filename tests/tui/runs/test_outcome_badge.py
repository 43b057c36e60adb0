"""Badges and colours of outcomes that the screens' own tests do not meet."""

from dataclasses import replace

import pytest

from smtptui.protocol import FailureKind, Reply, Stage
from smtptui.session import Progress, RunState
from smtptui.transcript import Failure, Outcome, RecipientOutcome, ServerFacts, Verdict
from smtptui.tui.runs.outcome_badge import badge, ink_of, mark_of, running_badge
from smtptui.tui.widgets.rows import Ink, fold
from tests.tui.fake_run import STARTED

ACCEPTED = RecipientOutcome("a@example.net", Verdict.ACCEPTED, Stage.DOT)
REFUSED = RecipientOutcome("b@example.net", Verdict.REFUSED, Stage.RCPT)
DONE = Outcome(
    ok=True,
    started=STARTED,
    took=0.252,
    server=ServerFacts("mail.example.org", 25),
    tls=None,
    auth=None,
    recipients=(ACCEPTED,),
    reply=Reply(250, b"250 2.0.0 Ok\r\n", 14),
    queue_id=None,
    failure=None,
)


def _failed(kind: FailureKind, stage: Stage = Stage.RCPT, *recipients: RecipientOutcome) -> Outcome:
    failure = Failure(stage, kind, "Something happened.")
    return replace(DONE, ok=False, failure=failure, reply=None, recipients=recipients or (ACCEPTED,))


def _text(parts: tuple[tuple[str, Ink], ...]) -> str:
    return "".join(text for text, _ in parts)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_failure_has_a_mark_and_no_green(kind: FailureKind) -> None:
    outcome = _failed(kind, Stage.RCPT, replace(ACCEPTED, verdict=Verdict.UNTRIED))
    assert ink_of(outcome) is not Ink.ACCEPTED
    assert mark_of(outcome) in ("!", "✗", "?", "■")
    assert len(_text(badge(outcome))) <= 40


def test_an_outcome_nobody_knows_is_neither_success_nor_failure() -> None:
    outcome = _failed(FailureKind.UNCERTAIN, Stage.DOT, replace(ACCEPTED, verdict=Verdict.UNCERTAIN))
    assert ink_of(outcome) is Ink.UNCERTAIN
    assert _text(badge(outcome)).startswith("? uncertain DOT")


def test_some_accepted_is_counted() -> None:
    outcome = _failed(FailureKind.REFUSED, Stage.RCPT, ACCEPTED, REFUSED)
    assert _text(badge(outcome)).startswith("✗ 1 of 2 accepted")


def test_a_long_upload_tells_share_rate_and_time_left() -> None:
    progress = Progress(RunState.RUNNING, Stage.BODY, None, 50_000_000, 100_000_000, 4.0)
    assert _text(running_badge(progress)) == "… BODY 50% · 11.9 MiB/s · 4000 ms left"
    assert _text(running_badge(replace(progress, total=1000, sent=500))) == "… BODY · 4000 ms"


def test_folding_keeps_every_character_and_the_width() -> None:
    text = "word " * 20 + "漢字" * 20 + "x" * 50
    lines = [line for line, _ in fold([text, "", "short"], 24)]
    assert lines[-2:] == ["", "short"]
    assert "".join("".join(lines).split()) == "".join((text + "short").split())
