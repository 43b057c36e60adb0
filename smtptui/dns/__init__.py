"""Resolver: the addresses of a host and the mail exchangers of a domain."""

from smtptui.dns.hosts import Address, DnsError, DnsErrorKind, MxHost
from smtptui.dns.resolver import Resolver

__all__ = ["Address", "DnsError", "DnsErrorKind", "MxHost", "Resolver"]
