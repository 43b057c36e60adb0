"""The exit code of what a run came to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch import Conclusion, EndKind, RecipientState, Tally
from smtptui.cli.batch.run import CODES, exit_code
from smtptui.cli.exitcodes import ExitCode
from tests.batch.operations.test_conclusion import tally


@pytest.mark.parametrize(
    ("counts", "kind", "code"),
    [
        ({"sent": 9, "skipped": 2, "suppressed": 1}, EndKind.DONE, 0),
        ({"sent": 9, "failed": 1}, EndKind.DONE, 69),
        ({"sent": 9, "failed": 1, "deferred": 1}, EndKind.TEMPORARY, 75),
        ({"sent": 9, "pending": 1}, EndKind.INTERRUPTED, 75),
        ({"sent": 9, "pending": 1}, EndKind.CANCELLED, 75),
        ({"sent": 9, "uncertain": 1, "deferred": 1, "failed": 1}, EndKind.DONE, 76),
        ({"pending": 9, "uncertain": 1}, EndKind.AUTH, 77),
        ({"pending": 9}, EndKind.TLS, 76),
        ({"pending": 9}, EndKind.CONFIGURATION, 78),
        ({"pending": 9}, EndKind.JOURNAL, 74),
        ({"pending": 9, "uncertain": 1}, EndKind.JOURNAL, 76),
        ({"pending": 9, "failed": 3}, EndKind.REFUSED, 75),
    ],
)
def test_the_code_of_an_end(counts: dict[str, int], kind: EndKind, code: int) -> None:
    assert exit_code(tally(**counts), kind) == code


@given(st.dictionaries(st.sampled_from(RecipientState), st.integers(0, 3)), st.sampled_from(EndKind))
def test_only_a_batch_that_is_all_sent_is_well(counts: dict[RecipientState, int], kind: EndKind) -> None:
    bad = set(RecipientState) - {RecipientState.SENT, RecipientState.SKIPPED, RecipientState.SUPPRESSED}
    well = not any(counts.get(state, 0) for state in bad) and kind is EndKind.DONE
    assert (exit_code(Tally(counts), kind) == 0) is well


def test_every_conclusion_has_a_code() -> None:
    assert {name: ExitCode[code] for name, code in CODES.items()}.keys() == {each.name for each in Conclusion}
