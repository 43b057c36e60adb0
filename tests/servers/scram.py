"""The server's side of SCRAM (RFC 5802, RFC 7677) without I/O, which can also misbehave to order."""

import base64
import binascii
import hashlib
import hmac
import stringprep
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Misbehaviour(StrEnum):
    """What the server does wrong, so that a client's checks can be tested."""

    NONE = "none"
    WRONG_SIGNATURE = "wrong-signature"
    """The server signature is not the right one: this server does not know the password."""
    NO_SIGNATURE = "no-signature"
    """The exchange ends with success and no server signature at all."""
    CHANGED_NONCE = "changed-nonce"
    """The nonce does not begin with the client's."""
    SAME_NONCE = "same-nonce"
    """The server adds nothing to the client's nonce."""
    ABSURD_ITERATIONS = "absurd-iterations"
    """2^31 iterations, to keep the client busy for hours."""
    TINY_ITERATIONS = "tiny-iterations"
    """A single iteration, so that a recorded proof can be cracked."""
    NOT_A_NUMBER = "not-a-number"
    MANDATORY_EXTENSION = "mandatory-extension"
    """``m=`` in front: the client must give up (RFC 5802 section 5.1)."""
    BAD_SALT = "bad-salt"
    """The salt is no base64."""
    GARBAGE = "garbage"
    ERROR_VALUE = "error-value"
    """``e=other-error`` in place of the signature, whatever the proof."""


class ScramError(ValueError):
    """The exchange failed; ``value`` is the server-error-value of RFC 5802 section 7."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


@dataclass(frozen=True, slots=True)
class ScramSettings:
    """What the server knows and how it answers."""

    algorithm: str = "SHA-256"
    """``SHA-1`` or ``SHA-256``."""
    plus: bool = False
    """Whether this is the -PLUS mechanism."""
    plus_offered: bool = False
    """Whether -PLUS was in the list of mechanisms, which makes a ``y`` flag a sign of a downgrade."""
    passwords: Mapping[str, str] | None = None
    bindings: Mapping[str, bytes] | None = None
    """Channel bindings of this connection by name, as ``tls-server-end-point``."""
    salt: bytes = b"salt of the test"
    iterations: int = 4096
    nonce: str = "server-nonce"
    """What the server adds to the client's nonce."""
    misbehaviour: Misbehaviour = Misbehaviour.NONE


class ScramServer:
    """One exchange: :meth:`first`, then :meth:`final`. Afterwards ``user`` is who logged in."""

    def __init__(self, settings: ScramSettings) -> None:
        self._settings = settings
        self._hash = {"SHA-1": "sha1", "SHA-256": "sha256"}[settings.algorithm]
        self._client_first_bare = ""
        self._server_first = ""
        self._header = ""
        self._binding_name = ""
        self._nonce = ""
        self._iterations = settings.iterations
        self.user = ""
        self.verified = False
        """Whether the client's proof was right."""

    def first(self, message: bytes) -> bytes:
        """Take the client-first-message, return the server-first-message; raises :class:`ScramError`."""
        text = _text(message)
        flag, _, rest = text.partition(",")
        authzid, _, bare = rest.partition(",")
        self._check_flag(flag)
        if authzid and not authzid.startswith("a="):
            raise ScramError("invalid-encoding")
        self._header = f"{flag},{authzid},"
        self._client_first_bare = bare
        fields = _fields(bare)
        if [name for name, _ in fields[:2]] != ["n", "r"]:
            raise ScramError("invalid-encoding")
        self.user = _name(fields[0][1])
        client_nonce = fields[1][1]
        if not client_nonce:
            raise ScramError("invalid-encoding")
        self._nonce = client_nonce + self._settings.nonce
        salt = base64.b64encode(self._settings.salt).decode()
        iterations = str(self._iterations)
        prefix = ""
        match self._settings.misbehaviour:
            case Misbehaviour.CHANGED_NONCE:
                self._nonce = "another" + self._nonce
            case Misbehaviour.SAME_NONCE:
                self._nonce = client_nonce
            case Misbehaviour.ABSURD_ITERATIONS:
                iterations = str(2**31)
            case Misbehaviour.TINY_ITERATIONS:
                self._iterations = 1
                iterations = "1"
            case Misbehaviour.NOT_A_NUMBER:
                iterations = "many"
            case Misbehaviour.MANDATORY_EXTENSION:
                prefix = "m=extension,"
            case Misbehaviour.BAD_SALT:
                salt = "*no base64*"
            case Misbehaviour.GARBAGE:
                return b"\xff\x00 garbage, r"
            case _:
                pass
        self._server_first = f"{prefix}r={self._nonce},s={salt},i={iterations}"
        return self._server_first.encode()

    def final(self, message: bytes) -> bytes:
        """Take the client-final-message, return the server-final-message; raises :class:`ScramError`."""
        text = _text(message)
        without_proof, mark, proof_text = text.rpartition(",p=")
        fields = _fields(without_proof)
        if not mark or [name for name, _ in fields[:2]] != ["c", "r"]:
            raise ScramError("invalid-encoding")
        self._check_binding(fields[0][1])
        if fields[1][1] != self._nonce:
            raise ScramError("other-error")
        password = (self._settings.passwords or {}).get(self.user)
        if password is None:
            raise ScramError("unknown-user")
        salted = hashlib.pbkdf2_hmac(self._hash, saslprep(password).encode(), self._settings.salt, self._iterations)
        client_key = self._hmac(salted, b"Client Key")
        stored_key = hashlib.new(self._hash, client_key).digest()
        auth_message = f"{self._client_first_bare},{self._server_first},{without_proof}".encode()
        signature = self._hmac(stored_key, auth_message)
        proof = _base64(proof_text)
        if len(proof) != len(signature):
            raise ScramError("invalid-proof")
        candidate = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
        if not hmac.compare_digest(hashlib.new(self._hash, candidate).digest(), stored_key):
            raise ScramError("invalid-proof")
        self.verified = True
        answer = self._hmac(self._hmac(salted, b"Server Key"), auth_message)
        match self._settings.misbehaviour:
            case Misbehaviour.WRONG_SIGNATURE:
                answer = bytes(len(answer))
            case Misbehaviour.ERROR_VALUE:
                return b"e=other-error"
            case _:
                pass
        return b"v=" + base64.b64encode(answer)

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, self._hash)

    def _check_flag(self, flag: str) -> None:
        if flag.startswith("p="):
            if not self._settings.plus:
                raise ScramError("channel-binding-not-supported")
            self._binding_name = flag[2:]
            if self._binding_name not in (self._settings.bindings or {}):
                raise ScramError("unsupported-channel-binding-type")
        elif flag not in ("n", "y") or self._settings.plus:
            raise ScramError("other-error")
        elif flag == "y" and self._settings.plus_offered:
            raise ScramError("server-does-support-channel-binding")

    def _check_binding(self, value: str) -> None:
        expected = self._header.encode()
        if self._binding_name:
            expected += (self._settings.bindings or {})[self._binding_name]
        if _base64(value) != expected:
            raise ScramError("channel-bindings-dont-match")


def saslprep(text: str) -> str:
    """``text`` prepared as RFC 4013 says, for the characters that change (nothing is refused)."""
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char for char in text if not stringprep.in_table_b1(char)
    )
    return unicodedata.normalize("NFKC", mapped)


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError:
        raise ScramError("invalid-encoding") from None


def _fields(text: str) -> list[tuple[str, str]]:
    return [(field[:1], field[2:]) for field in text.split(",") if field[1:2] == "="]


def _name(value: str) -> str:
    """A saslname without its escapes: only ``=2C`` and ``=3D`` are allowed (RFC 5802 section 5.1)."""
    if "=" in value.replace("=2C", "").replace("=3D", ""):
        raise ScramError("invalid-username-encoding")
    return value.replace("=2C", ",").replace("=3D", "=")


def _base64(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ScramError("invalid-encoding") from None
