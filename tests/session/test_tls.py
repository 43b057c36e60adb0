"""TLS against servers good and bad: what is accepted, what is noted, and what is told when it fails."""

import asyncio
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from smtptui.protocol import Envelope, EventKind, FailureKind, Stage, TlsMode, TlsSettings
from smtptui.session import PASS, Decision, Pending, Request, SessionRun
from smtptui.session.tls import Sighting, TlsFileError, end_point_binding, judge, make_context
from tests.servers.certificates import WRONG_NAME, Certificate, Certificates
from tests.servers.loops import BOTH_LOOPS
from tests.servers.oracle import Oracle
from tests.servers.postfix import Postfix
from tests.session.sending import MESSAGE, Sent, password, send, to

MakeOracle = Callable[..., Oracle]
SECURE = [("starttls", TlsMode.STARTTLS), ("implicit", TlsMode.IMPLICIT)]
BAD = [
    ("expired", "it expired on 2020-03-31"),
    ("not_yet", "valid only from 2090-01-01"),
    ("wrong_name", f"it is for {WRONG_NAME}, not for 127.0.0.1"),
    ("self_signed", "self-signed"),
    ("untrusted", "unable to get local issuer"),
]


def said_in_the_clear(server: Oracle) -> list[bytes]:
    """What came from the client outside TLS."""
    return [chunk.data for chunk in server.log if chunk.direction == "in" and not chunk.tls]


def tls_facts(sent: Sent) -> str:
    """The transcript's lines about TLS."""
    return "\n".join(sent.texts(EventKind.TLS))


@BOTH_LOOPS
@pytest.mark.parametrize("name", ["good", "chained", "sha384"])
@pytest.mark.parametrize(("tls", "mode"), SECURE)
async def test_a_good_certificate_is_verified_and_described(
    oracle: MakeOracle, certificates: Certificates, tls: str, mode: TlsMode, name: str
) -> None:
    async with oracle(tls=tls, use=getattr(certificates, name)) as server:
        sent = await send(to(certificates, server.port, mode, host="localhost"))
    assert sent.outcome.ok, sent.text
    facts = sent.outcome.tls
    assert facts is not None
    assert facts.verified
    assert facts.version == "TLSv1.3"
    assert len(facts.chain) == (2 if name == "chained" else 1)
    assert facts.chain[0].sha256 == getattr(certificates, name).fingerprint
    page = tls_facts(sent)
    assert f"TLSv1.3 {facts.cipher}" in page
    assert "for localhost, mx.good.test, 127.0.0.1" in page
    assert f"by “{facts.chain[0].issuer}”" in page
    assert "days left" in page
    assert "verified: trusted, and issued for localhost" in page
    assert ("issuer “" in page) is (name == "chained")
    [handshake] = [event for event in sent.transcript if event.kind is EventKind.TLS and event.took is not None]
    assert 0 < (handshake.took or 0) <= sent.outcome.took


@BOTH_LOOPS
@pytest.mark.parametrize(("tls", "mode"), SECURE)
@pytest.mark.parametrize(("name", "words"), BAD)
async def test_a_bad_certificate_ends_the_session_and_is_shown(
    oracle: MakeOracle, certificates: Certificates, tls: str, mode: TlsMode, name: str, words: str
) -> None:
    bad: Certificate = getattr(certificates, name)
    async with oracle(tls=tls, use=bad) as server:
        sent = await send(to(certificates, server.port, mode), credentials=password("alice", "wonder land"))
    assert sent.kind is FailureKind.CERTIFICATE, sent.text
    assert sent.stage is Stage.TLS
    assert words in sent.sentence
    # The certificate is seen although the handshake failed, and nothing was said after it.
    assert "certificate “" in tls_facts(sent)
    assert ("EXPIRED 2020-03-31" in tls_facts(sent)) is (name == "expired")
    heard = b"".join(said_in_the_clear(server))
    assert heard in (b"", b"EHLO [127.0.0.1]\r\nSTARTTLS\r\n")
    assert server.messages == []
    assert server.logins == []


@BOTH_LOOPS
@pytest.mark.parametrize(("tls", "mode"), SECURE)
async def test_the_name_is_checked_whatever_the_socket(
    oracle: MakeOracle, certificates: Certificates, tls: str, mode: TlsMode
) -> None:
    # The socket is connected by then: only the name given can be checked, and it always is.
    async with oracle(tls=tls) as server:
        sent = await send(to(certificates, server.port, mode, tls={"sni": "attacker.example"}))
    assert sent.kind is FailureKind.CERTIFICATE
    assert "for localhost, mx.good.test, 127.0.0.1, not for attacker.example" in sent.sentence
    async with oracle(tls=tls, use=certificates.wrong_name) as server:
        sent = await send(to(certificates, server.port, mode, tls={"sni": WRONG_NAME}))
    assert sent.outcome.ok, sent.text
    assert f"issued for {WRONG_NAME}" in tls_facts(sent)


@BOTH_LOOPS
@pytest.mark.parametrize(("name", "words"), BAD)
async def test_without_verification_the_fault_is_only_said(
    oracle: MakeOracle, certificates: Certificates, name: str, words: str
) -> None:
    said = {"self_signed": "self-signed", "untrusted": "is not a trusted authority here"}.get(name, words)
    async with oracle(tls="implicit", use=getattr(certificates, name)) as server:
        sent = await send(to(certificates, server.port, TlsMode.IMPLICIT, tls={"verify": False}))
    assert sent.outcome.ok, sent.text
    assert sent.outcome.tls is not None
    assert not sent.outcome.tls.verified
    assert sent.outcome.tls.verification.startswith("not verified: ")
    assert said in sent.outcome.tls.verification
    assert sent.outcome.tls.verification in tls_facts(sent)


@pytest.mark.parametrize("name", ["good", "chained", "sha384"])
async def test_without_verification_a_good_certificate_is_called_good(
    oracle: MakeOracle, certificates: Certificates, name: str
) -> None:
    async with oracle(tls="implicit", use=getattr(certificates, name)) as server:
        sent = await send(to(certificates, server.port, TlsMode.IMPLICIT, host="localhost", tls={"verify": False}))
    assert sent.outcome.tls is not None
    assert not sent.outcome.tls.verified
    assert sent.outcome.tls.verification == "not verified, as asked; it is trusted, and issued for localhost"


# Opportunistic


async def test_opportunistic_tells_of_a_good_certificate_too(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.mx, TlsMode.OPPORTUNISTIC, host="localhost"))
    assert sent.outcome.ok, sent.text
    assert sent.outcome.tls is not None
    assert sent.outcome.tls.verified
    assert "verified: trusted, and issued for localhost" in sent.texts(EventKind.TLS)


@pytest.mark.parametrize("way", ["expired", "wrong_name", "self_signed"])
async def test_opportunistic_goes_on_whatever_the_certificate_and_says_so(
    postfix: Postfix, certificates: Certificates, way: str
) -> None:
    connection = to(certificates, getattr(postfix.ports, way), TlsMode.OPPORTUNISTIC)
    sent = await send(connection)
    assert sent.outcome.ok, sent.text
    assert sent.outcome.tls is not None
    assert not sent.outcome.tls.verified
    fault = {"expired": "expired on", "wrong_name": "not for 127.0.0.1", "self_signed": "self-signed"}[way]
    assert fault in sent.outcome.tls.verification
    assert "not verified: " in tls_facts(sent)


@pytest.mark.parametrize("way", ["expired", "wrong_name", "self_signed"])
async def test_opportunistic_with_a_login_verifies_strictly(
    postfix: Postfix, certificates: Certificates, way: str
) -> None:
    connection = to(certificates, getattr(postfix.ports, way), TlsMode.OPPORTUNISTIC)
    sent = await send(connection, credentials=password("alice", "wonderland"))
    assert sent.kind is FailureKind.CERTIFICATE
    assert "AUTH" not in " ".join(sent.commands)
    assert "MAIL" not in " ".join(sent.commands)


@pytest.mark.parametrize(("way", "words"), [("mx", "unable to get local issuer certificate"), ("expired", "")])
async def test_another_authority_is_not_trusted(
    postfix: Postfix, certificates: Certificates, way: str, words: str
) -> None:
    connection = to(
        certificates, getattr(postfix.ports, way), TlsMode.STARTTLS, tls={"ca_file": certificates.other_ca_file}
    )
    sent = await send(connection)
    assert sent.kind is FailureKind.CERTIFICATE
    assert words in sent.sentence


async def test_a_self_signed_certificate_can_be_trusted_by_file(postfix: Postfix, certificates: Certificates) -> None:
    trust = {"ca_file": certificates.self_signed.certificate}
    for mode in (TlsMode.STARTTLS, TlsMode.OPPORTUNISTIC):
        sent = await send(to(certificates, postfix.ports.self_signed, mode, tls=trust))
        assert sent.outcome.ok, sent.text
        assert sent.outcome.tls is not None
        assert sent.outcome.tls.verified
        assert sent.outcome.tls.verification == "verified: trusted, and issued for 127.0.0.1"


# What the server does not do


async def test_starttls_that_is_not_offered_ends_the_session(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.clear, TlsMode.STARTTLS))
    assert (sent.kind, sent.stage) == (FailureKind.TLS, Stage.STARTTLS)
    assert sent.commands == ["EHLO [127.0.0.1]", "QUIT"]
    assert "does not offer STARTTLS" in sent.sentence


async def test_opportunistic_goes_on_in_the_clear_where_nothing_is_offered(
    postfix: Postfix, certificates: Certificates
) -> None:
    sent = await send(to(certificates, postfix.ports.clear, TlsMode.OPPORTUNISTIC))
    assert sent.outcome.ok, sent.text
    assert sent.outcome.tls is None


@pytest.mark.parametrize(("reply", "kind"), [(b"454 4.7.0 TLS not available\r\n", FailureKind.DEFERRED)])
async def test_starttls_that_is_refused(
    oracle: MakeOracle, certificates: Certificates, reply: bytes, kind: FailureKind
) -> None:
    async with oracle(tls="starttls", replies={"STARTTLS": reply}) as server:
        demanded = await send(to(certificates, server.port, TlsMode.STARTTLS))
        wished = await send(to(certificates, server.port, TlsMode.OPPORTUNISTIC))
        login = password("alice", "wonder land")
        with_login = await send(to(certificates, server.port, TlsMode.OPPORTUNISTIC), credentials=login)
    assert (demanded.kind, demanded.stage) == (kind, Stage.STARTTLS)
    assert wished.outcome.ok
    assert "refused STARTTLS" in wished.notes
    assert (with_login.kind, with_login.stage) == (kind, Stage.STARTTLS)
    assert server.logins == []


@BOTH_LOOPS
async def test_tls_from_the_start_where_the_server_speaks_first(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.mx, TlsMode.IMPLICIT))
    assert (sent.kind, sent.stage) == (FailureKind.TLS, Stage.TLS)
    assert "STARTTLS" in sent.sentence


@BOTH_LOOPS
async def test_waiting_for_a_greeting_where_the_server_wants_tls(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.smtps, TlsMode.NONE, timeout=0.5))
    assert (sent.kind, sent.stage) == (FailureKind.TIMEOUT, Stage.BANNER)
    assert "at banner" in sent.sentence
    assert "implicit TLS" in sent.sentence


@BOTH_LOOPS
@pytest.mark.parametrize(("tls", "mode"), SECURE)
async def test_no_version_in_common_is_a_clear_sentence(
    oracle: MakeOracle, certificates: Certificates, tls: str, mode: TlsMode
) -> None:
    async with oracle(tls=tls, tls12=True) as server:
        refused = await send(to(certificates, server.port, mode, tls={"min_version": "1.3"}))
        taken = await send(to(certificates, server.port, mode, tls={"min_version": "1.2"}))
    assert (refused.kind, refused.stage) == (FailureKind.TLS, Stage.TLS)
    assert "no TLS version both sides accept" in refused.sentence
    assert taken.outcome.ok, taken.text
    assert taken.outcome.tls is not None
    assert taken.outcome.tls.version == "TLSv1.2"


@BOTH_LOOPS
@pytest.mark.parametrize(("tls", "mode"), SECURE)
async def test_a_handshake_that_never_comes_ends_at_the_deadline(
    certificates: Certificates, tls: str, mode: TlsMode
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if mode is TlsMode.STARTTLS:
            writer.write(b"220 mx.silent.test\r\n")
            await reader.readline()
            writer.write(b"250-mx.silent.test\r\n250 STARTTLS\r\n")
            await reader.readline()
            writer.write(b"220 Go ahead\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        sent = await send(to(certificates, port, mode, timeout=0.4))
    assert (sent.kind, sent.stage) == (FailureKind.TIMEOUT, Stage.TLS), sent.text
    assert "0.4 s" in sent.sentence
    assert sent.outcome.took >= 0.4


# SNI


@BOTH_LOOPS
@pytest.mark.parametrize(
    ("host", "sni", "heard"),
    [("localhost", None, "localhost"), ("127.0.0.1", "mx.good.test", "mx.good.test"), ("127.0.0.1", None, None)],
)
async def test_the_name_is_sent_in_the_handshake(
    oracle: MakeOracle, certificates: Certificates, host: str, sni: str | None, heard: str | None
) -> None:
    async with oracle(tls="starttls") as server:
        names: list[str | None] = []
        server._context.sni_callback = lambda _, name, __: names.append(name)
        sent = await send(to(certificates, server.port, TlsMode.STARTTLS, host=host, tls={"sni": sni}))
    assert sent.outcome.ok, sent.text
    assert names == [heard]
    assert f"issued for {sni or host}" in tls_facts(sent)


@BOTH_LOOPS
async def test_handshake_and_greeting_are_timed_apart(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle(tls="implicit") as server:
        # The server thinks for a while in the midst of the handshake.
        server._context.sni_callback = lambda *_: time.sleep(0.5)
        sent = await send(to(certificates, server.port, TlsMode.IMPLICIT, host="localhost"))
    assert sent.outcome.ok, sent.text
    [handshake] = [event for event in sent.transcript if event.kind is EventKind.TLS and event.took is not None]
    greeting = next(event for event in sent.transcript if event.kind is EventKind.REPLY)
    assert (handshake.took or 0) >= 0.5
    assert (greeting.took or 0) < (handshake.took or 0)


# Fingerprints


@BOTH_LOOPS
@pytest.mark.parametrize("name", ["good", "expired", "self_signed", "wrong_name"])
async def test_the_pinned_certificate_is_accepted_whatever_else_it_is(
    oracle: MakeOracle, certificates: Certificates, name: str
) -> None:
    pinned: Certificate = getattr(certificates, name)
    pairs = ":".join(pinned.fingerprint[at : at + 2] for at in range(0, 64, 2)).upper()
    async with oracle(tls="starttls", use=pinned) as server:
        connection = to(certificates, server.port, TlsMode.STARTTLS, tls={"fingerprint": pairs})
        sent = await send(connection, credentials=password("alice", "wonder land"))
    assert sent.outcome.ok, sent.text
    assert sent.outcome.tls is not None
    assert sent.outcome.tls.verified
    assert "verified: the certificate has the pinned fingerprint" in tls_facts(sent)


@BOTH_LOOPS
@pytest.mark.parametrize(("tls", "mode"), [*SECURE, ("starttls", TlsMode.OPPORTUNISTIC)])
async def test_another_certificate_than_the_pinned_one_hears_nothing(
    oracle: MakeOracle, certificates: Certificates, tls: str, mode: TlsMode
) -> None:
    pin = {"fingerprint": certificates.untrusted.fingerprint}
    async with oracle(tls=tls) as server:
        sent = await send(to(certificates, server.port, mode, tls=pin))
    assert (sent.kind, sent.stage) == (FailureKind.CERTIFICATE, Stage.TLS)
    assert certificates.good.fingerprint in sent.sentence
    assert [chunk for chunk in server.log if chunk.direction == "in" and chunk.tls] == []
    assert sent.outcome.tls is not None
    assert not sent.outcome.tls.verified
    assert sent.outcome.tls.verification == "not verified: the certificate is not the pinned one"


# Client certificates


@BOTH_LOOPS
@pytest.mark.parametrize(("tls", "mode"), SECURE)
@pytest.mark.parametrize("tls12", [False, True])
@pytest.mark.parametrize("who", ["nobody", "stranger"])
async def test_a_server_that_wants_a_client_certificate_says_so(
    oracle: MakeOracle, certificates: Certificates, tls: str, mode: TlsMode, tls12: bool, who: str
) -> None:
    identity = {} if who == "nobody" else {"client_cert": certificates.stranger.both}
    async with oracle(tls=tls, tls12=tls12, client_certificates=True) as server:
        sent = await send(to(certificates, server.port, mode, tls=identity, timeout=5))
    assert sent.kind is FailureKind.TLS, sent.text
    assert "client certificate" in sent.sentence
    assert server.messages == []


@BOTH_LOOPS
@pytest.mark.parametrize("together", [False, True])
async def test_a_client_certificate_is_enough_for_postfix(
    postfix: Postfix, certificates: Certificates, together: bool
) -> None:
    him = certificates.client
    identity = {"client_cert": him.both} if together else {"client_cert": him.certificate, "client_key": him.key}
    connection = to(certificates, postfix.ports.mutual, TlsMode.STARTTLS, tls=identity)
    sent = await send(connection, "someone@elsewhere.test")
    assert sent.outcome.ok, sent.text


# Files


@pytest.mark.parametrize(("tls", "mode"), SECURE)
@pytest.mark.parametrize("what", ["ca_file", "client_cert"])
@pytest.mark.parametrize("content", [None, b"", b"no PEM at all\n", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
async def test_a_file_that_cannot_be_used_is_named(
    oracle: MakeOracle,
    certificates: Certificates,
    tmp_path: Path,
    tls: str,
    mode: TlsMode,
    what: str,
    content: bytes | None,
) -> None:
    path = tmp_path / "file.pem"
    if content is not None:
        path.write_bytes(content)
    async with oracle(tls=tls) as server:
        sent = await send(to(certificates, server.port, mode, tls={what: path}))
    assert sent.kind is FailureKind.CONFIGURATION
    assert str(path) in sent.sentence
    assert "PEM" in sent.sentence
    assert "_ssl.c" not in sent.sentence
    if content is None:
        assert "No such file" in sent.sentence
    # Between STARTTLS and the handshake nothing may be said (RFC 3207): so it is not begun.
    assert b"STARTTLS" not in server.received
    assert server.violations == []


def test_a_key_of_another_certificate_and_a_locked_key(certificates: Certificates, tmp_path: Path) -> None:
    other = TlsSettings(client_cert=certificates.client.certificate, client_key=certificates.stranger.key)
    with pytest.raises(TlsFileError, match="key"):
        make_context(other, Sighting(), verify=True)
    locked = tmp_path / "locked.pem"
    body = certificates.client.key.read_bytes().splitlines(keepends=True)
    locked.write_bytes(
        body[0]
        + b"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n"
        + b"".join(body[1:])
    )
    with pytest.raises(TlsFileError, match="not encrypted"):
        make_context(
            TlsSettings(client_cert=certificates.client.certificate, client_key=locked), Sighting(), verify=True
        )


def test_old_versions_are_possible_when_asked_for() -> None:
    context = make_context(TlsSettings(min_version="1.0"), Sighting(), verify=True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1
    assert make_context(TlsSettings(), Sighting(), verify=True).minimum_version == ssl.TLSVersion.TLSv1_2


def test_verification_is_on_unless_it_is_turned_off() -> None:
    assert TlsSettings().verify
    context = make_context(TlsSettings(), Sighting(), verify=True)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


# By themselves


def test_the_end_point_binding_uses_the_hash_of_the_signature(certificates: Certificates) -> None:
    assert len(end_point_binding(certificates.good.der)) == 32
    assert len(end_point_binding(certificates.sha384.der)) == 48


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("name", "host", "words"),
    [
        ("good", "localhost", None),
        ("good", "LOCALHOST", None),
        ("good", "127.0.0.1", None),
        ("good", "127.0.0.2", "not for 127.0.0.2"),
        ("chained", "mx.good.test", None),
        ("good", "good.test", "not for good.test"),
        ("untrusted", "localhost", "is not a trusted authority here"),
        ("self_signed", "localhost", "self-signed"),
        ("expired", "localhost", "expired on 2020-03-31"),
        ("not_yet", "localhost", "valid only from 2090-01-01"),
    ],
)
def test_a_chain_is_judged_in_words(certificates: Certificates, name: str, host: str, words: str | None) -> None:
    pem = getattr(certificates, name).certificate.read_bytes()
    chain = [each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(pem)]
    fault = judge(chain, TlsSettings(ca_file=certificates.ca_file), name=host, now=NOW)
    if words is None:
        assert fault is None
    else:
        assert fault is not None
        assert words in fault


def test_the_systems_authorities_may_be_a_directory(
    certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = [certificates.good.der]
    paths = ssl.get_default_verify_paths()._replace(cafile="", capath=str(tmp_path))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    assert judge(chain, TlsSettings(), name="localhost", now=NOW) is not None
    (tmp_path / "0a1b2c3d.0").write_bytes(b"garbage\n" + certificates.ca_file.read_bytes())
    assert judge(chain, TlsSettings(), name="localhost", now=NOW) is None


def test_a_chain_without_its_intermediate_is_not_trusted(certificates: Certificates) -> None:
    fault = judge([certificates.chained.der], TlsSettings(ca_file=certificates.ca_file), name="localhost", now=NOW)
    assert fault is not None
    assert "not a trusted authority" in fault
    assert judge([], TlsSettings(), name="localhost", now=NOW) is not None
    assert judge([b"no certificate"], TlsSettings(), name="localhost", now=NOW) is not None


@pytest.mark.parametrize(("ahead", "soon"), [(timedelta(days=1), False), (timedelta(days=20), True)])
async def test_a_certificate_that_expires_soon_is_said_to(
    oracle: MakeOracle, certificates: Certificates, ahead: timedelta, soon: bool
) -> None:
    async with oracle(tls="implicit", use=certificates.self_signed) as server:
        pin = {"fingerprint": certificates.self_signed.fingerprint}
        sent = await send(to(certificates, server.port, TlsMode.IMPLICIT, tls=pin), now=lambda: NOW + ahead)
    assert ("EXPIRES SOON" in tls_facts(sent)) is soon


async def test_a_session_that_runs_tells_its_tls(oracle: MakeOracle, certificates: Certificates) -> None:
    seen: list[tuple[Stage, bool, int]] = []

    async def watch(pending: Pending) -> Decision:
        seen.append((pending.stage, run.tls is not None, len(run.chain)))
        return PASS

    async with oracle(tls="starttls", use=certificates.chained) as server:
        connection = to(certificates, server.port, TlsMode.STARTTLS, host="localhost")
        run = SessionRun(Request(connection, Envelope.of("a@good.test", "b@good.test"), MESSAGE), gate=watch)
        assert run.tls is None
        outcome = await run.run()
    assert (Stage.STARTTLS, False, 0) in seen
    assert (Stage.EHLO_TLS, True, 2) in seen
    assert run.tls == outcome.tls


async def test_the_chain_is_known_also_where_it_was_not_accepted(
    oracle: MakeOracle, certificates: Certificates
) -> None:
    async with oracle(tls="implicit", use=certificates.expired) as server:
        connection = to(certificates, server.port, TlsMode.IMPLICIT, host="localhost")
        run = SessionRun(Request(connection, Envelope.of("a@good.test", "b@good.test"), MESSAGE))
        outcome = await run.run()
    assert outcome.tls is run.tls is None
    assert [certificate.sha256 for certificate in run.chain] == [certificates.expired.fingerprint]
