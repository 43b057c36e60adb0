"""Everything needed to reach a server and be let in, except the secret."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from smtptui.protocol.tls import TlsMode, tls_for_port


class Family(StrEnum):
    """Which addresses of the server to use."""

    ANY = "any"
    IPV4 = "4"
    IPV6 = "6"


TLS_VERSIONS: tuple[str, ...] = ("1.0", "1.1", "1.2", "1.3")
"""What ``min_version`` can be. 1.0 and 1.1 are forbidden by RFC 8996 and only for probing old servers."""


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """How to do TLS. Without ``mode`` the port decides."""

    mode: TlsMode | None = None
    verify: bool = True
    ca_file: Path | None = None
    """PEM file of trusted authorities, used instead of the system's."""
    client_cert: Path | None = None
    client_key: Path | None = None
    sni: str | None = None
    """Name sent in the handshake and expected in the certificate, instead of the host."""
    min_version: str = "1.2"
    fingerprint: str | None = None
    """SHA-256 of the server's certificate in hexadecimal; it replaces the check of chain and name."""

    def __post_init__(self) -> None:
        if self.min_version not in TLS_VERSIONS:
            raise ValueError(f"minimum TLS version {self.min_version!r}: use one of {', '.join(TLS_VERSIONS)}")
        if self.client_key is not None and self.client_cert is None:
            raise ValueError("a client key needs its certificate as well")
        if self.fingerprint is not None:
            object.__setattr__(self, "fingerprint", _fingerprint(self.fingerprint))


@dataclass(frozen=True, slots=True)
class Connection:
    """A server and how to speak to it. Without ``host`` and ``socket_path`` the recipient's MX is used."""

    host: str = ""
    port: int = 25
    tls: TlsSettings = field(default_factory=TlsSettings)
    auth: str = "auto"
    """``auto``, ``off`` or the name of a SASL mechanism."""
    ehlo_name: str | None = None
    """What EHLO says; without it the host's own name if that is an FQDN, else an address literal."""
    family: Family = Family.ANY
    source: str | None = None
    """Local IP address to connect from."""
    socket_path: Path | None = None
    """A UNIX socket instead of host and port."""
    lmtp: bool = False
    allow_clear_auth: bool = False
    """Consent to log in without TLS."""
    timeout: float | None = None
    """Seconds for every stage; None uses limits after RFC 5321 section 4.5.3.2."""
    resolver: str | None = None
    """Ask this name server, ``IP`` or ``IP:PORT`` or ``[IP]:PORT``, instead of the system's."""

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise ValueError(f"port {self.port}: use 1 to 65535")
        if self.timeout is not None and not self.timeout > 0:
            raise ValueError(f"timeout {self.timeout}: use a number of seconds above 0")
        for what, value in (("host", self.host), ("EHLO name", self.ehlo_name), ("SNI name", self.tls.sni)):
            if value and re.search(r"[\s\x00-\x1f\x7f]", value):
                raise ValueError(f"{what} {value!r}: no spaces or control characters")
        if self.tls.sni and not all(0 < len(label) < 64 for label in self.tls.sni.rstrip(".").split(".")):
            raise ValueError(f"SNI name {self.tls.sni!r}: each part between dots has 1 to 63 characters")

    @property
    def tls_mode(self) -> TlsMode:
        """The mode set, else the one the port suggests; a UNIX socket suggests none."""
        if self.tls.mode is not None:
            return self.tls.mode
        return TlsMode.NONE if self.socket_path is not None else tls_for_port(self.port)

    @property
    def label(self) -> str:
        """Host and port, or the socket's path, for titles and sentences."""
        if self.socket_path is not None:
            return str(self.socket_path)
        host = f"[{self.host}]" if ":" in self.host else self.host or "MX"
        return f"{host}:{self.port}"


def _fingerprint(text: str) -> str:
    digits = re.sub(r"[:\s]", "", text).lower().removeprefix("sha256")
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ValueError("fingerprint: 64 hexadecimal digits of SHA-256, colons allowed")
    return digits
