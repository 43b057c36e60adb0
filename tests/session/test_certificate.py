"""Certificates in words."""

import hashlib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from smtptui.protocol import TlsSettings
from smtptui.session.certificate import read_certificate, read_chain
from smtptui.session.steps.handshake import describe_certificate
from smtptui.session.tls import end_point_binding, judge
from tests.servers.certificates import NAMES, Certificates

START = datetime(2026, 1, 1, tzinfo=UTC)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def make(
    subject: list[tuple[x509.ObjectIdentifier, str]],
    names: list[x509.GeneralName] | None = None,
    key: Key | None = None,
) -> bytes:
    """A certificate of itself, DER, valid for 90 days."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=90))
    )
    if names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    no_digest = isinstance(key, ed25519.Ed25519PrivateKey)
    return builder.sign(key, None if no_digest else hashes.SHA256()).public_bytes(Encoding.DER)


def test_names_dates_and_fingerprint(certificates: Certificates) -> None:
    facts = read_certificate(certificates.good.der)
    assert facts.subject == "mx.good.test"
    assert set(facts.names) == set(NAMES)
    assert facts.issuer.startswith("Testing CA")
    assert facts.sha256 == certificates.good.fingerprint
    assert (facts.key, facts.signature) == ("EC secp256r1", "sha256")
    assert read_certificate(certificates.sha384.der).signature == "sha384"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (rsa.generate_private_key(65537, 2048), "RSA 2048"),
        (ec.generate_private_key(ec.SECP384R1()), "EC secp384r1"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
    ],
)
def test_kinds_of_keys(key: Key, said: str) -> None:
    facts = read_certificate(make([(NameOID.COMMON_NAME, "mx.test")], key=key))
    assert facts.key == said
    assert facts.signature == ("none" if said == "Ed25519" else "sha256")


def test_a_subject_without_a_common_name() -> None:
    unit = [(NameOID.ORGANIZATION_NAME, "Org"), (NameOID.ORGANIZATIONAL_UNIT_NAME, "Unit")]
    assert read_certificate(make(unit)).subject == "Unit"
    assert read_certificate(make(unit[:1])).subject == "Org"
    assert read_certificate(make([(NameOID.COUNTRY_NAME, "DE")])).subject == "C=DE"


def test_names_of_all_kinds_and_none() -> None:
    names: list[x509.GeneralName] = [
        x509.DNSName("*.mx.test"),
        x509.IPAddress(ip_address("2001:db8::1")),
        x509.RFC822Name("someone@mx.test"),
    ]
    subject = [(NameOID.COMMON_NAME, "mx.test")]
    assert read_certificate(make(subject, names)).names == ("*.mx.test", "2001:db8::1")
    assert read_certificate(make(subject)).names == ()


def test_nothing_in_a_name_reaches_the_terminal() -> None:
    evil = "mx\x1b[31m\u202etest\r\nEVIL"
    facts = read_certificate(make([(NameOID.COMMON_NAME, evil)]))
    line = describe_certificate(facts, START)
    assert facts.subject == facts.issuer == "mx\\x1b[31m\\u202etest\\r\\nEVIL"
    assert line.isprintable()


@pytest.mark.parametrize(
    ("days", "until"),
    [
        (0, "until 2026-04-01, 90 days left"),
        (76, "until 2026-04-01, 14 days left"),
        (77, "until 2026-04-01, 13 days left, EXPIRES SOON"),
        (89, "until 2026-04-01, 1 day left, EXPIRES SOON"),
        (91, "EXPIRED 2026-04-01"),
        (-1, "valid from 2026-01-01"),
    ],
)
def test_a_line_about_a_certificate_tells_when_it_ends(days: int, until: str) -> None:
    facts = read_certificate(make([(NameOID.COMMON_NAME, "mx.test")], [x509.DNSName("mx.test")]))
    line = describe_certificate(facts, START + timedelta(days=days))
    assert until in line
    assert line.startswith("certificate “mx.test” for mx.test, EC secp256r1, by “mx.test”, ")
    assert describe_certificate(facts, START, issuer_only=True).startswith("issuer “mx.test”")


def test_what_cannot_be_read_ends_the_chain(certificates: Certificates) -> None:
    good = certificates.good.der
    assert [facts.sha256 for facts in read_chain([good, b"no certificate", good])] == [certificates.good.fingerprint]
    assert read_chain([]) == ()
    with pytest.raises(ValueError, match=r"."):
        read_certificate(b"")


@pytest.mark.parametrize("what", ["signature", "key"])
def test_a_certificate_of_an_unknown_kind_is_still_read(what: str, certificates: Certificates) -> None:
    """Object identifiers nobody knows, in place of ecdsa-with-SHA256 and id-ecPublicKey."""
    known, unknown = {
        "signature": (bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d047f7f")),
        "key": (bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d7f7f")),
    }[what]
    der = certificates.good.der
    assert known in der
    odd = der.replace(known, unknown)
    facts = read_certificate(odd)
    assert facts.names
    assert (facts.signature if what == "signature" else facts.key) in ("none", "unknown")
    assert end_point_binding(odd) == hashlib.sha256(odd).digest()
    now = datetime.now(UTC)
    assert judge([odd], TlsSettings(ca_file=certificates.ca_file), name="localhost", now=now) is not None
