"""A choice among words, and the number of one's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from smtptui.tui.widgets.choice import Choice
from tests.tui.harness import painted


class _App(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def compose(self) -> ComposeResult:
        yield Choice("25", "465", "587", value="25", other=True)
        yield Input()

    def on_choice_changed(self, event: Choice.Changed) -> None:
        self.seen.append(event.value)


@asynccontextmanager
async def _open() -> AsyncIterator[tuple[Pilot[None], Choice, list[str]]]:
    app = _App()
    async with app.run_test(size=(60, 5)) as pilot:
        yield pilot, app.query_one(Choice), app.seen


async def test_arrows_change_the_value_and_stop_at_the_ends() -> None:
    async with _open() as (pilot, choice, seen):
        assert "[25] 465  587  other" in painted(choice)
        await pilot.press("left", "right", "right")
        assert choice.value == "587"
        assert "[587]" in painted(choice)
        await pilot.press("home")
        assert choice.value == "25"
        assert seen == ["465", "587", "25"]


async def test_digits_make_a_number_of_ones_own() -> None:
    async with _open() as (pilot, choice, _):
        await pilot.press("2", "5", "2", "6")
        assert choice.value == "2526"
        assert "[other 2526]" in painted(choice)
        await pilot.press("backspace", "backspace", "backspace", "backspace")
        assert choice.value == ""
        assert "[other …]" in painted(choice)
        await pilot.press(*"123456")
        assert choice.value == "12345", "a port has five digits at most"


async def test_typing_an_option_chooses_it_and_a_new_visit_begins_anew() -> None:
    async with _open() as (pilot, choice, _):
        await pilot.press(*"587")
        assert "[587]" in painted(choice)
        await pilot.press("tab", "shift+tab", "2", "6")
        assert choice.value == "26"


async def test_the_number_is_kept_while_looking_at_the_options() -> None:
    async with _open() as (pilot, choice, _):
        await pilot.press(*"2526", "left", "right")
        assert choice.value == "2526"
        await pilot.press("left", *"99")
        assert choice.value == "99", "digits after an arrow begin a new number"


async def test_it_is_one_focus_stop() -> None:
    async with _open() as (pilot, choice, _):
        assert choice.has_focus
        await pilot.press("tab")
        assert pilot.app.query_one(Input).has_focus


async def test_a_click_chooses() -> None:
    async with _open() as (pilot, choice, _):
        await pilot.click(Choice, offset=(5, 0))
        assert choice.value == "465"


async def test_a_value_that_is_none_of_the_options_is_refused_where_there_is_no_room() -> None:
    with pytest.raises(ValueError, match="none of a, b"):
        Choice("a", "b", value="a").choose("c")
