"""Signing a message (RFC 6376): which fields, the canonical forms, the header field that says so."""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from enum import StrEnum

from smtptui.message.dkim.canonical import relaxed_body, relaxed_field, simple_body, simple_field
from smtptui.message.dkim.key import DkimError, DkimKey

SIGNED = (
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "List-Help",
    "List-Owner",
    "List-Post",
    "List-Subscribe",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
)
"""Fields that are signed where a message has them (RFC 6376 section 5.4.1, RFC 8058 section 4)."""
_LINE = 72
_FIELD = re.compile(rb"[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n")
_BY_NAME = {name.lower().encode(): name for name in SIGNED}


class Canonical(StrEnum):
    """How much a message may change on its way and still be the signed one."""

    SIMPLE = "simple"
    RELAXED = "relaxed"


class Signer:
    """Signs messages with one or several keys, each signature in a field of its own."""

    def __init__(
        self,
        keys: Sequence[DkimKey],
        *,
        header: Canonical = Canonical.RELAXED,
        body: Canonical = Canonical.RELAXED,
    ) -> None:
        # Relays reflow headers and trim blanks at the ends of lines, so relaxed for both. Simple for the body would
        # save some microseconds of the hundreds that an RSA signature takes.
        self._forms = f"{header}/{body}"
        self._field: Callable[[bytes], bytes] = relaxed_field if header is Canonical.RELAXED else simple_field
        self._body: Callable[[bytes], bytes] = relaxed_body if body is Canonical.RELAXED else simple_body
        self._keys = [(key, _sign_with(key)) for key in keys]
        self._last: tuple[bytes, str] = (b"", "")

    def signed(self, content: bytes, at: float) -> bytes:
        """The message, lines ended by CRLF, with its signatures before it; ``at`` is seconds since the epoch."""
        head, gap, body = content.partition(b"\r\n\r\n")
        if not gap:
            head, body = content.removesuffix(b"\r\n"), b""
        fields = _FIELD.findall(head + b"\r\n")
        if not any(raw[:5].lower() == b"from:" for raw in fields):
            raise DkimError("The message has no From, which a DKIM signature must cover (RFC 6376 section 5.4).")
        names, chosen = self._chosen(fields)
        digest = self._body_digest(body)
        covered = b"".join(chosen)
        return b"".join(
            [*(self._signature(key, sign, names, covered, digest, at) for key, sign in self._keys), content]
        )

    def _chosen(self, fields: Sequence[bytes]) -> tuple[str, list[bytes]]:
        """Names as ``h=`` has them, and the fields in the same order: of each name the last one first."""
        names: list[str] = []
        chosen: list[bytes] = []
        for raw in reversed(fields):
            name = _BY_NAME.get(raw.partition(b":")[0].rstrip(b" \t").lower())
            if name is not None:
                names.append(name)
                chosen.append(self._field(raw))
        # A name once more than there are fields of it: no second From can be added (RFC 6376 section 8.15).
        return ":".join([*names, "From"]), chosen

    def _body_digest(self, body: bytes) -> str:
        # The same text for everybody has the same digest.
        last, digest = self._last
        if digest and last == body:
            return digest
        digest = base64.b64encode(hashlib.sha256(self._body(body)).digest()).decode("ascii")
        self._last = (body, digest)
        return digest

    def _signature(
        self, key: DkimKey, sign: Callable[[bytes], bytes], names: str, covered: bytes, digest: str, at: float
    ) -> bytes:
        lines = [
            f"DKIM-Signature: v=1; a={key.algorithm}; c={self._forms};",
            f" d={key.domain};",
            f" s={key.selector}; t={int(at)};",
            *_folded_names(names),
            f" bh={digest};",
            " b=",
        ]
        unsigned = "\r\n".join(lines).encode("ascii")
        # The field itself is signed without its end (section 3.7).
        own = self._field(unsigned + b"\r\n").removesuffix(b"\r\n")
        value = base64.b64encode(sign(covered + own)).decode("ascii")
        first, rest = value[: _LINE - 3], value[_LINE - 3 :]
        more = [rest[begin : begin + _LINE] for begin in range(0, len(rest), _LINE)]
        return unsigned + "\r\n ".join([first, *more]).encode("ascii") + b"\r\n"


def _folded_names(names: str) -> list[str]:
    lines, line = [], " h="
    for name in names.split(":"):
        if len(line) + len(name) + 1 > _LINE and len(line) > len(" h="):
            lines.append(line)
            line = "  "
        line += f"{name}:"
    return [*lines, f"{line.removesuffix(':')};"]


def _sign_with(key: DkimKey) -> Callable[[bytes], bytes]:
    # Imported when it is needed: cryptography costs start-up time.
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256

    private = key.private
    if isinstance(private, RSAPrivateKey):
        padding, kind, rsa = PKCS1v15(), SHA256(), private
        return lambda octets: rsa.sign(octets, padding, kind)
    other = private
    # RFC 8463 section 3: the hash is what is signed.
    return lambda octets: other.sign(hashlib.sha256(octets).digest())
