"""The message form: its tabs, drafts, preview, and what they become when sent."""

from smtptui.tui.message.form import MessageForm
from smtptui.tui.message.outgoing import Outgoing

__all__ = ["MessageForm", "Outgoing"]
