"""The vocabulary every room shares: stages, replies, events, envelopes, connections. No I/O."""

from smtptui.protocol.address_list import (
    AddressEntry,
    AddressList,
    parse_mailbox,
    parse_mailboxes,
    read_addresses,
    sendable_name,
)
from smtptui.protocol.capabilities import Capabilities
from smtptui.protocol.connection import TLS_VERSIONS, Connection, Family, TlsSettings
from smtptui.protocol.control_characters import decode, encode, visible, visible_lines
from smtptui.protocol.credentials import BEARER_MECHANISMS, MECHANISM_NAMES, Credentials, Secret
from smtptui.protocol.envelope import Body, Envelope, Notify, Recipient, Ret, xtext
from smtptui.protocol.escapes import LINE_BREAK
from smtptui.protocol.event import FROM_CLIENT, Event, EventKind
from smtptui.protocol.failure_kind import FailureKind
from smtptui.protocol.host_port import (
    HostPortError,
    HostPortFault,
    check_ip,
    join_host_port,
    port_for_tls,
    split_host_port,
    split_ip_port,
)
from smtptui.protocol.mailbox import Mailbox, MailboxError, ascii_domain
from smtptui.protocol.odd_characters import odd_character, read_user, shown, trimmed
from smtptui.protocol.queue_id import queue_id_of
from smtptui.protocol.reply import (
    REPLY_KEPT,
    REPLY_LIMIT,
    Cut,
    EnhancedCode,
    Reply,
    ReplyError,
    ReplyParser,
    quoted,
)
from smtptui.protocol.stage import QUITTABLE, Stage
from smtptui.protocol.tls import TlsMode, tls_for_port
from smtptui.protocol.traces import SHORTEST, Span, Traces, any_of

__all__ = [
    "BEARER_MECHANISMS",
    "FROM_CLIENT",
    "LINE_BREAK",
    "MECHANISM_NAMES",
    "QUITTABLE",
    "REPLY_KEPT",
    "REPLY_LIMIT",
    "SHORTEST",
    "TLS_VERSIONS",
    "AddressEntry",
    "AddressList",
    "Body",
    "Capabilities",
    "Connection",
    "Credentials",
    "Cut",
    "EnhancedCode",
    "Envelope",
    "Event",
    "EventKind",
    "FailureKind",
    "Family",
    "HostPortError",
    "HostPortFault",
    "Mailbox",
    "MailboxError",
    "Notify",
    "Recipient",
    "Reply",
    "ReplyError",
    "ReplyParser",
    "Ret",
    "Secret",
    "Span",
    "Stage",
    "TlsMode",
    "TlsSettings",
    "Traces",
    "any_of",
    "ascii_domain",
    "check_ip",
    "decode",
    "encode",
    "join_host_port",
    "odd_character",
    "parse_mailbox",
    "parse_mailboxes",
    "port_for_tls",
    "queue_id_of",
    "quoted",
    "read_addresses",
    "read_user",
    "sendable_name",
    "shown",
    "split_host_port",
    "split_ip_port",
    "tls_for_port",
    "trimmed",
    "visible",
    "visible_lines",
    "xtext",
]
