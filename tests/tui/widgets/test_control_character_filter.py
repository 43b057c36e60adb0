"""No control character that a file or a server has chosen reaches the terminal, whatever widget shows it."""

from typing import cast

from rich.segment import Segment
from textual._compositor import CompositorUpdate
from textual.color import Color

from smtptui.message import Draft
from smtptui.tui.widgets.control_character_filter import ControlCharacterFilter
from tests.tui.harness import TUI, scripted, session, until

EVIL = "evil\x1b]0;title\x07\x9b31m\u202eend"


def sent_to_terminal(pilot: TUI) -> str:
    """All that a terminal would get for the screen in front."""
    screen = pilot.app.screen
    update = cast(CompositorUpdate, screen._compositor.render_update(full=True))
    return update.render_segments(pilot.app.console)


async def test_fields_and_notes_pass_no_escape_on() -> None:
    async with scripted() as pilot:
        session(pilot).message.fill(Draft(sender="a@example.org", subject=EVIL, text=EVIL))
        session(pilot).outcome.refused(EVIL)
        session(pilot).notify(EVIL, markup=False)
        await until(pilot, lambda: sent_to_terminal(pilot).count("evil") == 4)
        painted = sent_to_terminal(pilot)
        assert "\x1b]0;title" not in painted
        assert "\x9b" not in painted
        assert "\u202e" not in painted
        assert "]0;title31mend" in painted, "what is left can be read"


def test_a_line_keeps_its_width_and_its_style() -> None:
    plain = [Segment("all is well", None)]
    assert ControlCharacterFilter().apply(plain, Color(0, 0, 0)) is plain
    odd = Segment("a\x1bb\udc80c\x85d", None)
    (kept,) = ControlCharacterFilter().apply([odd], Color(0, 0, 0))
    assert kept.cell_length == odd.cell_length
    assert kept.text.isprintable()
    assert kept.text.replace("\N{REPLACEMENT CHARACTER}", "") == "abcd"
