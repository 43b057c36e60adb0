"""The exit codes of every command, after sysexits.h."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process exits with; :attr:`meaning` is what the reference says about it."""

    OK = 0
    USAGE = 64
    DATA = 65
    NO_INPUT = 66
    NO_HOST = 68
    UNAVAILABLE = 69
    INTERNAL = 70
    CANNOT_CREATE = 73
    IO = 74
    TEMPORARY = 75
    PROTOCOL = 76
    PERMISSION = 77
    CONFIGURATION = 78

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.OK: "all recipients accepted, or the stage of --quit-after or --drop-after reached",
    ExitCode.USAGE: "wrong usage: an option, profile or batch is unknown, missing or contradicts another",
    ExitCode.DATA: "bad input data: an address, a header or a message that cannot be sent",
    ExitCode.NO_INPUT: "an input file is missing or cannot be read",
    ExitCode.NO_HOST: "the host or the recipient's domain is unknown to the DNS",
    ExitCode.UNAVAILABLE: "refused for good (5xx), no mail wanted there (null MX), too large, or not supported",
    ExitCode.INTERNAL: "a bug in smtptui, nothing else",
    ExitCode.CANNOT_CREATE: "an output file cannot be created",
    ExitCode.IO: "local input or output failed",
    ExitCode.TEMPORARY: "temporary: 4xx, timeout, refused or lost connection, a file changed meanwhile, or cancelled",
    ExitCode.PROTOCOL: "TLS or certificate failed, the server broke the protocol, or the outcome is uncertain",
    ExitCode.PERMISSION: "authentication failed, is required, or would need consent",
    ExitCode.CONFIGURATION: "configuration: a certificate, key or setting that cannot be used, faults in profiles.yaml",
}

PRECEDENCE = (
    ExitCode.PERMISSION,
    ExitCode.PROTOCOL,
    ExitCode.TEMPORARY,
    ExitCode.UNAVAILABLE,
    ExitCode.OK,
)
"""Which code wins where recipients fared differently."""
