"""The SCRAM server against the exchanges printed in the RFCs, and a client that follows them by the book."""

import base64
import hashlib
import hmac

import pytest

from tests.servers.scram import Misbehaviour, ScramError, ScramServer, ScramSettings, saslprep

VECTORS = {
    "RFC 5802 section 5": (
        ScramSettings(
            algorithm="SHA-1",
            passwords={"user": "pencil"},
            salt=base64.b64decode("QSXCR+Q6sek8bf92"),
            nonce="3rfcNHYJY1ZVvWVs7j",
        ),
        b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ),
    "RFC 7677 section 3": (
        ScramSettings(
            algorithm="SHA-256",
            passwords={"user": "pencil"},
            salt=base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="),
            nonce="%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        ),
        b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
}


def client_final(
    settings: ScramSettings, bare: bytes, server_first: bytes, password: str, header: bytes, binding: bytes = b""
) -> bytes:
    """The client-final-message that RFC 5802 section 3 prescribes."""
    name = settings.algorithm.lower().replace("-", "") if settings.algorithm == "SHA-1" else "sha256"
    nonce = server_first.split(b",")[0]
    without = b"c=" + base64.b64encode(header + binding) + b"," + nonce
    salted = hashlib.pbkdf2_hmac(name, password.encode(), settings.salt, settings.iterations)
    key = hmac.digest(salted, b"Client Key", name)
    signature = hmac.digest(hashlib.new(name, key).digest(), bare + b"," + server_first + b"," + without, name)
    proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
    return without + b",p=" + base64.b64encode(proof)


@pytest.mark.parametrize("vector", VECTORS)
def test_the_exchange_printed_in_the_rfc(vector: str) -> None:
    settings, client_first, server_first, final, signature = VECTORS[vector]
    server = ScramServer(settings)
    assert server.first(client_first) == server_first
    assert server.final(final) == signature
    assert server.user == "user"
    assert server.verified


@pytest.mark.parametrize("vector", VECTORS)
def test_another_proof_is_refused(vector: str) -> None:
    settings, client_first, _, final, _ = VECTORS[vector]
    server = ScramServer(settings)
    server.first(client_first)
    wrong = final.replace(b",p=v", b",p=w").replace(b",p=d", b",p=e")
    assert wrong != final
    with pytest.raises(ScramError, match="invalid-proof"):
        server.final(wrong)
    assert not server.verified


def test_a_channel_binding_must_be_the_connections_own() -> None:
    settings = ScramSettings(plus=True, passwords={"user": "pencil"}, bindings={"tls-server-end-point": b"right"})
    header = b"p=tls-server-end-point,,"
    for binding, accepted in ((b"right", True), (b"wrong", False)):
        server = ScramServer(settings)
        first = server.first(header + b"n=user,r=abc")
        final = client_final(settings, b"n=user,r=abc", first, "pencil", header, binding)
        if accepted:
            assert server.final(final).startswith(b"v=")
        else:
            with pytest.raises(ScramError, match="channel-bindings-dont-match"):
                server.final(final)


@pytest.mark.parametrize(
    ("settings", "client_first", "value"),
    [
        (ScramSettings(plus_offered=True), b"y,,n=u,r=a", "server-does-support-channel-binding"),
        (ScramSettings(), b"p=tls-unique,,n=u,r=a", "channel-binding-not-supported"),
        (ScramSettings(plus=True), b"p=tls-unique,,n=u,r=a", "unsupported-channel-binding-type"),
        (ScramSettings(), b"n,,n=a=b,r=a", "invalid-username-encoding"),
        (ScramSettings(), b"n,,r=a", "invalid-encoding"),
        (ScramSettings(), b"n,,n=\xff,r=a", "invalid-encoding"),
    ],
)
def test_a_first_message_that_is_refused(settings: ScramSettings, client_first: bytes, value: str) -> None:
    with pytest.raises(ScramError, match=value):
        ScramServer(settings).first(client_first)


def test_a_name_with_comma_and_equals_sign() -> None:
    server = ScramServer(ScramSettings())
    server.first(b"n,,n=a=2Cb=3Dc,r=x")
    assert server.user == "a,b=c"


def test_passwords_are_prepared() -> None:
    assert saslprep("I\u00adX") == "IX"
    assert saslprep("\u00aa\u2168") == "aIX"
    assert saslprep("a\u00a0b") == "a b"


@pytest.mark.parametrize(
    ("misbehaviour", "seen"),
    [
        (Misbehaviour.CHANGED_NONCE, b"r=anotherabcserver-nonce,"),
        (Misbehaviour.SAME_NONCE, b"r=abc,"),
        (Misbehaviour.ABSURD_ITERATIONS, b",i=2147483648"),
        (Misbehaviour.TINY_ITERATIONS, b",i=1"),
        (Misbehaviour.NOT_A_NUMBER, b",i=many"),
        (Misbehaviour.MANDATORY_EXTENSION, b"m="),
        (Misbehaviour.BAD_SALT, b"s=*"),
        (Misbehaviour.GARBAGE, b"\xff\x00"),
    ],
)
def test_misbehaviour_in_the_first_message(misbehaviour: Misbehaviour, seen: bytes) -> None:
    server = ScramServer(ScramSettings(misbehaviour=misbehaviour))
    first = server.first(b"n,,n=user,r=abc")
    assert first.startswith(seen) or first.endswith(seen) or b"," + seen in first


@pytest.mark.parametrize("misbehaviour", [Misbehaviour.WRONG_SIGNATURE, Misbehaviour.ERROR_VALUE])
def test_misbehaviour_in_the_final_message(misbehaviour: Misbehaviour) -> None:
    honest = ScramSettings(passwords={"user": "pencil"})
    lying = ScramSettings(passwords={"user": "pencil"}, misbehaviour=misbehaviour)
    answers = []
    for settings in (honest, lying):
        server = ScramServer(settings)
        first = server.first(b"n,,n=user,r=abc")
        answers.append(server.final(client_final(settings, b"n=user,r=abc", first, "pencil", b"n,,")))
    assert answers[0].startswith(b"v=")
    assert answers[1] != answers[0]
    assert answers[1].startswith(b"e=" if misbehaviour is Misbehaviour.ERROR_VALUE else b"v=")
