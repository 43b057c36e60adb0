"""Messages: a draft becomes the octets of an RFC 5322 message, and a saved message is read to be sent again."""

from smtptui.message.addressing import DECLARED, NULL_SENDER, Addressing, NoAddressError, envelope_of, recipients_of
from smtptui.message.builder import build
from smtptui.message.content import PartFacts, header
from smtptui.message.dot import dot_stuff
from smtptui.message.draft import Attachment, Draft, Encoding
from smtptui.message.draft_reader import read_draft
from smtptui.message.draft_writer import write_draft
from smtptui.message.eml import load_eml
from smtptui.message.header_check import check_headers, replaced_by
from smtptui.message.message import Message, MessageError
from smtptui.message.part import check_file, wire_size
from smtptui.message.reading import attachments_of, body_text, headers_text, letter_text, parts_of, raw_text

__all__ = [
    "DECLARED",
    "NULL_SENDER",
    "Addressing",
    "Attachment",
    "Draft",
    "Encoding",
    "Message",
    "MessageError",
    "NoAddressError",
    "PartFacts",
    "attachments_of",
    "body_text",
    "build",
    "check_file",
    "check_headers",
    "dot_stuff",
    "envelope_of",
    "header",
    "headers_text",
    "letter_text",
    "load_eml",
    "parts_of",
    "raw_text",
    "read_draft",
    "recipients_of",
    "replaced_by",
    "wire_size",
    "write_draft",
]
