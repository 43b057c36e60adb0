"""SCRAM-SHA-1 and SCRAM-SHA-256, with and without channel binding (RFC 5802, RFC 7677)."""

import base64
import binascii
import hashlib
import hmac
import stringprep
import unicodedata

from smtptui.protocol import visible
from smtptui.session.auth.exchange import Answers, Context, ExchangeError, ServerUnproven

MAX_ITERATIONS = 5_000_000
"""A server may ask for any number; beyond this it only burns our time."""
MIN_ITERATIONS = 4096
"""The least a server should ask for (RFC 5802 section 5.1, RFC 7677 section 4). For fewer, the proof is a present
to whoever plays the server to guess the password from it."""


def scram(hash_name: str, *, plus: bool) -> "_Scram":
    """The generator function of one variant; ``hash_name`` as hashlib has it."""
    return _Scram(hash_name, plus)


class _Scram:
    def __init__(self, hash_name: str, plus: bool) -> None:
        self._hash = hash_name
        self._plus = plus

    def __call__(self, context: Context) -> Answers:
        who = context.credentials
        if who.password is None:
            raise ExchangeError("this mechanism needs a password and none was given")
        header, binding = self._gs2(context)
        nonce = context.nonce()
        bare = f"n={_name(who.user)},r={nonce}"
        server_first = yield (header + bare).encode()
        fields = _fields(server_first)
        combined, salt, iterations = _first(fields, nonce)
        salted = hashlib.pbkdf2_hmac(self._hash, saslprep(who.password.reveal()).encode(), salt, iterations)
        without_proof = f"c={base64.b64encode(header.encode() + binding).decode()},r={combined}"
        message = b",".join((bare.encode(), server_first, without_proof.encode()))
        client_key = self._mac(salted, b"Client Key")
        signature = self._mac(hashlib.new(self._hash, client_key).digest(), message)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        server_final = yield f"{without_proof},p={base64.b64encode(proof).decode()}".encode()
        final = _fields(server_final)
        if "e" in final:
            raise ExchangeError(f"the server says: {visible(final['e'])}")
        expected = self._mac(self._mac(salted, b"Server Key"), message)
        if not hmac.compare_digest(_base64(final.get("v", "")), expected):
            raise ServerUnproven("the server's signature is wrong: it does not know the password, or was tampered with")
        yield b""

    def _gs2(self, context: Context) -> tuple[str, bytes]:
        """The GS2 header and the binding data (RFC 5802 section 7)."""
        identity = f"a={_name(context.credentials.authorization_id)}" if context.credentials.authorization_id else ""
        best = context.binding.best
        if self._plus:
            if best is None:
                raise ExchangeError("a -PLUS mechanism needs TLS with a channel binding")
            return f"p={best[0]},{identity},", best[1]
        # "y": we could bind, the server did not offer it. A server that did then knows somebody cut the offer.
        flag = "y" if best is not None and not context.binding.server_offers_plus else "n"
        return f"{flag},{identity},", b""

    def _mac(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, self._hash)


def _first(fields: dict[str, str], nonce: str) -> tuple[str, bytes, int]:
    if "m" in fields:
        raise ExchangeError("the server demands a SCRAM extension nobody knows")
    if "e" in fields:
        raise ExchangeError(f"the server says: {visible(fields['e'])}")
    combined = fields.get("r", "")
    if not combined.startswith(nonce) or combined == nonce:
        raise ServerUnproven("the server did not extend the nonce it was sent: a replay, or a broken server")
    salt = _base64(fields.get("s", ""))
    iterations = fields.get("i", "")
    if not salt or not iterations.isascii() or not iterations.isdigit() or not int(iterations[:12]):
        raise ExchangeError("the server's first message has no salt or no iteration count")
    if len(iterations) > 12 or int(iterations) > MAX_ITERATIONS:
        raise ExchangeError(
            f"the server asks for {iterations[:12]} iterations; more than {MAX_ITERATIONS} is an attack"
        )
    if int(iterations) < MIN_ITERATIONS:
        raise ExchangeError(
            f"the server asks for {int(iterations)} iterations; with less than {MIN_ITERATIONS} the password could be "
            "guessed from the answer"
        )
    return combined, salt, int(iterations)


def _fields(message: bytes) -> dict[str, str]:
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ExchangeError("the server's SCRAM message is not UTF-8") from error
    return {part[0]: part[2:] for part in text.split(",") if part[1:2] == "="}


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _name(user: str) -> str:
    return saslprep(user).replace("=", "=3D").replace(",", "=2C")


_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str) -> str:
    """A user name or password in canonical form (RFC 4013); raises :class:`ExchangeError` for what it forbids."""
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char for char in text if not stringprep.in_table_b1(char)
    )
    normal = unicodedata.normalize("NFKC", mapped)
    if any(table(char) for char in normal for table in _PROHIBITED):
        raise ExchangeError("the user name or password has a character SASLprep forbids (RFC 4013 section 2.3)")
    right_to_left = [char for char in normal if stringprep.in_table_d1(char)]
    if right_to_left and (
        any(stringprep.in_table_d2(char) for char in normal)
        or not (stringprep.in_table_d1(normal[0]) and stringprep.in_table_d1(normal[-1]))
    ):
        raise ExchangeError("the user name or password mixes writing directions (RFC 4013 section 2.4)")
    return normal
