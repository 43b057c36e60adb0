"""A profile: a server one knows, how to speak to it, who logs in, and how much it may be sent."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from smtptui.profiles.login import SecretOrigin, takes_secret
from smtptui.protocol import (
    BEARER_MECHANISMS,
    MECHANISM_NAMES,
    TLS_VERSIONS,
    Connection,
    Family,
    MailboxError,
    TlsMode,
    TlsSettings,
    check_ip,
    parse_mailbox,
    port_for_tls,
    read_user,
    split_ip_port,
    trimmed,
    visible,
)


class Color(StrEnum):
    """What a profile is marked with in the list; production in one colour, tests in another."""

    NONE = "none"
    BLUE = "blue"
    CYAN = "cyan"
    PINK = "pink"
    WHITE = "white"
    GREY = "grey"


def _absent(value: object) -> object:
    """An empty field is one that is not there."""
    return None if value == "" else value


def _whole(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,12}", value):
        raise ValueError("a whole number")
    return value


Text = Annotated[str | None, BeforeValidator(_absent)]
FilePath = Annotated[Path | None, BeforeValidator(_absent)]
Count = Annotated[int | None, Field(ge=1, le=1_000_000_000), BeforeValidator(_whole), BeforeValidator(_absent)]
Seconds = Annotated[float | None, Field(gt=0, le=86400, allow_inf_nan=False), BeforeValidator(_absent)]
Port = Annotated[int | None, Field(ge=1, le=65535), BeforeValidator(_whole), BeforeValidator(_absent)]


class Limits(BaseModel):
    """What the server allows one account; a batch keeps to it. An absent limit is unknown, not unlimited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_minute: Count = Field(None, description="Messages a minute.")
    per_day: Count = Field(None, description="Recipients in 24 hours.")
    connections: Count = Field(None, description="Connections at once.")
    messages_per_connection: Count = Field(None, description="Messages over one connection.")


class Profile(BaseModel):
    """One server of ``profiles.yaml``. Fields are named as in the file; ``from_address`` is ``from`` there.

    Raises :class:`pydantic.ValidationError` with all faults at once; each says what is allowed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str = Field(min_length=1, max_length=60, description="What the list shows; the key in the file.")
    host: str = Field("", description="Name or IP address. Absent with `socket`.")
    port: Port = Field(None, description="Absent: 25, with `tls: implicit` 465, with `tls: starttls` 587.")
    socket: FilePath = Field(None, description="UNIX socket instead of host and port.")
    lmtp: bool = Field(False, description="Speak LMTP (RFC 2033).")
    tls: TlsMode | None = Field(None, description="When to start TLS. Absent: the port decides.")
    verify: bool = Field(True, description="Check the certificate.")
    ca_file: FilePath = Field(None, description="Trust these authorities (PEM) instead of the system's.")
    client_cert: FilePath = Field(None, description="Client certificate (PEM).")
    client_key: FilePath = Field(None, description="Its key (PEM), where it is in a file of its own.")
    sni: Text = Field(None, description="Name to ask for in the handshake instead of the host.")
    tls_min: str = Field("1.2", description="Oldest TLS version to accept.")
    fingerprint: Text = Field(None, description="Accept the certificate with this SHA-256 and no other.")
    auth: str = Field("auto", description="SASL mechanism; `auto` takes the best one offered, `off` none.")
    user: str = Field("", description="User to log in as; a certificate needs none.")
    allow_clear_auth: bool = Field(False, description="Consent to log in without TLS.")
    secret: SecretOrigin | None = Field(None, description="Where the secret comes from, if not from a command.")
    password_command: Text = Field(None, description="Command whose first line of output is the password.")
    password_env: Text = Field(None, description="Environment variable that holds the password.")
    token_command: Text = Field(None, description="Command that prints an OAuth access token.")
    token_env: Text = Field(None, description="Environment variable that holds an OAuth access token.")
    command_timeout: float = Field(10.0, gt=0, le=300, description="Seconds a command may take.")
    from_address: str = Field("", alias="from", description="From of a new message.")
    ehlo: Text = Field(None, description="Name to say in EHLO.")
    family: Family = Field(Family.ANY, description="Which IP addresses to use.")
    source: Text = Field(None, description="Local IP address to connect from.")
    timeout: Seconds = Field(None, description="Seconds for every stage.")
    resolver: Text = Field(None, description="Name server to ask, IP or IP:PORT.")
    limits: Limits = Field(default_factory=Limits, description="What the server allows this account.")
    note: str = Field("", max_length=2000, description="Anything worth knowing.")
    color: Color = Field(Color.NONE, description="Mark in the list.")

    @field_validator("auth", mode="after")
    @classmethod
    def _known_mechanism(cls, value: str) -> str:
        known = {name.lower(): name for name in ("auto", "off", *MECHANISM_NAMES)}
        if value.lower() not in known:
            raise ValueError(f"one of auto, off, {', '.join(MECHANISM_NAMES)}")
        return known[value.lower()]

    @field_validator("tls_min", mode="after")
    @classmethod
    def _known_version(cls, value: str) -> str:
        if value not in TLS_VERSIONS:
            raise ValueError(f"one of {', '.join(TLS_VERSIONS)}")
        return value

    @field_validator("password_env", "token_env", mode="after")
    @classmethod
    def _variable(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            raise ValueError("the name of an environment variable: letters, digits and _")
        return value

    @field_validator("from_address", mode="after")
    @classmethod
    def _mailbox(cls, value: str) -> str:
        value = trimmed(value)
        if value:
            try:
                parse_mailbox(value)
            except MailboxError as error:
                raise ValueError(f"a mailbox, as in Ann <ann@example.org>; {error}") from error
        return value

    @field_validator("user", mode="after")
    @classmethod
    def _user(cls, value: str) -> str:
        try:
            return read_user(value)
        except ValueError as error:
            raise ValueError(f"a user name; {error}") from error

    @field_validator("secret", mode="before")
    @classmethod
    def _kept(cls, value: object) -> object:
        # Only these two are said; the others follow from the fields that tell how.
        if value not in (None, "", SecretOrigin.KEYRING, SecretOrigin.ASK):
            raise ValueError(f"{SecretOrigin.KEYRING} or {SecretOrigin.ASK}")
        return _absent(value)

    @field_validator("name", mode="after")
    @classmethod
    def _printable(cls, value: str) -> str:
        if visible(value) != value or value != value.strip():
            raise ValueError("a name without control characters, and without space around it")
        return value

    @field_validator("host", "ehlo", "sni", mode="after")
    @classmethod
    def _one_word(cls, value: str | None) -> str | None:
        if value and re.search(r"[\s\x00-\x1f\x7f]", value):
            raise ValueError("a name without spaces and control characters")
        return value

    @field_validator("sni", mode="after")
    @classmethod
    def _labels(cls, value: str | None) -> str | None:
        if value and not all(0 < len(label) < 64 for label in value.rstrip(".").split(".")):
            raise ValueError("a name with 1 to 63 characters between dots")
        return value

    @field_validator("fingerprint", mode="after")
    @classmethod
    def _sha256(cls, value: str | None) -> str | None:
        try:
            TlsSettings(fingerprint=value)
        except ValueError as error:
            raise ValueError("64 hexadecimal digits of SHA-256, colons allowed") from error
        return value

    @field_validator("source", mode="after")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        try:
            return value if value is None else check_ip(value)
        except ValueError:
            raise ValueError("an IP address") from None

    @field_validator("resolver", mode="after")
    @classmethod
    def _server(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                split_ip_port(value)
        except ValueError:
            raise ValueError("an IP address, IP:PORT or [IPv6]:PORT") from None
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = list(self._contradictions())
        if not problems:
            try:
                self.connection()
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _contradictions(self) -> Iterator[str]:
        """What does not go together, each with the field to look at."""
        if not (self.host or self.socket):
            yield "host: it is missing; name the server, or a socket"
        if self.host and self.socket:
            yield "socket: a server has a host or a socket, not both"
        if self.lmtp and not self.socket and self.port is None:
            yield "lmtp: it has no port of its own (RFC 2033); give a port or a socket"
        if not self.verify and self.fingerprint:
            yield "fingerprint: it accepts one certificate and `verify: false` accepts any; keep one"
        if self.client_key is not None and self.client_cert is None:
            yield "client_key: it needs its certificate, client_cert, as well"
        named = [name for name in SECRET_FIELDS if getattr(self, name) is not None]
        for name in named[1:]:
            yield f"{name}: a secret comes from one place; {named[0]} is given too"
        if self.auth not in ("auto", "off", "EXTERNAL") and not self.user:
            yield f"user: it is missing; {self.auth} needs one"

    @property
    def secret_origin(self) -> SecretOrigin:
        """Where the secret comes from: what the file says, else the keyring."""
        if not takes_secret(self.auth, self.user):
            return SecretOrigin.NONE
        for name in ("password_command", "password_env", "token_command", "token_env"):
            if getattr(self, name) is not None:
                return SecretOrigin(name)
        return self.secret or SecretOrigin.KEYRING

    @property
    def bearer(self) -> bool:
        """Whether the secret is an OAuth access token and no password."""
        return self.auth in BEARER_MECHANISMS or self.token_command is not None or self.token_env is not None

    def connection(self, base: Path | None = None) -> Connection:
        """How to reach the server. Paths that are not absolute are taken from ``base``, the folder of the file."""
        return Connection(
            host=self.host,
            port=self.port if self.port is not None else port_for_tls(self.tls),
            tls=TlsSettings(
                mode=self.tls,
                verify=self.verify,
                ca_file=_at(base, self.ca_file),
                client_cert=_at(base, self.client_cert),
                client_key=_at(base, self.client_key),
                sni=self.sni,
                min_version=self.tls_min,
                fingerprint=self.fingerprint,
            ),
            auth=self.auth,
            ehlo_name=self.ehlo,
            family=self.family,
            source=self.source,
            socket_path=_at(base, self.socket),
            lmtp=self.lmtp,
            allow_clear_auth=self.allow_clear_auth,
            timeout=self.timeout,
            resolver=self.resolver,
        )


SECRET_FIELDS = ("secret", "password_command", "password_env", "token_command", "token_env")
"""The fields that say where the secret comes from; a profile has one of them at most."""


def _at(base: Path | None, path: Path | None) -> Path | None:
    if path is None:
        return None
    try:
        path = path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path}: there is no such user's home folder") from error
    return base / path if base is not None else path
