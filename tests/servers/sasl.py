"""The server's side of AUTH mechanisms as generators without I/O: they yield challenges, take responses."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field

from tests.servers.scram import Misbehaviour, ScramError, ScramServer, ScramSettings

CRAM_CHALLENGE = b"<1896.697170952@mx.oracle.test>"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who may log in, and how."""

    passwords: Mapping[str, str] = field(default_factory=lambda: {"alice": "wonder land", "zoë": "pässwörd"})
    tokens: Mapping[str, str] = field(default_factory=lambda: {"alice": "good-token"})
    bindings: Mapping[str, bytes] = field(default_factory=dict)
    """Channel bindings of the connection."""
    certificate_user: str = ""
    """Who a client certificate stands for; empty without one."""
    mechanisms: tuple[str, ...] = ()
    """Those offered on this connection."""
    scram: Misbehaviour = Misbehaviour.NONE


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an AUTH exchange ended, and the name the client gave."""

    ok: bool
    user: str = ""
    why: str = ""


Exchange = Generator[bytes, bytes, Outcome]


def plain(accounts: Accounts) -> Exchange:
    """PLAIN (RFC 4616)."""
    parts = (yield b"").split(b"\0")
    if len(parts) != 3:
        return Outcome(False, why="PLAIN is not authzid NUL authcid NUL password")
    return _password(accounts, parts[1], parts[2])


def login(accounts: Accounts) -> Exchange:
    """LOGIN, as servers do it."""
    user = yield b"Username:"
    return _password(accounts, user, (yield b"Password:"))


def cram_md5(accounts: Accounts) -> Exchange:
    """CRAM-MD5 (RFC 2195)."""
    name, _, digest = (yield CRAM_CHALLENGE).rpartition(b" ")
    user = name.decode(errors="replace")
    password = accounts.passwords.get(user, "").encode()
    right = hmac.new(password, CRAM_CHALLENGE, hashlib.md5).hexdigest().encode()
    return Outcome(user in accounts.passwords and hmac.compare_digest(right, digest), user)


def xoauth2(accounts: Accounts) -> Exchange:
    """XOAUTH2, as Google and Microsoft document it: a refusal is a challenge to be answered with nothing."""
    fields = _pairs((yield b""))
    user = fields.get("user", "")
    token = fields.get("auth", "").removeprefix("Bearer ")
    if token and accounts.tokens.get(user) == token:
        return Outcome(True, user)
    answer = yield json.dumps({"status": "401", "schemes": "bearer", "scope": "mail"}).encode()
    return Outcome(False, user, "" if answer == b"" else "the error was not answered with an empty line")


def oauthbearer(accounts: Accounts) -> Exchange:
    """OAUTHBEARER (RFC 7628): a refusal is a challenge to be answered with a lone 0x01."""
    head, _, rest = (yield b"").partition(b"\x01")
    user = head.removeprefix(b"n,a=").removesuffix(b",").decode(errors="replace")
    token = _pairs(rest).get("auth", "").removeprefix("Bearer ")
    if token and accounts.tokens.get(user) == token:
        return Outcome(True, user)
    answer = yield json.dumps({"status": "invalid_token", "scope": "mail"}).encode()
    return Outcome(False, user, "" if answer == b"\x01" else "the error was not answered with AQ==")


def external(accounts: Accounts) -> Exchange:
    """EXTERNAL (RFC 4422 appendix A): the client certificate says who it is."""
    wanted = (yield b"").decode(errors="replace")
    user = wanted or accounts.certificate_user
    return Outcome(bool(accounts.certificate_user) and user == accounts.certificate_user, user)


def scram(algorithm: str, plus: bool) -> Callable[[Accounts], Exchange]:
    """SCRAM (RFC 5802, RFC 7677)."""

    def exchange(accounts: Accounts) -> Exchange:
        server = ScramServer(
            ScramSettings(
                algorithm=algorithm,
                plus=plus,
                plus_offered=any(name.endswith("-PLUS") for name in accounts.mechanisms),
                passwords=accounts.passwords,
                bindings=accounts.bindings,
                misbehaviour=accounts.scram,
            )
        )
        try:
            challenge = server.first((yield b""))
            final = server.final((yield challenge))
        except ScramError as error:
            return Outcome(False, server.user, error.value)
        if accounts.scram is Misbehaviour.NO_SIGNATURE:
            return Outcome(True, server.user)
        answer = yield final
        if final.startswith(b"e="):
            return Outcome(False, server.user, final.decode())
        return Outcome(True, server.user, "" if answer == b"" else "the signature was not answered with nothing")

    return exchange


MECHANISMS: Mapping[str, Callable[[Accounts], Exchange]] = {
    "PLAIN": plain,
    "LOGIN": login,
    "CRAM-MD5": cram_md5,
    "XOAUTH2": xoauth2,
    "OAUTHBEARER": oauthbearer,
    "EXTERNAL": external,
    "SCRAM-SHA-1": scram("SHA-1", False),
    "SCRAM-SHA-256": scram("SHA-256", False),
    "SCRAM-SHA-1-PLUS": scram("SHA-1", True),
    "SCRAM-SHA-256-PLUS": scram("SHA-256", True),
}


def decode_response(line: bytes) -> bytes:
    """A response line without its base64; raises ``ValueError``. A lone ``=`` is an empty one (RFC 4954)."""
    return b"" if line == b"=" else base64.b64decode(line, validate=True)


def _password(accounts: Accounts, user: bytes, password: bytes) -> Outcome:
    name = user.decode(errors="replace")
    expected = accounts.passwords.get(name)
    return Outcome(expected is not None and hmac.compare_digest(expected.encode(), password), name)


def _pairs(message: bytes) -> dict[str, str]:
    """The key=value pairs of an OAuth message, which are separated by 0x01."""
    pairs = (part.partition("=") for part in message.decode(errors="replace").split("\x01"))
    return {key: value for key, _, value in pairs}
