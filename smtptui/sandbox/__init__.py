"""The embedded SMTP server on loopback, and what it has caught."""

from smtptui.sandbox.caught import Caught, CaughtStore
from smtptui.sandbox.content import Part
from smtptui.sandbox.reading import body_text, envelope_text, headers_text, parts, raw_text
from smtptui.sandbox.sandbox import SANDBOX_HOSTNAME, SIZE_LIMIT, Sandbox, SandboxError, SandboxPorts

__all__ = [
    "SANDBOX_HOSTNAME",
    "SIZE_LIMIT",
    "Caught",
    "CaughtStore",
    "Part",
    "Sandbox",
    "SandboxError",
    "SandboxPorts",
    "body_text",
    "envelope_text",
    "headers_text",
    "parts",
    "raw_text",
]
