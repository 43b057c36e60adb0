"""Every key of the app in one table; the footer, the help screen and the palette are made from it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from textual.binding import Binding, BindingType

Footer = Literal[0, 1, 2]
"""Whether the footer shows a key: 0 never, 1 when it does something, 2 if there is room left."""


class Where(StrEnum):
    """Where a key works."""

    APP = "Everywhere"
    SESSION = "Session"
    MESSAGE = "Message"
    HEADERS = "Headers"
    FILES = "Attachments"
    LOG = "Log"
    CAUGHT = "Sandbox"
    LIST = "Any list"


@dataclass(frozen=True, slots=True)
class Key:
    """One thing a key does. ``keys`` are alternatives; the first is the one that is shown. Without any the palette
    alone does it."""

    id: str
    keys: tuple[str, ...]
    action: str
    label: str
    """What the footer says; one word."""
    description: str
    """What the help and the palette say."""
    where: Where
    footer: Footer = 0
    priority: bool = False
    palette: bool = True
    shown: str = ""
    """How the key is written; empty for its own name."""

    @property
    def display(self) -> str:
        """How the footer and the help write the key."""
        if self.shown or not self.keys:
            return self.shown
        first = (self.keys or ("",))[0].replace("ctrl+", "^")
        return first.upper() if first[:1] == "f" and first[1:].isdigit() else first


KEYS: tuple[Key, ...] = (
    Key("help", ("f1", "question_mark"), "help", "Help", "Show every key", Where.APP, footer=1),
    Key("servers", ("f2",), "servers", "Servers", "Go to the list of servers", Where.SESSION, footer=1),
    Key("send", ("f5", "ctrl+r"), "send", "Send", "Send the message", Where.SESSION, footer=1),
    Key("cancel", ("ctrl+c",), "cancel", "Stop", "Cancel the session that runs", Where.SESSION, footer=1),
    Key(
        "pane",
        ("f6",),
        "next_pane",
        "Pane",
        "Go to the next pane",
        Where.APP,
        footer=1,
        # A text area has a key F6 of its own.
        priority=True,
    ),
    Key("session", ("1",), "mode('session')", "Session", "Go to the Session screen", Where.APP, footer=1),
    Key("sandbox", ("2",), "mode('sandbox')", "Sandbox", "Go to the Sandbox screen", Where.APP, footer=1),
    Key(
        "details",
        ("enter",),
        "details",
        "More",
        "Show the whole of a command or reply",
        Where.LOG,
        footer=1,
        shown="enter",
    ),
    Key("find", ("slash", "ctrl+f"), "find", "Find", "Find a text in the transcript", Where.LOG, footer=1, shown="/"),
    Key("copy-line", ("y",), "copy_line", "Copy", "Copy the current line", Where.LOG, footer=2),
    Key("copy-all", ("Y", "shift+y"), "copy_all", "Copy all", "Copy all that is shown", Where.LOG),
    Key("filter", ("f",), "filter", "Filter", "Show only some of the transcript, or all again", Where.LOG, footer=2),
    Key("wrap", ("w",), "wrap", "Wrap", "Fold long lines, or cut them", Where.LOG, footer=2),
    Key("next-hit", ("n",), "step(1)", "Next", "To the next place found", Where.LOG),
    Key("previous-hit", ("N", "shift+n"), "step(-1)", "Previous", "To the previous place found", Where.LOG),
    Key("close-bar", ("escape",), "close_bar", "Close", "End the search, or show all again", Where.LOG),
    Key(
        "previous-tab",
        ("left_square_bracket", "left"),
        "tab(-1)",
        "Tab",
        "To the tab at the left",
        Where.LOG,
        palette=False,
        shown="[ ←",
    ),
    Key(
        "next-tab",
        ("right_square_bracket", "right"),
        "tab(1)",
        "Tab",
        "To the tab at the right",
        Where.LOG,
        palette=False,
        shown="] →",
    ),
    Key("show-transcript", (), "show_tab('transcript-tab')", "Transcript", "Show the transcript", Where.LOG),
    Key("show-tls", (), "show_tab('tls')", "TLS", "Show TLS and certificates", Where.LOG),
    Key("show-capabilities", (), "show_tab('capabilities')", "Capabilities", "Show what the server offers", Where.LOG),
    Key("show-timing", (), "show_tab('timing')", "Timing", "Show where the time went", Where.LOG),
    Key("save", ("s",), "save", "Save", "Save the transcript to a file", Where.LOG, footer=2),
    Key("more-recipients", (), "more", "Cc", "Fill in Cc, Bcc and Reply-To", Where.MESSAGE),
    Key("tab-message", (), "tab('message')", "Message", "Go to the message's text", Where.MESSAGE),
    Key("tab-envelope", (), "tab('envelope')", "Envelope", "Go to the envelope: MAIL and RCPT", Where.MESSAGE),
    Key("tab-headers", (), "tab('headers')", "Headers", "Go to the header fields", Where.MESSAGE),
    Key("tab-files", (), "tab('files')", "Files", "Go to the attachments", Where.MESSAGE),
    Key("tab-options", (), "tab('options')", "Options", "Go to the options: DSN, encoding, early exit", Where.MESSAGE),
    Key(
        "header-up",
        ("shift+up",),
        "move_header(-1)",
        "Up",
        "Move the header field up",
        Where.HEADERS,
        shown="shift ↑",
    ),
    Key(
        "header-down",
        ("shift+down",),
        "move_header(1)",
        "Down",
        "Move the header field down",
        Where.HEADERS,
        shown="shift ↓",
    ),
    Key(
        "header-remove",
        ("shift+delete",),
        "remove_header",
        "Remove",
        "Remove the header field",
        Where.HEADERS,
        footer=1,
        shown="⇧del",
    ),
    Key("attach", ("a",), "attach", "Attach", "Attach a file", Where.FILES, footer=1),
    Key(
        "file-edit",
        ("enter",),
        "edit_file",
        "Change",
        "Change the attachment's name, type or place",
        Where.FILES,
        footer=1,
        shown="enter",
    ),
    Key("file-inline", ("i",), "inline_file", "Inline", "Show the file inline, or attach it", Where.FILES, footer=2),
    Key("file-remove", ("d", "delete"), "remove_file", "Remove", "Remove the attachment", Where.FILES, footer=1),
    Key("open", ("o",), "open", "Open", "Open a saved transcript", Where.LOG),
    Key("past", ("r",), "past", "Sessions", "Go back to an earlier session of this sitting", Where.LOG),
    Key("pager", ("f3",), "pager", "Pager", "Show the transcript in $PAGER", Where.LOG),
    Key("view", ("v",), "view", "View", "Switch between parsed and raw", Where.CAUGHT, footer=1),
    Key("palette", ("ctrl+p", "colon"), "command_palette", "All", "Find any action by name", Where.APP, footer=1),
    Key(
        "interrupt",
        ("ctrl+c",),
        "interrupt",
        "Copy",
        "Copy the selection, else cancel",
        Where.APP,
        palette=False,
    ),
    Key("quit", ("ctrl+q",), "quit", "Quit", "Leave smtptui", Where.APP, priority=True),
    Key("up", ("up", "k"), "cursor(-1)", "Up", "One line up", Where.LIST, palette=False, shown="↑ k"),
    Key("down", ("down", "j"), "cursor(1)", "Down", "One line down", Where.LIST, palette=False, shown="↓ j"),
    Key("page-up", ("pageup",), "page(-1)", "Page up", "One page up", Where.LIST, palette=False, shown="PgUp"),
    Key("page-down", ("pagedown",), "page(1)", "Page down", "One page down", Where.LIST, palette=False, shown="PgDn"),
    Key("top", ("home", "g"), "top", "Top", "To the first line", Where.LIST, palette=False, shown="Home g"),
    Key(
        "end",
        ("end", "G", "shift+g"),
        "end",
        "End",
        "To the last line, and follow what comes",
        Where.LIST,
        palette=False,
        shown="End G",
    ),
)
"""The registry. The footer keeps this order."""

FOOTER_LIMIT = 8
"""Most entries a footer shows at once."""


def bindings(where: Where) -> list[BindingType]:
    """What Textual needs to know of the keys that work at ``where``."""
    return [
        Binding(
            ",".join(key.keys),
            key.action,
            key.description,
            show=False,
            key_display=key.display,
            priority=key.priority,
            id=key.id,
        )
        for key in KEYS
        if key.where is where and key.keys
    ]
