"""The view of a long list: what it paints, what it follows, what it costs."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

import smtptui.tui
from smtptui.tui.app.theme import DARK, outcome_colours
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.rows import Ink, Row
from tests.tui.harness import painted, until


class _Store:
    """Counts which rows were asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.dropped = 0
        self.asked: list[int] = []
        self.text = "line {}"

    @property
    def version(self) -> int:
        return self.count

    def __len__(self) -> int:
        return self.count

    def row(self, index: int) -> Row:
        self.asked.append(index)
        return Row(((self.text.format(index + self.dropped), Ink.PLAIN),), "18 ms")


class _App(App[None]):
    CSS_PATH = Path(smtptui.tui.__file__).parent / "app" / "styles.tcss"

    def __init__(self, store: _Store) -> None:
        super().__init__()
        self.store = store

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return outcome_colours(DARK)

    def compose(self) -> ComposeResult:
        yield LineView(empty="nothing yet")
        yield Input()

    def on_mount(self) -> None:
        self.query_one(LineView).show(self.store)


@asynccontextmanager
async def _open(store: _Store, size: tuple[int, int] = (40, 13)) -> AsyncIterator[tuple[Pilot[None], LineView]]:
    app = _App(store)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, app.query_one(LineView)


async def test_it_follows_the_end() -> None:
    store = _Store(100)
    async with _open(store) as (pilot, view):
        await until(pilot, lambda: "line 99 " in painted(view))
        store.count = 200
        await until(pilot, lambda: "line 199 " in painted(view))
        assert view.cursor == 199


async def test_looking_back_is_not_disturbed_by_what_comes() -> None:
    store = _Store(100)
    async with _open(store) as (pilot, view):
        await until(pilot, lambda: "line 99 " in painted(view))
        await pilot.press("up")
        store.count = 150
        await pilot.pause(0.3)
        assert "line 98 " in painted(view)
        assert "line 149 " not in painted(view)
        await pilot.press("down", "end")
        await until(pilot, lambda: "line 149 " in painted(view))
        store.count = 160
        await until(pilot, lambda: "line 159 " in painted(view))


async def test_scrolling_back_to_the_end_follows_again() -> None:
    store = _Store(100)
    async with _open(store) as (pilot, view):
        await until(pilot, lambda: "line 99 " in painted(view))
        view.scroll_relative(y=-5, animate=False)
        await until(pilot, lambda: not view.following)
        store.count = 110
        await pilot.pause(0.3)
        assert "line 109 " not in painted(view)
        view.scroll_to(y=view.max_scroll_y, animate=False)
        await until(pilot, lambda: view.following)
        store.count = 120
        await until(pilot, lambda: "line 119 " in painted(view))


async def test_keys_reach_both_ends_and_move_by_pages() -> None:
    async with _open(_Store(100)) as (pilot, view):
        await pilot.press("g")
        await until(pilot, lambda: "line 0 " in painted(view))
        await pilot.press("pagedown")
        assert 5 < view.cursor < 15
        await pilot.press("j", "k", "pageup")
        assert view.cursor == 0
        await pilot.press("G")
        assert view.cursor == 99


async def test_a_million_lines_cost_what_is_on_screen() -> None:
    store = _Store(1_000_000)
    async with _open(store) as (pilot, view):
        await until(pilot, lambda: "line 999999 " in painted(view))
        await pilot.press("home")
        await until(pilot, lambda: "line 0 " in painted(view))
        assert len(store.asked) < 100, "only painted lines are read"
        assert view.virtual_size.height == 1_000_000


async def test_painted_lines_are_kept() -> None:
    store = _Store(5)
    async with _open(store) as (pilot, view):
        await until(pilot, lambda: "line 4 " in painted(view))
        asked = len(store.asked)
        view.refresh()
        await pilot.press("up", "up")
        await pilot.pause(0.2)
        assert len(store.asked) == asked


async def test_long_and_wide_text_is_cut_at_cells() -> None:
    store = _Store(1)
    store.text = "漢字" * 40 + "{}"
    async with _open(store) as (pilot, view):
        await until(pilot, lambda: "…" in painted(view))
        line = painted(view).splitlines()[0]
        assert line.endswith(("…  18 ms", "…   18 ms"))
        assert line.count("漢") < 10


async def test_an_empty_store_says_so() -> None:
    async with _open(_Store(0)) as (pilot, view):
        await until(pilot, lambda: "nothing yet" in painted(view))
        await pilot.press("up", "down", "home", "end")
        assert view.cursor == 0


async def test_a_store_that_forgets_its_oldest_keeps_the_cursor_on_its_line() -> None:
    store = _Store(100)
    async with _open(store) as (pilot, view):
        await pilot.press("g", "down", "down", "down", "down")
        store.dropped, store.count = 3, 98
        await until(pilot, lambda: view.cursor == 1)
        await until(pilot, lambda: "line 3 " in painted(view))
        assert "line 2 " not in painted(view)


async def test_what_the_mouse_selects_is_what_is_copied() -> None:
    async with _open(_Store(8)) as (pilot, view):
        await until(pilot, lambda: "line 7 " in painted(view))
        await pilot.mouse_down(LineView, offset=(5, 1))
        await pilot.hover(LineView, offset=(6, 3))
        await pilot.mouse_up(LineView, offset=(6, 3))
        selected = pilot.app.screen.get_selected_text()
        assert selected is not None
        lines = selected.splitlines()
        assert lines[0].startswith("1")
        assert lines[1].startswith("line 2")
        assert lines[-1].startswith("line 3"[:6])
        assert len(lines) == 3


async def test_appending_costs_the_same_however_much_is_held() -> None:
    """The work of one look at the store does not grow with the store."""

    async def cost(held: int) -> float:
        store = _Store(held)
        async with _open(store) as (pilot, view):
            await until(pilot, lambda: f"line {held - 1} " in painted(view))
            began = time.process_time()
            for _ in range(40):
                store.count += 400
                view.sync()
                await pilot.pause()
            return time.process_time() - began

    small, large = await cost(1_000), await cost(1_000_000)
    assert large < 3 * small


def test_marks_cut_the_parts_and_lose_nothing() -> None:
    row = Row((("ab", Ink.MUTED), ("cdef", Ink.PLAIN), ("", Ink.MUTED)), "", ((1, 3), (4, 5)))
    assert [piece for piece in row.pieces() if piece[0]] == [
        ("a", Ink.MUTED, False),
        ("b", Ink.MUTED, True),
        ("c", Ink.PLAIN, True),
        ("d", Ink.PLAIN, False),
        ("e", Ink.PLAIN, True),
        ("f", Ink.PLAIN, False),
    ]
    assert list(Row(row.parts).pieces()) == [
        ("ab", Ink.MUTED, False),
        ("cdef", Ink.PLAIN, False),
        ("", Ink.MUTED, False),
    ]
