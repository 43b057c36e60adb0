"""TLS for a session: the context, what the handshake showed, and the result of the check in words."""

import hashlib
import ipaddress
import re
import ssl
import stat
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import verification

from smtptui.config import SMALL_LIMIT, amount
from smtptui.explain import after_verification
from smtptui.protocol import TlsSettings
from smtptui.session.certificate import ODD, read_chain, signature_hash
from smtptui.transcript import CertificateFacts, TlsFacts

_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


class TlsFileError(ValueError):
    """A certificate or key file that cannot be used, with the reason in a sentence."""


@dataclass
class Sighting:
    """The certificates a server showed (DER, its own first), also when the handshake then failed."""

    chain: list[bytes] = field(default_factory=list)


def make_context(settings: TlsSettings, sighting: Sighting, *, verify: bool) -> ssl.SSLContext:
    """A client context; reads files, so not for the event loop. Raises :class:`TlsFileError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = verify
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    _load_authorities(context, settings)
    if settings.client_cert is not None:
        for file in filter(None, (settings.client_cert, settings.client_key)):
            _check_size(file)
        try:
            # An empty password instead of a prompt on the terminal for a key that has one.
            context.load_cert_chain(settings.client_cert, settings.client_key, password="")
        except (ssl.SSLError, OSError, ValueError) as error:
            raise TlsFileError(
                f"The client certificate {settings.client_cert} cannot be used ({_said(error)}): it must be PEM, "
                "with its key in the same file or given beside it, and the key not encrypted."
            ) from error
    version = _VERSIONS[settings.min_version]
    if version < ssl.TLSVersion.TLSv1_2:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = version
        # OpenSSL 3 allows the old versions only at this level.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    else:
        context.minimum_version = version
    context.sslobject_class = _watching(sighting)
    return context


def _load_authorities(context: ssl.SSLContext, settings: TlsSettings) -> None:
    if settings.ca_file is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return
    _check_size(settings.ca_file)
    try:
        context.load_verify_locations(cafile=settings.ca_file)
    except (ssl.SSLError, OSError) as error:
        raise TlsFileError(
            f"The CA file {settings.ca_file} cannot be used ({_said(error)}): it must hold PEM certificates."
        ) from error


def _said(error: BaseException) -> str:
    text = (isinstance(error, OSError) and error.strerror) or str(error)
    return re.sub(r"\s*\(_ssl\.c:\d+\)", "", text)


def _watching(sighting: Sighting) -> type[ssl.SSLObject]:
    """An SSLObject that remembers the chain. On failure asyncio lets nobody near the object, hence this hook
    (``SSLContext.sslobject_class``)."""

    class Watching(ssl.SSLObject):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except ssl.SSLWantReadError:
                raise
            except ssl.SSLError:
                sighting.chain = _unverified_chain(self)
                raise
            sighting.chain = _unverified_chain(self)

    return Watching


def _unverified_chain(channel: ssl.SSLObject) -> list[bytes]:
    """The chain as the server sent it, DER. Python has it in public from 3.13 on."""
    public = getattr(channel, "get_unverified_chain", None)
    try:
        if public is not None:
            return list(public())
        certificates = channel._sslobj.get_unverified_chain() or []  # type: ignore[attr-defined]  # before 3.13
        return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in certificates]
    except (AttributeError, ValueError, ssl.SSLError):
        return []


def pinned(chain: Sequence[bytes], fingerprint: str) -> bool:
    """Whether the server's own certificate has this SHA-256 fingerprint (hexadecimal)."""
    return bool(chain) and hashlib.sha256(chain[0]).hexdigest() == fingerprint


@dataclass(frozen=True, slots=True)
class Channel:
    """Version and cipher of a TLS connection, read where its object lives: on the event loop."""

    version: str
    cipher: str

    @classmethod
    def of(cls, channel: ssl.SSLObject) -> "Channel":
        """What the object says of itself."""
        cipher = channel.cipher()
        return cls(channel.version() or "unknown", cipher[0] if cipher else "unknown")


def facts(
    channel: Channel, sighting: Sighting, settings: TlsSettings, *, name: str, checked: bool, now: datetime
) -> TlsFacts:
    """What TLS came to; reads files, so not for the event loop.

    ``checked`` tells that OpenSSL has accepted chain and name. Where it was not asked to, the words say what is
    wrong; only a check the user turned off counts as not verified however good the certificate is.
    """
    trusted = f"trusted, and issued for {name}"
    if settings.fingerprint is not None:
        verified = pinned(sighting.chain, settings.fingerprint)
        what = "has the pinned fingerprint" if verified else "is not the pinned one"
        words = f"{'verified' if verified else 'not verified'}: the certificate {what}"
    elif checked:
        verified, words = True, f"verified: {trusted}"
    else:
        fault = judge(sighting.chain, settings, name=name, now=now)
        verified = settings.verify and fault is None
        words = f"verified: {trusted}" if verified else f"not verified: {fault}"
        if not settings.verify and fault is None:
            words = f"not verified, as asked; it is {trusted}"
    return TlsFacts(channel.version, channel.cipher, read_chain(sighting.chain), verified, words)


def judge(chain: Sequence[bytes], settings: TlsSettings, *, name: str, now: datetime) -> str | None:
    """What is wrong with a chain (DER) for ``name``, in words, or None. Only to inform: OpenSSL decides."""
    found = read_chain(chain)
    if not found:
        return "the server showed no certificate that can be read"
    if fault := _date_fault(found[0], now):
        return fault
    if not _is_for(found[0], name):
        return f"it is for {', '.join(found[0].names) or found[0].subject}, not for {name}"
    try:
        roots = _trusted(settings)
        leaf, *rest = (x509.load_der_x509_certificate(der) for der in chain)
        builder = verification.PolicyBuilder().store(verification.Store(roots)).time(now.replace(tzinfo=None))
        builder = builder.extension_policies(ca_policy=_CA_POLICY, ee_policy=_SERVER_POLICY)
        builder.build_server_verifier(_subject(name)).verify(leaf, rest)
    except (verification.VerificationError, OSError, *ODD):
        if found[0].subject == found[0].issuer:
            return "it is self-signed and not among the trusted certificates"
        return f"its issuer “{found[-1].issuer}” is not a trusted authority here"
    return None


# As lenient about extensions as OpenSSL, which decides in earnest.
_CA_POLICY = verification.ExtensionPolicy.permit_all().require_present(
    x509.BasicConstraints, verification.Criticality.AGNOSTIC, None
)
_SERVER_POLICY = verification.ExtensionPolicy.permit_all().require_present(
    x509.SubjectAlternativeName, verification.Criticality.AGNOSTIC, None
)
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def _check_size(file: Path) -> None:
    """OpenSSL would read a file to its end, also one that has none."""
    try:
        facts = file.stat()
    except OSError:
        # Whoever reads it says so.
        return
    if facts.st_size > SMALL_LIMIT or stat.S_ISCHR(facts.st_mode) or stat.S_ISBLK(facts.st_mode):
        size = amount(facts.st_size) if facts.st_size else "a device"
        raise TlsFileError(f"{file} is {size}; smtptui reads certificates and keys of at most {amount(SMALL_LIMIT)}.")


def _trusted(settings: TlsSettings) -> list[x509.Certificate]:
    """The certificates trusted here, as far as they can be read. A context does not tell those of a directory."""
    paths = ssl.get_default_verify_paths()
    if settings.ca_file is not None:
        files = [settings.ca_file]
    elif paths.cafile:
        files = [Path(paths.cafile)]
    else:
        files = sorted(Path(paths.capath).glob("*.[0-9]")) if paths.capath else []
    found = []
    for block in (block for file in files for block in _PEM.findall(file.read_bytes())):
        # Some old roots have serial numbers that cryptography warns of; nothing to do about it here.
        with suppress(ValueError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append(x509.load_pem_x509_certificate(block))
    return found


def _subject(name: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _date_fault(certificate: CertificateFacts, now: datetime) -> str | None:
    if now > certificate.not_after:
        return f"it expired on {certificate.not_after:%Y-%m-%d}"
    if now < certificate.not_before:
        return f"it is valid only from {certificate.not_before:%Y-%m-%d}"
    return None


def _is_for(certificate: CertificateFacts, name: str) -> bool:
    """RFC 6125: exact, or a wildcard for one whole leftmost label."""
    wanted = name.rstrip(".").lower()
    for offered in (entry.rstrip(".").lower() for entry in certificate.names):
        if offered == wanted or (offered.startswith("*.") and wanted.partition(".")[2] == offered[2:]):
            return True
    return False


def certificate_fault(error: ssl.SSLCertVerificationError, sighting: Sighting, name: str, now: datetime) -> str:
    """A failed check as a sentence with its next step (OpenSSL's verify codes)."""
    found = read_chain(sighting.chain)
    advice = after_verification(error.verify_code)
    what = error.verify_message
    if found:
        own = found[0]
        if error.verify_code in (62, 64):
            what = f"it is for {', '.join(own.names) or own.subject}, not for {name}"
        elif error.verify_code in (9, 10) and (fault := _date_fault(own, now)):
            what = fault
        elif error.verify_code in (18, 19, 20, 21):
            what = f"{what}, issued by “{found[-1].issuer}”"
    return f"The server's certificate was not accepted: {what}. {advice}"


def handshake_fault(error: BaseException) -> str:
    """A failed handshake as a sentence with its next step."""
    text = str(error)
    if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text or "UNEXPECTED_MESSAGE" in text:
        return "The server does not speak TLS here: this port wants STARTTLS, or no TLS at all."
    if "UNSUPPORTED_PROTOCOL" in text or "PROTOCOL_VERSION" in text or "NO_PROTOCOLS" in text:
        return "There is no TLS version both sides accept: the server's are too old, or the minimum set is too high."
    if "HANDSHAKE_FAILURE" in text or "NO_SHARED_CIPHER" in text:
        return "The server refused the handshake: no cipher in common, or it wants a client certificate."
    if "CERTIFICATE_REQUIRED" in text:
        return "The server wants a client certificate and got none: give one, with its key."
    if "ALERT" in text and ("UNKNOWN_CA" in text or "CERTIFICATE" in text):
        return f"The server refused the client certificate, or misses one: {_said(error)}."
    if isinstance(error, ssl.SSLEOFError | ConnectionError) or "EOF" in text:
        return "The server closed the connection during the TLS handshake: wrong port, or its log says why."
    return f"The TLS handshake failed: {_said(error) or type(error).__name__}."


def end_point_binding(der: bytes) -> bytes:
    """Channel binding data tls-server-end-point (RFC 5929 section 4.1): a hash of the server's certificate."""
    try:
        algorithm = signature_hash(x509.load_der_x509_certificate(der))
    except ODD:
        algorithm = None
    if algorithm is None or isinstance(algorithm, hashes.MD5 | hashes.SHA1):
        return hashlib.sha256(der).digest()
    return hashlib.new(algorithm.name, der).digest()
