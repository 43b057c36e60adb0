"""What looks otherwise with the pane that has the focus, or that is open, is styled anew, and nothing is missed."""

import pytest

from tests.tui.harness import FixedSandbox, scripted, session

SIZES = pytest.mark.parametrize("size", [(50, 20), (80, 24), (120, 36)], ids=["small", "80x24", "120x36"])


@SIZES
async def test_nothing_else_looks_otherwise_after_a_move_of_the_focus(size: tuple[int, int]) -> None:
    async with scripted(sandbox=FixedSandbox(), size=size) as pilot:
        for key in ("", "f6", "f6", "f6", "f6", "tab", "shift+tab", "f5", "f6", "2", "f6", "1"):
            if key:
                await pilot.press(key)
            await pilot.pause()
            screen = pilot.app.screen
            before = {widget: widget.styles.css for widget in screen.walk_children()}
            screen.update_node_styles(animate=False)
            changed = [widget for widget, css in before.items() if widget.styles.css != css]
            assert not changed, f"after {key}"


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
