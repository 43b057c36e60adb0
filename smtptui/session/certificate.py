"""Certificates in words, from their DER form (RFC 5280)."""

import hashlib
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from smtptui.protocol import visible
from smtptui.transcript import CertificateFacts

ODD = (
    ValueError,
    UnsupportedAlgorithm,
    InternalError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What reading a certificate raises that is broken, or of a kind nobody here knows. A server may send anything."""


def read_chain(chain: Sequence[bytes]) -> tuple[CertificateFacts, ...]:
    """What each certificate (DER) of a chain says; one that cannot be read ends it."""
    facts = []
    for der in chain:
        try:
            facts.append(read_certificate(der))
        except ODD:
            break
    return tuple(facts)


def read_certificate(der: bytes) -> CertificateFacts:
    """What a certificate (DER) says; raises one of :data:`ODD` where it is none. What only is unknown is said so."""
    certificate = x509.load_der_x509_certificate(der)
    return CertificateFacts(
        subject=_name(certificate.subject),
        names=_names(certificate),
        issuer=_name(certificate.issuer),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sha256=hashlib.sha256(der).hexdigest(),
        key=_key(certificate),
        signature=_signature(certificate),
    )


def signature_hash(certificate: x509.Certificate) -> hashes.HashAlgorithm | None:
    """The hash of the signature; None where there is none of its own, or none that is known."""
    try:
        return certificate.signature_hash_algorithm
    except ODD:
        return None


def _signature(certificate: x509.Certificate) -> str:
    algorithm = signature_hash(certificate)
    return algorithm.name if algorithm is not None else "none"


def _name(name: x509.Name) -> str:
    """The common name where there is one, else the whole name."""
    for oid in (
        x509.NameOID.COMMON_NAME,
        x509.NameOID.ORGANIZATIONAL_UNIT_NAME,
        x509.NameOID.ORGANIZATION_NAME,
    ):
        values = name.get_attributes_for_oid(oid)
        if values:
            return visible(str(values[0].value))
    return visible(name.rfc4514_string())


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, *ODD):
        return ()
    names = [visible(value) for value in extension.value.get_values_for_type(x509.DNSName)]
    names += [str(value) for value in extension.value.get_values_for_type(x509.IPAddress)]
    return tuple(names)


def _key(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except ODD:
        return "unknown"
    match key:
        case rsa.RSAPublicKey() | dsa.DSAPublicKey():
            return f"{'RSA' if isinstance(key, rsa.RSAPublicKey) else 'DSA'} {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
        case _:
            return type(key).__name__
