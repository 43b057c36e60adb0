"""The fields of the profile editor: sections, labels, and how each one is filled in."""

from dataclasses import dataclass
from enum import Enum, auto

from smtptui.profiles import Color, Limits, Profile
from smtptui.protocol import MECHANISM_NAMES, TLS_VERSIONS, Family, TlsMode


class Kind(Enum):
    """How a field is filled in."""

    TEXT = auto()
    CHOICE = auto()
    SELECT = auto()
    LONG = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``options`` are pairs of what is shown and what is meant; the one that means "" is the default."""

    key: str
    """Its name in the file; limits have a dot in it."""
    label: str
    kind: Kind = Kind.TEXT
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""

    @property
    def description(self) -> str:
        """What the model says of it."""
        outer, _, inner = self.key.partition(".")
        fields = Limits.model_fields if inner else Profile.model_fields
        name = {"from": "from_address"}.get(outer, inner or outer)
        return (fields[name].description or "").replace("`", "")


def _flag(default: bool) -> tuple[tuple[str, str], ...]:
    return (("no", "" if not default else "false"), ("yes", "" if default else "true"))


def _words(*words: str, default: str, shown: str = "") -> tuple[tuple[str, str], ...]:
    pairs = tuple((word, "" if word == default else word) for word in words)
    return ((shown, ""), *pairs) if shown else pairs


SECTIONS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "Server",
        (
            Field("name", "Name"),
            Field("host", "Host", hint="mail.example.org"),
            Field("port", "Port", hint="by TLS"),
            Field("lmtp", "LMTP", Kind.CHOICE, _flag(False)),
            Field("socket", "Socket", hint="/run/lmtp"),
            Field("ehlo", "EHLO name"),
            Field("family", "Family", Kind.CHOICE, _words(*Family, default=Family.ANY)),
            Field("source", "Source"),
            Field("resolver", "Resolver"),
            Field("timeout", "Timeout", hint="as RFC 5321 says"),
        ),
    ),
    (
        "TLS",
        (
            Field("tls", "TLS", Kind.CHOICE, _words(*TlsMode, default="", shown="by port")),
            Field("verify", "Verify", Kind.CHOICE, _flag(True)),
            Field("ca_file", "CA file", hint="the system's"),
            Field("client_cert", "Certificate"),
            Field("client_key", "Its key"),
            Field("sni", "SNI", hint="the host"),
            Field("tls_min", "At least", Kind.CHOICE, _words(*TLS_VERSIONS, default="1.2")),
            Field("fingerprint", "Fingerprint"),
        ),
    ),
    (
        "Login",
        (
            Field("auth", "AUTH", Kind.SELECT, _words("auto", "off", *MECHANISM_NAMES, default="auto")),
            Field("user", "User"),
            Field("secret", "Secret", Kind.CHOICE, _words("keyring", "ask", default="", shown="unset")),
            Field("password_command", "Command", hint="pass show mail"),
            Field("password_env", "Variable", hint="MAIL_PASSWORD"),
            Field("token_command", "Token command"),
            Field("token_env", "Token variable"),
            Field("command_timeout", "Seconds", hint="10"),
            Field("allow_clear_auth", "In the clear", Kind.CHOICE, _flag(False)),
        ),
    ),
    ("Message", (Field("from", "From", hint="Me <me@example.org>"),)),
    (
        "Limits",
        (
            Field("limits.per_minute", "A minute", hint="unknown"),
            Field("limits.per_day", "A day", hint="unknown"),
            Field("limits.connections", "Connections", hint="unknown"),
            Field("limits.messages_per_connection", "Per connection", hint="unknown"),
        ),
    ),
    (
        "Other",
        (
            Field("color", "Color", Kind.CHOICE, _words(*Color, default=Color.NONE)),
            Field("note", "Note", Kind.LONG),
        ),
    ),
)
"""The editor from top to bottom."""
