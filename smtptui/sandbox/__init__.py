"""The embedded SMTP server on loopback, and what it has caught."""

from smtptui.sandbox.caught import Caught, CaughtStore, envelope_text
from smtptui.sandbox.sandbox import SANDBOX_HOSTNAME, SIZE_LIMIT, Sandbox, SandboxError, SandboxPorts

__all__ = [
    "SANDBOX_HOSTNAME",
    "SIZE_LIMIT",
    "Caught",
    "CaughtStore",
    "Sandbox",
    "SandboxError",
    "SandboxPorts",
    "envelope_text",
]
