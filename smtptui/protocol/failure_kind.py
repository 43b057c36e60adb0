"""The kinds of failure: why a session did not do what was asked."""

from enum import StrEnum


class FailureKind(StrEnum):
    """Why a session did not do what was asked; each kind is one answer to "what do I do next?"."""

    DNS_UNKNOWN = "dns-unknown"
    DNS_TEMPORARY = "dns-temporary"
    NULL_MX = "null-mx"
    CONNECT = "connect"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    TLS = "tls"
    CERTIFICATE = "certificate"
    PROTOCOL = "protocol"
    AUTH = "auth"
    AUTH_TEMPORARY = "auth-temporary"
    CONSENT = "consent"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too-large"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    INPUT = "input"
    CONFIGURATION = "configuration"
    LOCAL = "local"
    CANCELLED = "cancelled"
