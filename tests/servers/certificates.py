"""Certificates for the test servers: good ones, and one for every way a certificate can be bad."""

import datetime
import hashlib
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "127.0.0.1", "mx.good.test")
"""What the good server certificate is valid for."""
WRONG_NAME = "elsewhere.test"
"""What the certificate with the wrong name is valid for."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its chain, and its private key, as PEM files."""

    certificate: Path
    key: Path
    both: Path
    """Key and chain in one file."""

    @property
    def der(self) -> bytes:
        """The certificate itself, without its chain."""
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate in lower-case hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    def server_context(self, *, client_ca: Path | None = None, tls12: bool = False) -> ssl.SSLContext:
        """A server's context; ``client_ca`` makes a client certificate necessary, ``tls12`` turns 1.3 off."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca)
        if tls12:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context


@dataclass(frozen=True, slots=True)
class Certificates:
    """What :func:`make_certificates` makes."""

    ca_file: Path
    """The authority that the program under test is to trust."""
    other_ca_file: Path
    """An authority that signed nothing here but ``untrusted``."""
    client_ca_file: Path
    """The authority that servers trust for client certificates."""
    good: Certificate
    """Valid for :data:`NAMES`."""
    chained: Certificate
    """Valid, signed by an intermediate authority that the server sends along."""
    sha384: Certificate
    """Valid, signed with SHA-384: its tls-server-end-point binding is no SHA-256 (RFC 5929 section 4.1)."""
    wrong_name: Certificate
    expired: Certificate
    not_yet: Certificate
    """Valid from 2090 on."""
    self_signed: Certificate
    untrusted: Certificate
    """Right names, signed by the other authority."""
    client: Certificate
    """A client's, for client@good.test, signed by the client authority."""
    stranger: Certificate
    """A client's, signed by the other authority."""

    def client_context(self) -> ssl.SSLContext:
        """A client's context that trusts the authority and checks names."""
        return ssl.create_default_context(cafile=str(self.ca_file))


def make_certificates(directory: Path) -> Certificates:
    """Make them all in ``directory``."""
    authority, other, client_authority = trustme.CA(), trustme.CA(), trustme.CA()
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    future = datetime.datetime(2090, 1, 1, tzinfo=datetime.UTC)

    def ca_file(name: str, ca: trustme.CA) -> Path:
        path = directory / f"{name}.pem"
        ca.cert_pem.write_to_path(path)
        return path

    def save(name: str, leaf: trustme.LeafCert) -> Certificate:
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        return _save(directory, name, chain, leaf.private_key_pem.bytes())

    return Certificates(
        ca_file=ca_file("ca", authority),
        other_ca_file=ca_file("other-ca", other),
        client_ca_file=ca_file("client-ca", client_authority),
        good=save("good", authority.issue_cert(*NAMES, common_name="mx.good.test")),
        chained=save("chained", authority.create_child_ca().issue_cert(*NAMES)),
        sha384=_sha384(directory, authority),
        wrong_name=save("wrong-name", authority.issue_cert(WRONG_NAME, common_name=WRONG_NAME)),
        expired=save(
            "expired",
            authority.issue_cert(*NAMES, not_before=past, not_after=past + datetime.timedelta(days=90)),
        ),
        not_yet=save(
            "not-yet",
            authority.issue_cert(*NAMES, not_before=future, not_after=future + datetime.timedelta(days=90)),
        ),
        self_signed=_self_signed(directory),
        untrusted=save("untrusted", other.issue_cert(*NAMES)),
        client=save("client", client_authority.issue_cert("client@good.test", common_name="client")),
        stranger=save("stranger", other.issue_cert("stranger@good.test", common_name="stranger")),
    )


def _save(directory: Path, name: str, chain: bytes, key: bytes) -> Certificate:
    made = Certificate(directory / f"{name}.crt", directory / f"{name}.key", directory / f"{name}.both.pem")
    made.certificate.write_bytes(chain)
    made.key.write_bytes(key)
    made.both.write_bytes(key + chain)
    return made


def _sha384(directory: Path, authority: trustme.CA) -> Certificate:
    signer = serialization.load_pem_private_key(authority.private_key_pem.bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    issuer = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    return _issue(directory, "sha384", hashes.SHA384(), issuer, signer)


def _self_signed(directory: Path) -> Certificate:
    return _issue(directory, "self-signed", hashes.SHA256(), None, None)


def _issue(
    directory: Path,
    name: str,
    digest: hashes.SHA256 | hashes.SHA384,
    issuer: x509.Certificate | None,
    signer: ec.EllipticCurvePrivateKey | None,
) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName("mx.good.test")]
    alternatives.append(x509.IPAddress(ip_address("127.0.0.1")))
    signing = signer or key
    issued = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .sign(signing, digest)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _save(directory, name, issued.public_bytes(serialization.Encoding.PEM), private)
