"""That a dialog answers once, however quickly keys are typed."""

from textual import events
from textual.app import App

from smtptui.tui.widgets.question import Question


async def test_a_key_typed_twice_quickly_answers_once() -> None:
    answers: list[str | None] = []
    app: App[None] = App()
    async with app.run_test() as pilot:
        for _ in range(2):
            app.push_screen(Question("Sure?", "text", [("yes", "Yes y", "y")]), answers.append)
            await pilot.pause()
        below = app.screen_stack[-2]
        for _ in range(3):
            app.screen.post_message(events.Key("y", "y"))
        await pilot.pause()
        await pilot.pause()
        assert answers == ["yes"]
        assert app.screen is below
