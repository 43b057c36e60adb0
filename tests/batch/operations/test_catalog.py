"""Names of batches."""

from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.batch import check_name, free_name


def test_after_the_list() -> None:
    assert free_name("members 2026 (final)", []) == "members-2026-final"
    assert free_name("members", ["members", "Members-2"]) == "members-3"
    assert free_name("..", []) == "batch"


@settings(deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=5), max_size=3))
def test_any_file_gives_a_name_that_can_be_used_and_is_free(stem: str, taken: list[str]) -> None:
    name = free_name(stem, taken)
    assert check_name(name) == name
    assert name not in taken
