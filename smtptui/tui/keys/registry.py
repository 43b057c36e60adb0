"""Every key of the app in one table; the footer, the help screen and the palette are made from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from textual.binding import Binding, BindingType

from smtptui.tui.keys.names import shown, types

Footer = Literal[0, 1, 2]
"""Whether the footer shows a key: 0 never, 1 when it does something, 2 if there is room left."""


class Where(StrEnum):
    """Where a key works."""

    APP = "Everywhere"
    SESSION = "Session"
    PROFILES = "Profiles"
    CONNECTION = "Connection"
    EDITOR = "Profile editor"
    MESSAGE = "Message"
    HEADERS = "Headers"
    FILES = "Attachments"
    LOG = "Log"
    CAUGHT = "Sandbox"
    LIST = "Any list"


_AROUND = {
    Where.SESSION: Where.APP,
    Where.CAUGHT: Where.APP,
    Where.EDITOR: Where.APP,
    Where.HEADERS: Where.MESSAGE,
    Where.FILES: Where.MESSAGE,
}
"""The place around a place, where it is not the Session screen."""


def within(where: Where) -> frozenset[Where]:
    """The place and those around it, whose keys work there too. Lists are wherever there are lists."""
    places = [where]
    while places[-1] not in (Where.APP, Where.LIST):
        places.append(_AROUND.get(places[-1], Where.SESSION))
    return frozenset(places)


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
    """Whether it works in dialogs too, and before a field gets it; not for a key that writes a character."""
    palette: bool = True
    at_times: bool = False
    """Whether the palette has it only while it can be done: what the end of a session offers."""
    shown: str = ""
    """How the key is written; empty for its own name."""

    @property
    def display(self) -> str:
        """How the footer and the help write the key."""
        if self.shown or not self.keys:
            return self.shown
        return shown(self.keys[0]).replace("ctrl+", "^")


KEYS: tuple[Key, ...] = (
    Key("help", ("f1", "question_mark"), "help", "Help", "Show help and every key", Where.APP, footer=1, priority=True),
    Key("profiles", ("f2",), "profiles", "Profiles", "Go to the list of profiles", Where.SESSION, footer=1),
    Key("send", ("f5", "ctrl+r"), "send", "Send", "Send the message", Where.SESSION, footer=1),
    Key(
        "send-left",
        (),
        "only_left",
        "Left",
        "Put those who are left into the envelope",
        Where.SESSION,
        palette=False,
        at_times=True,
    ),
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
    Key("profile-add", ("a",), "add", "Add", "Add a profile", Where.PROFILES, footer=1),
    Key("profile-edit", ("e",), "edit", "Edit", "Edit the profile under the cursor", Where.PROFILES, footer=1),
    Key(
        "profile-test",
        ("t",),
        "test",
        "Test",
        "Test a profile: connect, log in, send nothing",
        Where.PROFILES,
        footer=1,
    ),
    Key("profile-copy", ("c",), "copy", "Copy", "Copy the profile under the cursor", Where.PROFILES),
    Key("profile-remove", ("d", "delete"), "remove", "Remove", "Remove the profile under the cursor", Where.PROFILES),
    Key("profile-password", ("p",), "password", "Password", "Set or forget a profile's password", Where.PROFILES),
    Key("presets", ("n",), "presets", "Presets", "Start from a provider's preset", Where.PROFILES, footer=2),
    Key("profiles-by-hand", ("f4",), "by_hand", "Editor", "Edit profiles.yaml in $EDITOR", Where.PROFILES),
    Key("faults", ("x",), "faults", "Faults", "Show what is wrong in profiles.yaml", Where.PROFILES),
    Key(
        "connection-details",
        ("ctrl+t",),
        "details",
        "Details",
        "Set CA file, certificate, SNI, EHLO …",
        Where.CONNECTION,
        footer=2,
    ),
    Key(
        "connection-save",
        ("ctrl+s",),
        "save_profile",
        "Save",
        "Save the connection as a profile",
        Where.CONNECTION,
        footer=2,
    ),
    Key("connection-revert", (), "revert", "Revert", "Back to the profile as it is kept", Where.CONNECTION),
    Key("connection-former", (), "former", "Before", "Bring back the connection before this one", Where.CONNECTION),
    Key("connection-secret", (), "secret", "Secret", "Choose where the secret comes from", Where.CONNECTION),
    Key("connection-test", (), "test", "Test", "Test the connection: log in, send nothing", Where.CONNECTION),
    Key("tls-follow", ("backspace",), "tls_follow", "By port", "Let TLS follow the port again", Where.CONNECTION),
    Key("editor-save", ("ctrl+s", "f5"), "save", "Save", "Save the profile", Where.EDITOR, palette=False),
    Key("editor-presets", ("f2",), "presets", "Presets", "Start from a provider's preset", Where.EDITOR, palette=False),
    Key("editor-back", ("escape",), "back", "Back", "Leave the editor", Where.EDITOR, palette=False, shown="esc"),
    Key("mend", ("p",), "mend", "Password", "Give another user or password", Where.SESSION, footer=1),
    Key("session", ("1",), "mode('session')", "Session", "Go to the Session screen", Where.APP),
    Key("sandbox", ("2",), "mode('sandbox')", "Sandbox", "Go to the Sandbox screen", Where.APP),
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
    Key("draft-save", ("ctrl+s",), "save_draft", "Draft", "Save the message as a draft (.eml)", Where.MESSAGE),
    Key("draft-open", ("ctrl+o",), "open_draft", "Open", "Open a draft (.eml)", Where.MESSAGE),
    Key("draft-new", (), "new_draft", "New", "Begin a new message", Where.MESSAGE),
    Key("message-whole", (), "open_whole", "Whole", "Send a message file (.eml) as it is", Where.MESSAGE),
    Key("attach-any", (), "attach", "Attach", "Attach a file", Where.MESSAGE),
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
        footer=2,
        shown="⇧del",
    ),
    Key("attach", ("a",), "attach", "Attach", "Attach a file", Where.FILES, footer=1, palette=False),
    Key(
        "file-edit",
        ("enter",),
        "edit_file",
        "Change",
        "Change the attachment's name, type or place",
        Where.FILES,
        footer=2,
        shown="enter",
    ),
    Key("file-inline", ("i",), "inline_file", "Inline", "Show the file inline, or attach it", Where.FILES, footer=2),
    Key("file-remove", ("d", "delete"), "remove_file", "Remove", "Remove the attachment", Where.FILES, footer=2),
    Key("editor", ("f4",), "editor", "Editor", "Edit the text in $EDITOR", Where.MESSAGE, footer=2),
    Key(
        "preview",
        ("f3",),
        "preview",
        "Preview",
        "Show the message as its recipient sees it",
        Where.MESSAGE,
        footer=2,
    ),
    Key("open", ("o",), "open", "Open", "Open a saved transcript", Where.LOG),
    Key("past", ("r",), "past", "Sessions", "Go back to an earlier session of this sitting", Where.LOG),
    Key("pager", ("f3",), "pager", "Pager", "Show the transcript in $PAGER", Where.LOG),
    Key("view", ("v",), "view", "View", "Switch between parsed and raw", Where.CAUGHT, footer=1),
    Key("jump", ("ctrl+g",), "jump", "Jump", "Jump to a field by its letter", Where.APP, footer=2, priority=True),
    Key("start-sandbox", (), "start_sandbox", "Sandbox", "Start the sandbox on this machine", Where.APP),
    Key("welcome", (), "welcome", "Welcome", "Show ways to begin", Where.APP),
    Key("theme", (), "change_theme", "Theme", "Change the theme", Where.APP),
    Key("settings", (), "settings", "Settings", "Show what is wrong with the settings", Where.APP),
    Key(
        "palette",
        ("ctrl+p", "colon"),
        "command_palette",
        "All",
        "Find any action by name",
        Where.APP,
        footer=1,
        priority=True,
    ),
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
    found: list[BindingType] = []
    for key in KEYS:
        if key.where is where:
            for name, keys in shares(key.id, key.keys).items():
                priority = key.priority and not name.endswith(_TYPED)
                found.append(Binding(keys, key.action, key.description, show=False, priority=priority, id=name))
    return found


def shares(id: str, keys: Sequence[str]) -> dict[str, str]:
    """The keys by the ids of the bindings that Textual gets for them.

    Those that write a character have one of their own, since they must not come before a field. Each has also a
    key that no terminal sends: Textual forgets what a field would write before it looks at its keymap, and would
    not find an action there that has no other key.
    """
    typed = [key for key in keys if types(key)]
    others = [key for key in keys if not types(key)]
    return {
        id: ",".join([*others, f"{_UNSENT}{id}"]),
        f"{id}{_TYPED}": ",".join([*typed, f"{_UNSENT}{id}{_TYPED}"]),
    }


def key_id(binding: Binding) -> str:
    """The id in the registry of what a binding does; empty for one that is not from there."""
    return (binding.id or "").removesuffix(_TYPED)


def is_sent(key: str) -> bool:
    """Whether a terminal can send a key: not one of those that only stand in for none."""
    return not key.startswith(_UNSENT)


_TYPED = ".typed"
_UNSENT = "unsent-"


@runtime_checkable
class Remapped(Protocol):
    """An app with the user's keys."""

    keys: tuple[Key, ...]


def keys_of(app: object) -> tuple[Key, ...]:
    """The registry as it holds in an app."""
    return app.keys if isinstance(app, Remapped) else KEYS
