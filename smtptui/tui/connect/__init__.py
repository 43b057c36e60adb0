"""To which server, as whom: profiles, connection rows, consent, secret, login test, joined by a controller."""

from smtptui.tui.connect.connection_controller import ConnectionController
from smtptui.tui.connect.connection_form import ConnectionForm
from smtptui.tui.connect.presets_picker import PresetsPicker
from smtptui.tui.connect.server import Server
from smtptui.tui.connect.server_list import ServerList
from smtptui.tui.connect.server_pane import ServerPane
from smtptui.tui.connect.session_state import CredentialCache, SessionState

__all__ = [
    "ConnectionController",
    "ConnectionForm",
    "CredentialCache",
    "PresetsPicker",
    "Server",
    "ServerList",
    "ServerPane",
    "SessionState",
]
