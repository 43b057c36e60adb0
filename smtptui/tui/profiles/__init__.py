"""The servers one knows: list, editor, presets, the connection rows, and what is asked before a session begins."""

from smtptui.tui.profiles.connection_form import ConnectionForm
from smtptui.tui.profiles.desk import Desk
from smtptui.tui.profiles.pane import ServerPane
from smtptui.tui.profiles.presets_picker import PresetsPicker
from smtptui.tui.profiles.profile_screen import ProfileScreen
from smtptui.tui.profiles.server import Server
from smtptui.tui.profiles.server_list import ServerList
from smtptui.tui.profiles.sitting import Sitting

__all__ = ["ConnectionForm", "Desk", "PresetsPicker", "ProfileScreen", "Server", "ServerList", "ServerPane", "Sitting"]
