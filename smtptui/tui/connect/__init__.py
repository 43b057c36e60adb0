"""The servers one knows: list, editor, presets, the connection rows, and what is asked before a session begins."""

from smtptui.tui.connect.connection_form import ConnectionForm
from smtptui.tui.connect.credential_cache import CredentialCache
from smtptui.tui.connect.presets_picker import PresetsPicker
from smtptui.tui.connect.profile_screen import ProfileScreen
from smtptui.tui.connect.server import Server
from smtptui.tui.connect.server_list import ServerList
from smtptui.tui.connect.server_pane import ServerPane
from smtptui.tui.connect.session_state import SessionState

__all__ = [
    "ConnectionForm",
    "CredentialCache",
    "PresetsPicker",
    "ProfileScreen",
    "Server",
    "ServerList",
    "ServerPane",
    "SessionState",
]
