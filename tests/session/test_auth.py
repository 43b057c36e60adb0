"""AUTH with Dovecot behind Postfix, with the ground-truth server, and by the examples of the RFCs."""

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest

from smtptui.protocol import (
    BEARER_MECHANISMS,
    MECHANISM_NAMES,
    Credentials,
    EventKind,
    FailureKind,
    Secret,
    Stage,
    TlsMode,
)
from smtptui.session.auth import MECHANISMS, ORDER_CLEAR, ORDER_TLS, ORDER_TOKEN, Binding, Context, NoMechanism, choose
from smtptui.transcript import Verdict
from tests.servers.certificates import Certificates
from tests.servers.dovecot import GOOD_TOKEN, PASSWORDS
from tests.servers.loops import BOTH_LOOPS
from tests.servers.oracle import Oracle
from tests.servers.postfix import Postfix
from tests.servers.sasl import Accounts
from tests.servers.scram import Misbehaviour
from tests.session.sending import Sent, password, send, to, token

MakeOracle = Callable[..., Oracle]

WITH_PASSWORD = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]
WITH_TOKEN = ["XOAUTH2", "OAUTHBEARER"]
ALL = ("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-1", "SCRAM-SHA-256")
PLUS = ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS")
WAYS = [("none", TlsMode.NONE), ("starttls", TlsMode.STARTTLS), ("implicit", TlsMode.IMPLICIT)]


def no_secret(sent: Sent, *secrets: str) -> None:
    """Neither the secrets nor their base64 are in the transcript."""
    page = sent.text + sent.sentence
    for secret in secrets:
        assert secret not in page
        assert base64.b64encode(secret.encode()).decode() not in page


# Dovecot


@BOTH_LOOPS
@pytest.mark.parametrize("mechanism", WITH_PASSWORD)
@pytest.mark.parametrize("way", [("submission", TlsMode.STARTTLS), ("smtps", TlsMode.IMPLICIT)])
async def test_dovecot_takes_the_password(
    postfix: Postfix, certificates: Certificates, way: tuple[str, TlsMode], mechanism: str
) -> None:
    connection = to(certificates, getattr(postfix.ports, way[0]), way[1], auth=mechanism)
    sent = await send(connection, credentials=password("alice", PASSWORDS["alice"]))
    assert sent.outcome.ok, sent.text
    assert sent.outcome.auth == mechanism
    no_secret(sent, PASSWORDS["alice"])
    assert f"sasl_method={mechanism}, sasl_username=alice" in postfix.log


@pytest.mark.parametrize("user", PASSWORDS)
@pytest.mark.parametrize("mechanism", WITH_PASSWORD)
async def test_dovecot_takes_passwords_of_all_kinds(
    postfix: Postfix, certificates: Certificates, user: str, mechanism: str
) -> None:
    connection = to(certificates, postfix.ports.smtps, TlsMode.IMPLICIT, auth=mechanism)
    sent = await send(connection, credentials=password(user, PASSWORDS[user]))
    assert sent.outcome.ok, sent.text
    no_secret(sent, PASSWORDS[user])


@pytest.mark.parametrize("mechanism", WITH_TOKEN)
async def test_dovecot_takes_the_token(postfix: Postfix, certificates: Certificates, mechanism: str) -> None:
    connection = to(certificates, postfix.ports.submission, TlsMode.STARTTLS, auth=mechanism)
    sent = await send(connection, credentials=token("alice", GOOD_TOKEN))
    assert sent.outcome.ok, sent.text
    assert sent.outcome.auth == mechanism
    no_secret(sent, GOOD_TOKEN)


@pytest.mark.parametrize(
    ("credentials", "chosen", "order"),
    [
        (password("alice", PASSWORDS["alice"]), "SCRAM-SHA-256", ORDER_TLS),
        (token("alice", GOOD_TOKEN), "OAUTHBEARER", ORDER_TOKEN),
    ],
)
async def test_auto_takes_the_first_of_its_order_and_says_why(
    postfix: Postfix, certificates: Certificates, credentials: Credentials, chosen: str, order: tuple[str, ...]
) -> None:
    connection = to(certificates, postfix.ports.submission, TlsMode.STARTTLS)
    sent = await send(connection, credentials=credentials)
    assert sent.outcome.ok, sent.text
    assert sent.outcome.auth == chosen
    [why] = [note for note in sent.texts(EventKind.NOTE, stage=Stage.AUTH) if note.startswith(f"{chosen}: ")]
    assert ", ".join(order) in why
    assert "PLAIN, LOGIN, CRAM-MD5, DIGEST-MD5, SCRAM-SHA-1, SCRAM-SHA-256, XOAUTH2, OAUTHBEARER" in why


@pytest.mark.parametrize("mechanism", ["auto", *WITH_PASSWORD])
async def test_dovecot_refuses_a_wrong_password(postfix: Postfix, certificates: Certificates, mechanism: str) -> None:
    connection = to(certificates, postfix.ports.submission, TlsMode.STARTTLS, auth=mechanism)
    sent = await send(connection, credentials=password("alice", "not the password"))
    assert sent.kind is FailureKind.AUTH
    assert sent.stage is Stage.AUTH
    assert sent.failure.reply is not None
    assert sent.failure.reply.code == 535
    assert sent.verdicts == [Verdict.UNTRIED]
    assert sent.text.count("AUTH ") - sent.text.count("-AUTH ") - sent.text.count("ERROR AUTH ") == 1, sent.text
    assert sent.commands[-1] == "QUIT"
    assert "password" in sent.sentence
    no_secret(sent, "not the password")


@BOTH_LOOPS
@pytest.mark.parametrize("mechanism", WITH_TOKEN)
async def test_dovecot_refuses_a_bad_token_and_says_so(
    postfix: Postfix, certificates: Certificates, mechanism: str
) -> None:
    connection = to(certificates, postfix.ports.submission, TlsMode.STARTTLS, auth=mechanism, timeout=10)
    sent = await send(connection, credentials=token("alice", "expired-token-of-alice"))
    assert sent.kind is FailureKind.AUTH
    assert sent.failure.reply is not None
    assert sent.failure.reply.code == 535
    assert "the server refuses the token: status " in sent.notes
    assert "token" in sent.sentence
    assert "password" not in sent.sentence
    assert sent.commands[-1] == "QUIT"
    no_secret(sent, "expired-token-of-alice")


@pytest.mark.parametrize("mechanism", WITH_TOKEN)
async def test_a_long_token_waits_for_the_servers_challenge(
    postfix: Postfix, certificates: Certificates, mechanism: str
) -> None:
    # Postfix for one reads no more than 2048 octets of a command (RFC 4954 section 4).
    long = "eyJ" + "x" * 3000
    connection = to(certificates, postfix.ports.submission, TlsMode.STARTTLS, auth=mechanism)
    sent = await send(connection, credentials=token("alice", long))
    assert f"AUTH {mechanism}" in sent.commands
    assert "the server refuses the token: status " in sent.notes
    assert sent.kind is FailureKind.AUTH
    no_secret(sent, long)


async def test_external_is_offered_and_refused_by_dovecot(postfix: Postfix, certificates: Certificates) -> None:
    identity = {"client_cert": certificates.client.certificate, "client_key": certificates.client.key}
    connection = to(certificates, postfix.ports.mutual, TlsMode.STARTTLS, tls=identity)
    sent = await send(connection, credentials=Credentials("somebody"))
    assert "AUTH EXTERNAL =" in sent.commands
    assert sent.kind is FailureKind.AUTH
    assert "client certificate" in sent.sentence


# In the clear


@pytest.mark.parametrize("mode", [TlsMode.NONE, TlsMode.OPPORTUNISTIC])
async def test_nothing_is_said_of_the_login_in_the_clear(
    postfix: Postfix, certificates: Certificates, mode: TlsMode
) -> None:
    sent = await send(to(certificates, postfix.ports.clear, mode), credentials=password("alice", PASSWORDS["alice"]))
    assert sent.kind is FailureKind.CONSENT
    assert sent.stage is Stage.AUTH
    assert sent.commands == ["EHLO [127.0.0.1]", "QUIT"]
    assert "not encrypted" in sent.sentence
    assert ("offers no STARTTLS" in sent.sentence) is (mode is TlsMode.OPPORTUNISTIC)


async def test_opportunistic_never_logs_in_in_the_clear_whatever_is_allowed(
    postfix: Postfix, certificates: Certificates
) -> None:
    connection = to(certificates, postfix.ports.clear, TlsMode.OPPORTUNISTIC, allow_clear_auth=True)
    sent = await send(connection, credentials=password("alice", PASSWORDS["alice"]))
    assert sent.kind is FailureKind.CONSENT
    assert "AUTH" not in " ".join(sent.commands)


@pytest.mark.parametrize("mechanism", ["auto", *WITH_PASSWORD])
async def test_with_consent_the_login_is_done_in_the_clear(
    postfix: Postfix, certificates: Certificates, mechanism: str
) -> None:
    connection = to(certificates, postfix.ports.clear, auth=mechanism, allow_clear_auth=True)
    sent = await send(connection, credentials=password("alice", PASSWORDS["alice"]))
    assert sent.outcome.ok, sent.text
    assert sent.outcome.auth == ("SCRAM-SHA-256" if mechanism == "auto" else mechanism)
    no_secret(sent, PASSWORDS["alice"])


async def test_auth_off_does_not_log_in(postfix: Postfix, certificates: Certificates) -> None:
    connection = to(certificates, postfix.ports.submission, TlsMode.STARTTLS, auth="off")
    sent = await send(connection, credentials=password("alice", PASSWORDS["alice"]))
    assert sent.outcome.ok, sent.text
    assert sent.outcome.auth is None


# The ground-truth server


@BOTH_LOOPS
@pytest.mark.parametrize(("tls", "mode"), WAYS)
@pytest.mark.parametrize("mechanism", ALL)
async def test_every_mechanism_over_every_way(
    oracle: MakeOracle, certificates: Certificates, tls: str, mode: TlsMode, mechanism: str
) -> None:
    credentials = token("alice", "good-token") if mechanism in WITH_TOKEN else password("zoë", "pässwörd")
    async with oracle(tls=tls, auth_required=True) as server:
        connection = to(certificates, server.port, mode, auth=mechanism, allow_clear_auth=True)
        sent = await send(connection, credentials=credentials)
    assert sent.outcome.ok, sent.text
    assert sent.outcome.auth == mechanism
    assert [(name, outcome.ok, outcome.user) for name, outcome in server.logins] == [
        (mechanism, True, credentials.user)
    ]
    assert server.violations == []
    [message] = server.messages
    assert message.user == credentials.user
    no_secret(sent, "good-token", "pässwörd")


@BOTH_LOOPS
@pytest.mark.parametrize("use", ["good", "sha384"])
@pytest.mark.parametrize("tls12", [False, True])
@pytest.mark.parametrize("mechanism", PLUS)
@pytest.mark.parametrize(("tls", "mode"), WAYS[1:])
async def test_the_login_is_bound_to_the_channel(
    oracle: MakeOracle, certificates: Certificates, tls: str, mode: TlsMode, mechanism: str, tls12: bool, use: str
) -> None:
    certificate = getattr(certificates, use)
    async with oracle(tls=tls, tls12=tls12, mechanisms=(*ALL, *PLUS), use=certificate) as server:
        sent = await send(
            to(certificates, server.port, mode, auth=mechanism), credentials=password("alice", "wonder land")
        )
    assert sent.outcome.ok, sent.text
    assert [(name, outcome.ok) for name, outcome in server.logins] == [(mechanism, True)]
    assert server.violations == []
    [opening] = [line for line in server.received.split(b"\r\n") if line.startswith(b"AUTH ")]
    flag = base64.b64decode(opening.split(b" ")[2]).partition(b",")[0]
    assert flag == (b"p=tls-unique" if tls12 else b"p=tls-server-end-point")


async def test_auto_prefers_a_bound_login(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle(tls="implicit", mechanisms=(*ALL, *PLUS)) as server:
        sent = await send(to(certificates, server.port, TlsMode.IMPLICIT), credentials=password("alice", "wonder land"))
    assert sent.outcome.auth == "SCRAM-SHA-256-PLUS"


async def test_another_channel_is_noticed_by_the_server(oracle: MakeOracle, certificates: Certificates) -> None:
    # As if somebody in between had a certificate of their own: the server's binding is not what the client saw.
    accounts = Accounts(bindings={"tls-server-end-point": b"another certificate"})
    async with oracle(tls="implicit", mechanisms=PLUS, accounts=accounts) as server:
        sent = await send(to(certificates, server.port, TlsMode.IMPLICIT), credentials=password("alice", "wonder land"))
    assert sent.kind is FailureKind.AUTH
    assert [outcome.why for _, outcome in server.logins] == ["channel-bindings-dont-match"]


@pytest.mark.parametrize(("offered", "flag"), [(("SCRAM-SHA-256",), b"y"), (("SCRAM-SHA-256", *PLUS), b"n")])
async def test_the_unbound_login_tells_whether_a_bound_one_was_seen(
    oracle: MakeOracle, certificates: Certificates, offered: tuple[str, ...], flag: bytes
) -> None:
    async with oracle(tls="starttls", mechanisms=offered) as server:
        connection = to(certificates, server.port, TlsMode.STARTTLS, auth="SCRAM-SHA-256")
        sent = await send(connection, credentials=password("alice", "wonder land"))
    assert sent.outcome.ok, sent.text
    [opening] = [line for line in server.received.split(b"\r\n") if line.startswith(b"AUTH ")]
    assert base64.b64decode(opening.split(b" ")[2]).startswith(flag + b",,")


CANCELLED = [
    (Misbehaviour.WRONG_SIGNATURE, FailureKind.PROTOCOL),
    (Misbehaviour.CHANGED_NONCE, FailureKind.PROTOCOL),
    (Misbehaviour.SAME_NONCE, FailureKind.PROTOCOL),
    (Misbehaviour.ABSURD_ITERATIONS, FailureKind.AUTH),
    (Misbehaviour.TINY_ITERATIONS, FailureKind.AUTH),
    (Misbehaviour.NOT_A_NUMBER, FailureKind.AUTH),
    (Misbehaviour.MANDATORY_EXTENSION, FailureKind.AUTH),
    (Misbehaviour.BAD_SALT, FailureKind.AUTH),
    (Misbehaviour.GARBAGE, FailureKind.AUTH),
    (Misbehaviour.ERROR_VALUE, FailureKind.AUTH),
]


@pytest.mark.parametrize(("misbehaviour", "kind"), CANCELLED)
async def test_a_misbehaving_scram_server_gets_an_asterisk(
    oracle: MakeOracle, certificates: Certificates, misbehaviour: Misbehaviour, kind: FailureKind
) -> None:
    async with oracle(mechanisms=("SCRAM-SHA-256",), accounts=Accounts(scram=misbehaviour)) as server:
        connection = to(certificates, server.port, allow_clear_auth=True)
        sent = await send(connection, credentials=password("alice", "wonder land"))
    assert sent.kind is kind, sent.text
    assert sent.stage is Stage.AUTH
    assert sent.commands[-2:] == ["*", "QUIT"]
    assert server.messages == []
    assert server.violations == []


async def test_success_without_the_servers_proof_is_no_success(oracle: MakeOracle, certificates: Certificates) -> None:
    accounts = Accounts(scram=Misbehaviour.NO_SIGNATURE)
    async with oracle(mechanisms=("SCRAM-SHA-256",), accounts=accounts) as server:
        connection = to(certificates, server.port, allow_clear_auth=True)
        sent = await send(connection, credentials=password("alice", "wonder land"))
    assert sent.kind is FailureKind.PROTOCOL
    assert sent.outcome.auth is None
    assert "impostor" in sent.sentence
    assert server.messages == []


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"])
async def test_a_challenge_that_is_no_base64_is_answered_with_an_asterisk(
    oracle: MakeOracle, certificates: Certificates, mechanism: str
) -> None:
    async with oracle(replies={"AUTH challenge": b"334 tell me more!\r\n"}, mechanisms=(mechanism,)) as server:
        connection = to(certificates, server.port, allow_clear_auth=True)
        sent = await send(connection, credentials=password("alice", "wonder land"))
    if mechanism == "PLAIN":
        assert sent.outcome.ok
        return
    assert sent.commands[-2:] == ["*", "QUIT"]
    assert sent.kind is FailureKind.PROTOCOL
    assert "base64" in sent.sentence
    assert server.logins == []


@pytest.mark.parametrize("mechanism", ALL)
async def test_a_refused_credential_is_never_tried_again(
    oracle: MakeOracle, certificates: Certificates, mechanism: str
) -> None:
    for auth in ("auto", mechanism):
        async with oracle(refused_mechanisms=frozenset(ALL), mechanisms=ALL) as server:
            secret = token("alice", "good-token") if mechanism in WITH_TOKEN else password("alice", "wonder land")
            sent = await send(to(certificates, server.port, auth=auth, allow_clear_auth=True), credentials=secret)
        assert sent.kind is FailureKind.AUTH
        assert len(server.logins) == 1
        assert server.received.count(b"AUTH ") == 1
        assert server.messages == []


@pytest.mark.parametrize("code", [b"454 4.7.0 Temporary authentication failure", b"432 4.7.12 Transition needed"])
async def test_trouble_of_the_login_service_is_temporary(
    oracle: MakeOracle, certificates: Certificates, code: bytes
) -> None:
    async with oracle(replies={"AUTH": code + b"\r\n"}) as server:
        connection = to(certificates, server.port, auth="PLAIN", allow_clear_auth=True)
        sent = await send(connection, credentials=password("alice", "wonder land"))
    assert sent.kind is FailureKind.AUTH_TEMPORARY
    assert "later" in sent.sentence


async def test_a_client_certificate_logs_in_by_external(oracle: MakeOracle, certificates: Certificates) -> None:
    identity = {"client_cert": certificates.client.both}
    async with oracle(tls="starttls", client_certificates=True, mechanisms=("EXTERNAL", "PLAIN")) as server:
        connection = to(certificates, server.port, TlsMode.STARTTLS, tls=identity)
        sent = await send(connection, credentials=Credentials())
        named = await send(connection, credentials=Credentials(authorization_id="client@good.test"))
    assert sent.outcome.ok, sent.text
    assert named.outcome.ok, named.text
    assert [(name, outcome.ok, outcome.user) for name, outcome in server.logins] == [
        ("EXTERNAL", True, "client@good.test")
    ] * 2
    assert server.violations == []


@pytest.mark.parametrize("mechanisms", [(), ("PLAIN",)])
async def test_a_client_certificate_alone_may_be_for_tls_alone(
    oracle: MakeOracle, certificates: Certificates, mechanisms: tuple[str, ...]
) -> None:
    identity = {"client_cert": certificates.client.both}
    async with oracle(tls="starttls", client_certificates=True, mechanisms=mechanisms) as server:
        connection = to(certificates, server.port, TlsMode.STARTTLS, tls=identity)
        sent = await send(connection, credentials=Credentials())
        asked = await send(replace(connection, auth="EXTERNAL"), credentials=Credentials())
    assert sent.outcome.ok, sent.text
    assert "no login: the server does not offer EXTERNAL" in sent.text
    assert server.logins == []
    assert asked.kind is FailureKind.AUTH


async def test_without_tls_a_client_certificate_alone_changes_nothing(
    oracle: MakeOracle, certificates: Certificates
) -> None:
    identity = {"client_cert": certificates.client.both}
    async with oracle(mechanisms=("EXTERNAL",)) as server:
        connection = to(certificates, server.port, TlsMode.OPPORTUNISTIC, tls=identity)
        sent = await send(connection, credentials=Credentials())
    assert sent.outcome.ok, sent.text
    assert "no login: without TLS the client certificate is not shown" in sent.text


async def test_a_client_certificate_alone_makes_opportunistic_tls_no_stricter(
    oracle: MakeOracle, certificates: Certificates
) -> None:
    identity = {"client_cert": certificates.client.both}
    async with oracle(tls="starttls", mechanisms=("PLAIN",), use=certificates.untrusted) as server:
        connection = to(certificates, server.port, TlsMode.OPPORTUNISTIC, tls=identity)
        sent = await send(connection, credentials=Credentials())
        strict = await send(replace(connection, auth="EXTERNAL"), credentials=Credentials())
    assert sent.outcome.ok, sent.text
    assert strict.kind is FailureKind.CERTIFICATE


async def test_what_is_not_offered_is_not_tried(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle(mechanisms=("CRAM-MD5", "LOGIN")) as server:
        connection = to(certificates, server.port, auth="PLAIN", allow_clear_auth=True)
        sent = await send(connection, credentials=password("alice", "wonder land"))
    assert sent.kind is FailureKind.AUTH
    assert "does not offer PLAIN" in sent.sentence
    assert "CRAM-MD5, LOGIN" in sent.sentence
    assert b"AUTH PLAIN" not in server.received


async def test_a_server_without_logins_is_told_apart(postfix: Postfix, certificates: Certificates) -> None:
    for auth in ("auto", "PLAIN"):
        sent = await send(
            to(certificates, postfix.ports.mx, TlsMode.STARTTLS, auth=auth), credentials=password("alice", "x")
        )
        assert sent.kind is FailureKind.AUTH
        assert sent.sentence == (
            "The server offers no login (AUTH) here. Submission is on 587 or 465; or send without a login."
        )


# The choice by itself


def choice(wanted: str, offered: tuple[str, ...], credentials: Credentials, tls: bool = True) -> str:
    return choose(wanted, offered, credentials, tls=tls, bindable=tls, certificate=False).mechanism.name


def test_the_order_with_a_password() -> None:
    who = password("alice", "x")
    offered = (*reversed(ORDER_TLS), "XOAUTH2", "GSSAPI")
    for expected in ORDER_TLS:
        assert choice("auto", offered, who) == expected
        offered = tuple(name for name in offered if name != expected)
    offered = tuple(reversed(ORDER_CLEAR))
    for expected in ORDER_CLEAR:
        assert choice("auto", offered, who, tls=False) == expected
        offered = tuple(name for name in offered if name != expected)
    with pytest.raises(NoMechanism, match="offers no login"):
        choice("auto", offered, who)


@pytest.mark.parametrize(
    ("wanted", "offered", "credentials", "words"),
    [
        ("NTLM", ("NTLM",), password("a", "x"), "no mechanism smtptui knows"),
        ("xoauth2", ("XOAUTH2",), password("a", "x"), "XOAUTH2 needs an access token"),
        ("plain", ("PLAIN",), token("a", "x"), "PLAIN needs a password"),
        ("auto", ("XOAUTH2",), password("a", "x"), "With a password there is no mechanism in common"),
        ("auto", ("PLAIN",), Credentials("a"), "neither password, token nor client certificate"),
    ],
)
def test_what_cannot_be_chosen_is_a_sentence(
    wanted: str, offered: tuple[str, ...], credentials: Credentials, words: str
) -> None:
    with pytest.raises(NoMechanism, match=words):
        choice(wanted, offered, credentials)


# Examples of the documents


def answers(mechanism: str, credentials: Credentials, *challenges: bytes, port: int = 587) -> list[bytes | None]:
    given = Context(credentials, "server.example.com", port, Binding(), lambda: "nonce")
    generator = MECHANISMS[mechanism].start(given)
    return [next(generator), *(generator.send(challenge) for challenge in challenges)]


def test_rfc_2195_section_2() -> None:
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    digest = b"tim b913a602c7eda7a495b4e6e7334d3890"
    assert answers("CRAM-MD5", password("tim", "tanstaaftanstaaf"), challenge) == [None, digest]


def test_rfc_4616_section_4() -> None:
    assert answers("PLAIN", password("tim", "tanstaaftanstaaf")) == [b"\0tim\0tanstaaftanstaaf"]
    assert answers("PLAIN", password("Kurt", "xipj3plmq", "Ursel")) == [b"Ursel\0Kurt\0xipj3plmq"]


def test_rfc_7628_section_4() -> None:
    expected = (
        b"n,a=user@example.com,\x01host=server.example.com\x01port=587\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhb\x01\x01"
    )
    them = Credentials("user@example.com", token=Secret("vF9dft4qmTc2Nvb3RlckBhb"))
    refusal = b'{"status":"invalid_token","scope":"example_scope"}'
    assert answers("OAUTHBEARER", them, refusal) == [expected, b"\x01"]


def test_xoauth2_as_google_documents_it() -> None:
    them = token("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg")
    expected = (
        "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0"
        "Q2cBAQ=="
    )
    assert answers("XOAUTH2", them, b'{"status":"401"}') == [base64.b64decode(expected), b""]


def test_login_answers_user_then_password_whatever_is_asked() -> None:
    assert answers("LOGIN", password("u", "p"), b"User Name\0", b"") == [None, b"u", b"p"]


def test_external_names_only_whom_to_act_as() -> None:
    assert answers("EXTERNAL", Credentials("user")) == [b""]
    assert answers("EXTERNAL", Credentials("user", authorization_id="office")) == [b"office"]


def test_the_vocabulary_names_every_mechanism() -> None:
    assert tuple(MECHANISMS) == MECHANISM_NAMES
    assert {name for name, mechanism in MECHANISMS.items() if mechanism.wants == "token"} == BEARER_MECHANISMS
