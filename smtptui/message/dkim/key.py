"""Keys that sign for a domain (RFC 6376, RFC 8463)."""

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smtptui.message.message import MessageError
from smtptui.protocol import MailboxError, ascii_domain, visible

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

FEWEST_BITS = 1024
"""Of an RSA key that verifiers accept at all (RFC 8301 section 3.2)."""
WANTED_BITS = 2048
"""Of an RSA key that is not called weak."""
_LABELS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*\Z")


class DkimError(MessageError):
    """A key that cannot sign, in a sentence."""


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key and where verifiers find the public one: ``SELECTOR._domainkey.DOMAIN``."""

    domain: str
    """A-labels, lower case."""
    selector: str
    algorithm: str
    """``rsa-sha256`` or ``ed25519-sha256``."""
    private: "RSAPrivateKey | Ed25519PrivateKey" = field(repr=False, compare=False)
    bits: int = 0
    """Size of an RSA key."""

    @property
    def record(self) -> str:
        """The TXT record of the public key (RFC 6376 section 3.6.1)."""
        # Imported when it is needed: cryptography costs start-up time.
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        if self.algorithm == "rsa-sha256":
            octets = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return f"v=DKIM1; k=rsa; p={base64.b64encode(octets).decode('ascii')}"
        octets = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(octets).decode('ascii')}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What should be known about the key, in sentences."""
        if self.algorithm == "rsa-sha256" and self.bits < WANTED_BITS:
            return (f"The DKIM key has {self.bits} bits; {WANTED_BITS} are wanted (RFC 8301 section 3.2).",)
        return ()


def read_dkim_key(pem: bytes, *, domain: str, selector: str) -> DkimKey:
    """The private key in a PEM file; raises :class:`DkimError`. No sentence repeats any of the file."""
    # Imported when it is needed: cryptography costs start-up time.
    from cryptography.exceptions import InternalError, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    domain, selector = _name("domain", domain), _name("selector", selector)
    try:
        private = load_pem_private_key(pem, password=None)
    except TypeError:
        raise DkimError(
            "The DKIM key is encrypted; write it without a passphrase: openssl pkey -in KEY.pem -out PLAIN.pem"
        ) from None
    except (ValueError, UnsupportedAlgorithm, InternalError):
        public = b"PUBLIC KEY" in pem
        raise DkimError(
            "The file has the public DKIM key; messages are signed with the private one."
            if public
            else "The file has no private DKIM key in PEM; make one: openssl genrsa -out KEY.pem 2048"
        ) from None
    if isinstance(private, Ed25519PrivateKey):
        return DkimKey(domain, selector, "ed25519-sha256", private)
    if not isinstance(private, RSAPrivateKey):
        raise DkimError(
            "DKIM knows RSA and Ed25519 keys, and this is another kind; make one: openssl genrsa -out KEY.pem 2048"
        )
    if private.key_size < FEWEST_BITS:
        raise DkimError(
            f"The DKIM key has {private.key_size} bits, which no verifier accepts (RFC 8301 section 3.2); make one of "
            f"{WANTED_BITS}: openssl genrsa -out KEY.pem {WANTED_BITS}"
        )
    return DkimKey(domain, selector, "rsa-sha256", private, private.key_size)


def _name(what: str, text: str) -> str:
    try:
        name = ascii_domain(text.strip().rstrip(".")).lower()
    except MailboxError as error:
        raise DkimError(f"DKIM {what}: {error}") from error
    if not _LABELS.match(name) or len(name) > 253:
        raise DkimError(f"DKIM {what}: {visible(text)!r} is no name for the DNS; write it like example.org.")
    return name
