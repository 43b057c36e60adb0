"""What looks otherwise with the pane that has the focus, or that is open, is styled anew, and nothing is missed."""

from typing import Any

import pytest
from textual.screen import Screen

from smtptui.tui.sandbox.sandbox_screen import SandboxScreen
from smtptui.tui.session.session_screen import SessionScreen
from tests.tui.harness import FixedSandbox, scripted, session, until

SIZES = pytest.mark.parametrize("size", [(50, 20), (80, 24), (120, 36)], ids=["small", "80x24", "120x36"])


def _styled_as_it_should_be(screen: Screen[Any]) -> None:
    before = {widget: widget.styles.css for widget in screen.walk_children()}
    screen.update_node_styles(animate=False)
    assert not [widget for widget, css in before.items() if widget.styles.css != css]


@SIZES
async def test_nothing_else_looks_otherwise_after_a_move_of_the_focus(size: tuple[int, int]) -> None:
    visited = set()
    async with scripted(sandbox=FixedSandbox(), size=size) as pilot:
        for key in ("", "f6", "f6", "f6", "f6", "tab", "shift+tab", "f5", "2", "f6", "1"):
            if key:
                await pilot.press(key)
            await pilot.pause()
            _styled_as_it_should_be(pilot.app.screen)
            visited.add(type(pilot.app.screen))
    assert visited == {SessionScreen, SandboxScreen}


async def test_another_theme_and_another_size_reach_a_screen_that_was_away() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(120, 36)) as pilot:
        await pilot.press("f6", "2")
        await until(pilot, lambda: isinstance(pilot.app.screen, SandboxScreen))
        pilot.app.theme = "textual-light"
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: pilot.app.screen.has_class("-narrow", "-low"))
        await pilot.press("1")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))
        await until(pilot, lambda: pilot.app.screen.has_class("-narrow", "-low"))
        assert not pilot.app.screen.has_class("-wide")
        _styled_as_it_should_be(pilot.app.screen)


async def test_one_pane_has_the_focus_and_none_while_the_terminal_has_not() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        screen = session(pilot)

        def marked() -> list[str | None]:
            return [pane.id for pane in screen.query(".-here")]

        assert marked() == ["message"]
        await pilot.press("f6")
        assert marked() == ["transcript"]
        await pilot.press("f2")
        assert marked() == ["servers"]
        screen.set_focus(None)
        assert marked() == []
        screen.connection.host.focus()
        await pilot.pause()
        assert marked() == ["connection"]
