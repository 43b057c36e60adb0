"""The app's own themes can be read: every text has at least 4.5 times the luminance of what is behind it (WCAG 2.2,
1.4.3), and outcomes have colours of their own in every theme."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from smtptui.tui.app.theme import OWN_THEMES, outcome_colours
from tests.tui.harness import FixedSandbox, painted, scripted, session

OUTCOMES = ("accepted", "temporary", "permanent", "uncertain")
ON_BACKGROUND = ("foreground", "primary", "muted", *OUTCOMES)


def _luminance(color: Color) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG."""
    high, low = sorted((_luminance(Color.parse(one)), _luminance(Color.parse(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _colours(theme: Theme) -> dict[str, str]:
    return {
        **theme.variables,
        "foreground": str(theme.foreground),
        "background": str(theme.background),
        "primary": theme.primary,
    }


@pytest.mark.parametrize("theme", OWN_THEMES, ids=lambda theme: theme.name)
def test_text_can_be_read_on_all_that_is_behind_it(theme: Theme) -> None:
    colours = _colours(theme)
    pairs = [(text, "background") for text in ON_BACKGROUND]
    pairs += [(text, behind) for text in ("foreground", "muted", "primary") for behind in ("field", "bar")]
    pairs += [(text, behind) for text in ("foreground", "muted", *OUTCOMES) for behind in ("chosen", "chosen-blurred")]
    pairs += [(text, "bar") for text in OUTCOMES]
    # Buttons and the name of the screen: reversed.
    pairs += [("background", "primary"), ("background", "foreground")]
    poor = {
        (text, behind): round(contrast(colours[text], colours[behind]), 2)
        for text, behind in pairs
        if contrast(colours[text], colours[behind]) < 4.5
    }
    assert not poor


@pytest.mark.parametrize("theme", [*OWN_THEMES, *BUILTIN_THEMES.values()], ids=lambda theme: theme.name)
def test_outcomes_have_four_colours_in_every_theme(theme: Theme) -> None:
    colours = {**outcome_colours(theme), **theme.variables}
    assert len({colours[outcome] for outcome in OUTCOMES}) == 4
    if theme.ansi:
        assert all(value.startswith("ansi_") for value in outcome_colours(theme).values())


async def test_every_theme_can_be_chosen() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        for name in pilot.app.available_themes:
            pilot.app.theme = name
            await pilot.pause()
            assert "1 Session" in painted(session(pilot).top)
