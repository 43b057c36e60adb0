"""SCRAM by the vectors of its RFCs, and against servers that do not keep to them."""

import base64
from dataclasses import replace

import pytest

from smtptui.protocol import Credentials, Secret
from smtptui.session.auth import MECHANISMS, Answers, Binding, Context, ExchangeError, ServerUnproven
from smtptui.session.auth.scram import saslprep
from tests.servers.scram import Misbehaviour, ScramServer, ScramSettings

BINDING = Binding((("tls-server-end-point", b"\x01end point"),), server_offers_plus=True)


def context(
    user: str, password: str, nonce: str = "fyko+d2lbbFgONRv9qkxdawL", binding: Binding | None = None
) -> Context:
    return Context(Credentials(user, Secret(password)), "mx.good.test", 587, binding or Binding(), lambda: nonce)


def start(mechanism: str, given: Context) -> tuple[Answers, bytes]:
    answers = MECHANISMS[mechanism].start(given)
    first = next(answers)
    assert first is not None
    return answers, first


def talk(mechanism: str, given: Context, settings: ScramSettings) -> ScramServer:
    """The whole exchange with the test server; raises what either side does."""
    server = ScramServer(settings)
    answers, first = start(mechanism, given)
    final = answers.send(server.first(first))
    assert final is not None
    assert answers.send(server.final(final)) == b""
    with pytest.raises(StopIteration):
        answers.send(b"")
    return server


def test_rfc_5802_section_5() -> None:
    answers, first = start("SCRAM-SHA-1", context("user", "pencil"))
    assert first == b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
    final = answers.send(b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
    assert final == b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    assert answers.send(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=") == b""


def test_rfc_7677_section_3() -> None:
    answers, first = start("SCRAM-SHA-256", context("user", "pencil", "rOprNGfwEbeRWgbNEkqO"))
    assert first == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    nonce = b"rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    final = answers.send(b"r=" + nonce + b",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    assert final == b"c=biws,r=" + nonce + b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    assert answers.send(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") == b""


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
@pytest.mark.parametrize("plus", [False, True])
@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("user", "pencil"),
        ("a=b,c", "p=w,d"),
        ("zoë", "pässwörd-ключ-🔑"),
        ("  two spaces ", "  and\u00a0a hard one "),
        # SASLprep: a soft hyphen goes, a Roman numeral is its letters (RFC 4013 section 3).
        ("I\u00adX", "\u2168"),
    ],
)
def test_a_server_of_the_rfc_is_content(mechanism: str, plus: bool, user: str, password: str) -> None:
    settings = ScramSettings(
        algorithm=mechanism.removeprefix("SCRAM-"),
        plus=plus,
        plus_offered=True,
        passwords={saslprep(user): password},
        bindings=dict(BINDING.data),
    )
    server = talk(mechanism + "-PLUS" * plus, context(user, password, binding=BINDING), settings)
    assert server.verified
    assert server.user == saslprep(user)


@pytest.mark.parametrize(
    ("misbehaviour", "error", "words"),
    [
        (Misbehaviour.WRONG_SIGNATURE, ServerUnproven, "signature is wrong"),
        (Misbehaviour.CHANGED_NONCE, ServerUnproven, "nonce"),
        (Misbehaviour.SAME_NONCE, ServerUnproven, "nonce"),
        (Misbehaviour.ABSURD_ITERATIONS, ExchangeError, "2147483648 iterations"),
        (Misbehaviour.NOT_A_NUMBER, ExchangeError, "iteration"),
        (Misbehaviour.MANDATORY_EXTENSION, ExchangeError, "extension"),
        (Misbehaviour.BAD_SALT, ExchangeError, "salt"),
        (Misbehaviour.GARBAGE, ExchangeError, "not UTF-8"),
        (Misbehaviour.ERROR_VALUE, ExchangeError, "other-error"),
    ],
)
def test_a_server_that_misbehaves_is_told_by_what_it_did(
    misbehaviour: Misbehaviour, error: type[ExchangeError], words: str
) -> None:
    settings = ScramSettings(passwords={"user": "pencil"}, misbehaviour=misbehaviour)
    with pytest.raises(error, match=words) as caught:
        talk("SCRAM-SHA-256", context("user", "pencil"), settings)
    assert type(caught.value) is error


def test_a_proof_is_not_given_for_few_iterations() -> None:
    # One iteration makes the proof as good as the password to whoever records it (RFC 7677 section 4: 4096).
    settings = ScramSettings(passwords={"user": "pencil"}, misbehaviour=Misbehaviour.TINY_ITERATIONS)
    with pytest.raises(ExchangeError, match="1 iteration"):
        talk("SCRAM-SHA-256", context("user", "pencil"), settings)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"r=",
        b"v=AAAA",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=QQ==",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=QQ==,i=0",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=QQ==,i=-5",
        "r=fyko+d2lbbFgONRv9qkxdawLx,s=QQ==,i=٤٠٩٦".encode(),
    ],
)
def test_a_first_message_without_its_parts_is_refused(message: bytes) -> None:
    answers, _ = start("SCRAM-SHA-256", context("user", "pencil"))
    with pytest.raises(ExchangeError):
        answers.send(message)


@pytest.mark.parametrize("message", [b"", b"v=", b"v=*no*", b"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="])
def test_a_final_message_that_proves_nothing_is_refused(message: bytes) -> None:
    answers, _ = start("SCRAM-SHA-256", context("user", "pencil", "rOprNGfwEbeRWgbNEkqO"))
    answers.send(b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    with pytest.raises(ServerUnproven):
        answers.send(message)


def test_the_flag_tells_what_the_client_saw() -> None:
    no_channel = start("SCRAM-SHA-256", context("user", "pencil"))[1]
    assert no_channel.startswith(b"n,,")
    offered = start("SCRAM-SHA-256", context("user", "pencil", binding=BINDING))[1]
    assert offered.startswith(b"n,,")
    not_offered = replace(BINDING, server_offers_plus=False)
    assert start("SCRAM-SHA-256", context("user", "pencil", binding=not_offered))[1].startswith(b"y,,")
    bound = start("SCRAM-SHA-256-PLUS", context("user", "pencil", binding=BINDING))[1]
    assert bound.startswith(b"p=tls-server-end-point,,")


def test_the_authorization_identity_goes_along_escaped() -> None:
    given = context("user", "pencil")
    other = replace(given, credentials=replace(given.credentials, authorization_id="of,fice=1"))
    answers, first = start("SCRAM-SHA-256", other)
    assert first.startswith(b"n,a=of=2Cfice=3D1,n=user,r=")
    final = answers.send(b"r=fyko+d2lbbFgONRv9qkxdawLx,s=QQ==,i=4096")
    assert final is not None
    channel = final.partition(b",")[0].removeprefix(b"c=")
    assert base64.b64decode(channel) == b"n,a=of=2Cfice=3D1,"


def test_without_a_channel_there_is_no_plus() -> None:
    with pytest.raises(ExchangeError, match="channel binding"):
        next(MECHANISMS["SCRAM-SHA-1-PLUS"].start(context("user", "pencil")))


@pytest.mark.parametrize(
    ("text", "prepared"),
    [("I\u00adX", "IX"), ("user", "user"), ("USER", "USER"), ("\u00aa", "a"), ("\u2168", "IX"), ("a\u00a0b", "a b")],
)
def test_saslprep_of_rfc_4013_section_3(text: str, prepared: str) -> None:
    assert saslprep(text) == prepared


@pytest.mark.parametrize("text", ["\u0007", "\u06271", "\u0627a\u0627", "a\ue000"])
def test_saslprep_refuses_what_the_rfc_forbids(text: str) -> None:
    with pytest.raises(ExchangeError, match="RFC 4013"):
        saslprep(text)
