"""The widgets that hold several words on one line: tabs and ticks, by keyboard and mouse."""

from textual.app import App, ComposeResult

from smtptui.tui.app.theme import DARK
from smtptui.tui.widgets.tab_row import TabRow
from smtptui.tui.widgets.ticks import Ticks


class Words(App[None]):
    """One of each."""

    CSS = "TabRow, Ticks { width: auto; height: 1; }"

    def compose(self) -> ComposeResult:
        yield TabRow((("a", "First"), ("b", "Second"), ("c", "Third")), id="tabs")
        yield Ticks("one", "two", "none", alone=["none"], id="ticks")

    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.theme = DARK.name
        self.query_one(TabRow).focus()


async def test_tabs_switch_and_stop_at_the_ends() -> None:
    app = Words()
    async with app.run_test() as pilot:
        tabs = app.query_one(TabRow)
        await pilot.press("left")
        assert tabs.current == "a"
        await pilot.press("right", "right", "right")
        assert tabs.current == "c"
        await pilot.press("home")
        assert tabs.current == "a"
        await pilot.press("end")
        assert tabs.current == "c"
        tabs.current = "nonsense"
        assert tabs.current == "c"


async def test_a_count_stands_after_its_title_and_a_click_finds_the_tab_all_the_same() -> None:
    app = Words()
    async with app.run_test() as pilot:
        tabs = app.query_one(TabRow)
        tabs.count({"a": "12", "b": ""})
        await pilot.pause()
        assert tabs.render().plain == " First 12  Second  Third "
        await pilot.click(TabRow, offset=(12, 0))
        assert tabs.current == "b"


async def test_ticks_are_set_and_cleared_and_one_stands_alone() -> None:
    app = Words()
    async with app.run_test() as pilot:
        ticks = app.query_one(Ticks)
        ticks.focus()
        await pilot.press("space", "right", "enter")
        assert ticks.value == {"one", "two"}
        assert ticks.render().plain.split("  ")[:3] == ["[x] one", "[x] two", "[ ] none"]
        await pilot.press("right", "right", "space")
        assert ticks.value == {"none"}
        await pilot.click(Ticks, offset=(1, 0))
        assert ticks.value == {"one"}
        await pilot.press("space")
        assert ticks.value == set()
        ticks.choose(["two", "nonsense"])
        assert ticks.value == {"two"}
