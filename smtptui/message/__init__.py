"""Messages: a draft becomes the octets of an RFC 5322 message, and a saved message is read to be sent again."""

from smtptui.message.builder import build
from smtptui.message.dot import dot_stuff
from smtptui.message.draft import Attachment, Draft
from smtptui.message.eml import load_eml
from smtptui.message.message import Message, MessageError

__all__ = [
    "Attachment",
    "Draft",
    "Message",
    "MessageError",
    "build",
    "dot_stuff",
    "load_eml",
]
