"""The app's own themes: a blue accent, and colours that belong to outcomes alone."""

from textual.theme import Theme

_DARK = {
    "accepted": "#8fd07f",
    "temporary": "#e9c46a",
    "permanent": "#ff7b7b",
    "uncertain": "#cf9bff",
    "muted": "#9ca3af",
    "field": "#20242c",
    "bar": "#262b35",
    "chosen": "#1e3a57",
    "chosen-blurred": "#262b35",
    "edge": "#454c59",
}
_LIGHT = {
    "accepted": "#1d6b1a",
    "temporary": "#7a5600",
    "permanent": "#b3141d",
    "uncertain": "#7526b0",
    "muted": "#565d69",
    "field": "#e4e7ec",
    "bar": "#d8dde5",
    "chosen": "#c4ddf5",
    "chosen-blurred": "#d8dde5",
    "edge": "#a3abb8",
}

_ANSI_DARK = {
    "accepted": "ansi_green",
    "temporary": "ansi_yellow",
    "permanent": "ansi_bright_red",
    "uncertain": "ansi_magenta",
    "muted": "ansi_white",
    "field": "ansi_default",
    "bar": "ansi_default",
    "chosen": "ansi_blue",
    "chosen-blurred": "ansi_default",
    "edge": "ansi_bright_black",
}
_ANSI_LIGHT = {
    **_ANSI_DARK,
    "permanent": "ansi_red",
    "muted": "ansi_default",
    "chosen": "ansi_cyan",
    "edge": "ansi_white",
}

DARK = Theme(
    name="smtptui",
    primary="#5fb0f0",
    secondary="#4a86b8",
    accent="#5fb0f0",
    warning=_DARK["temporary"],
    error=_DARK["permanent"],
    success=_DARK["accepted"],
    foreground="#e6e8ec",
    background="#14161b",
    surface="#14161b",
    panel="#262b35",
    variables={
        **_DARK,
        "footer-background": _DARK["bar"],
        "footer-key-foreground": "#5fb0f0",
        "footer-description-foreground": "#e6e8ec",
        "block-cursor-background": "#5fb0f0",
        "block-cursor-foreground": "#0d1116",
        "scrollbar": "#3a5674",
        "scrollbar-hover": "#4a6f96",
        "scrollbar-active": "#5fb0f0",
        "scrollbar-background": "#1a1d24",
        "scrollbar-background-hover": "#1a1d24",
        "scrollbar-background-active": "#1a1d24",
        "input-selection-background": "#5fb0f0 35%",
    },
)
LIGHT = Theme(
    name="smtptui-light",
    primary="#0b62ad",
    secondary="#3c7ab0",
    accent="#0b62ad",
    warning=_LIGHT["temporary"],
    error=_LIGHT["permanent"],
    success=_LIGHT["accepted"],
    foreground="#1b1f26",
    background="#f6f7f9",
    surface="#f6f7f9",
    panel="#d8dde5",
    dark=False,
    variables={
        **_LIGHT,
        "footer-background": _LIGHT["bar"],
        "footer-key-foreground": "#0b62ad",
        "footer-description-foreground": "#1b1f26",
    },
)


OWN_THEMES = (DARK, LIGHT)


def outcome_colours(theme: Theme) -> dict[str, str]:
    """The variables the stylesheet needs and other themes lack; in a theme of 16 colours they are of these."""
    if theme.ansi:
        return dict(_ANSI_DARK if theme.dark else _ANSI_LIGHT)
    colours = dict(_DARK if theme.dark else _LIGHT)
    if theme.surface and theme.panel:
        colours |= {"field": theme.surface, "bar": theme.panel, "chosen-blurred": theme.panel}
    return colours
