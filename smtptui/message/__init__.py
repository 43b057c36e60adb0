"""Messages: a draft becomes the octets of an RFC 5322 message, and a saved message is read to be sent again."""

import importlib
from typing import TYPE_CHECKING

from smtptui.message.addressing import (
    DECLARED,
    NULL_SENDER,
    Addressing,
    NoAddressError,
    UnreadableError,
    envelope_of,
    left_out,
    read_named,
    recipients_of,
)
from smtptui.message.builder import build
from smtptui.message.content import PartFacts, header
from smtptui.message.dkim.key import DkimError, DkimKey, read_dkim_key
from smtptui.message.dot import dot_stuff
from smtptui.message.draft import Attachment, Draft, Encoding
from smtptui.message.draft_reader import read_draft
from smtptui.message.draft_writer import write_draft
from smtptui.message.eml import load_eml
from smtptui.message.header_check import check_headers, replaced_by
from smtptui.message.header_field import mailbox_text
from smtptui.message.message import Message, MessageError, Unreadable
from smtptui.message.part import check_file, wire_size
from smtptui.message.reading import (
    attachments_of,
    body_text,
    headers_text,
    html_text,
    letter_text,
    others_text,
    parts_of,
    raw_text,
)
from smtptui.message.template.faults import Facts, Fault, FaultKind, Options, TemplateError, template_place
from smtptui.message.verp import verp_address

if TYPE_CHECKING:
    from smtptui.message.dkim.signing import Canonical, Signer
    from smtptui.message.template.composer import GIVEN, Composer
    from smtptui.message.template.sandbox import whereabouts
    from smtptui.message.template.template import Template, read_template

__all__ = [
    "DECLARED",
    "GIVEN",
    "NULL_SENDER",
    "Addressing",
    "Attachment",
    "Canonical",
    "Composer",
    "DkimError",
    "DkimKey",
    "Draft",
    "Encoding",
    "Facts",
    "Fault",
    "FaultKind",
    "Message",
    "MessageError",
    "NoAddressError",
    "Options",
    "PartFacts",
    "Signer",
    "Template",
    "TemplateError",
    "Unreadable",
    "UnreadableError",
    "attachments_of",
    "body_text",
    "build",
    "check_file",
    "check_headers",
    "dot_stuff",
    "envelope_of",
    "header",
    "headers_text",
    "html_text",
    "left_out",
    "letter_text",
    "load_eml",
    "mailbox_text",
    "others_text",
    "parts_of",
    "raw_text",
    "read_dkim_key",
    "read_draft",
    "read_named",
    "read_template",
    "recipients_of",
    "replaced_by",
    "template_place",
    "verp_address",
    "whereabouts",
    "wire_size",
    "write_draft",
]

# Who makes one message, as the app and ``send`` do, must not wait for Jinja2.
_HOMES = {
    "dkim.signing": ("Canonical", "Signer"),
    "template.composer": ("GIVEN", "Composer"),
    "template.sandbox": ("whereabouts",),
    "template.template": ("Template", "read_template"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
