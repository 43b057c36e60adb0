"""Who logs in and with what; a secret never shows in a repr, a log line or an error."""

from dataclasses import dataclass

MECHANISM_NAMES: tuple[str, ...] = (
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256-PLUS",
    "XOAUTH2",
    "OAUTHBEARER",
    "EXTERNAL",
)
"""The SASL mechanisms a session can use, in the order in which they are listed."""
BEARER_MECHANISMS: frozenset[str] = frozenset({"XOAUTH2", "OAUTHBEARER"})
"""Those whose secret is an OAuth access token (RFC 7628)."""


class Secret:
    """A string that prints as dots. :meth:`reveal` is called where it is used, and nowhere else."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret(••••••••)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or a bearer token for XOAUTH2 and OAUTHBEARER, or neither for EXTERNAL."""

    user: str = ""
    password: Secret | None = None
    token: Secret | None = None
    authorization_id: str = ""
    """Act as this identity (RFC 4422 section 3.4.1); empty means as the user."""

    @property
    def has_secret(self) -> bool:
        """Whether there is a password or a token; without one only a client certificate can log in."""
        return self.password is not None or self.token is not None
