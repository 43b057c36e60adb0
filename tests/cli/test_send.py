"""``smtptui send`` as a process, against servers that behave."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smtptui.protocol import QUITTABLE, Stage
from tests.cli.running import Ended, smtptui_beside
from tests.servers.certificates import Certificates
from tests.servers.oracle import Oracle

MakeOracle = Callable[..., Oracle]
MAIL = ("--from", "ann@example.org", "--to", "bob@good.test")
KEYS = [
    *("ok", "exit", "started", "server", "tls", "auth", "recipients"),
    *("reply", "queue_id", "error", "transcript"),
]


def at(server: Oracle) -> tuple[str, str]:
    return "--server", f"127.0.0.1:{server.port}"


def stages(done: Ended) -> list[str]:
    found = [event["stage"] for event in done.document["transcript"] if event["kind"] in ("command", "body")]
    return list(dict.fromkeys(found))


async def test_a_message_arrives_and_the_transcript_is_shown(oracle: MakeOracle) -> None:
    async with oracle() as server:
        done = await smtptui_beside("send", *at(server), *MAIL, "--subject", "Grüße", "--body", "Hallo")
    assert (done.code, done.err) == (0, "")
    (message,) = server.messages
    assert (message.sender, message.addresses) == ("ann@example.org", ("bob@good.test",))
    assert message.data.endswith(b"\r\n\r\nHallo\r\n")
    assert b"utf-8" in message.data
    assert server.violations == []
    lines = done.out.splitlines()
    assert any("→ MAIL FROM:<ann@example.org>" in line for line in lines)
    assert any("← 220" in line for line in lines)
    assert lines[-1].startswith(f"Accepted by 127.0.0.1:{server.port} for bob@good.test")
    assert "\x1b" not in done.out


async def test_json_is_one_document_with_everything_in_it(oracle: MakeOracle) -> None:
    async with oracle() as server:
        done = await smtptui_beside("send", *at(server), *MAIL, "--to", "unknown@good.test", "--json")
    assert (done.code, done.err) == (69, "")
    document = done.document
    assert list(document) == KEYS
    assert (document["ok"], document["exit"], document["tls"], document["auth"]) == (False, 69, None, None)
    assert document["server"]["host"] == "127.0.0.1"
    assert document["server"]["port"] == server.port
    assert document["server"]["address"] == f"127.0.0.1:{server.port}"
    assert document["server"]["local"].startswith("127.0.0.1:")
    first, second = document["recipients"]
    assert (first["address"], first["stage"], first["code"]) == ("bob@good.test", "dot", 250)
    assert (second["address"], second["stage"], second["code"]) == ("unknown@good.test", "rcpt", 550)
    assert (second["enhanced"], "no such user" in second["text"]) == ("5.1.1", True)
    assert document["error"]["stage"] == "rcpt"
    assert [event["seq"] for event in document["transcript"]] == list(range(len(document["transcript"])))
    assert all(set(event) == {"seq", "at", "kind", "stage", "tls", "text"} for event in document["transcript"])
    assert len(server.messages) == 1


async def test_whoever_cannot_be_read_is_listed_and_the_others_get_it_on_request(
    oracle: MakeOracle, tmp_path: Path
) -> None:
    file = tmp_path / "m.eml"
    file.write_bytes(b"From: ann@example.org\r\nTo: a..a@good.test, 'bob@good.test'\r\nBcc: c@\r\n\r\nHi\r\n")
    async with oracle() as server:
        refused = await smtptui_beside("send", *at(server), "--eml", str(file))
        done = await smtptui_beside("send", *at(server), "--eml", str(file), "--skip-unreadable", "--json")
        worse = await smtptui_beside(
            *("send", *at(server), "--from", "ann@example.org", "--to", "unknown@good.test, c@", "--skip-unreadable")
        )
    assert (refused.code, refused.out) == (65, "")
    assert "m.eml: To: “a..a@good.test”: there are two dots" in refused.err
    assert "m.eml: Bcc: “c@”: there is no domain" in refused.err
    assert "send to the 1 other recipient with --skip-unreadable" in refused.err
    assert (done.code, done.document["exit"], done.document["ok"]) == (65, 65, False)
    assert [(each["address"], each["verdict"]) for each in done.document["recipients"]] == [
        ("bob@good.test", "accepted"),
        ("a..a@good.test", "unreadable"),
        ("c@", "unreadable"),
    ]
    assert done.document["recipients"][1]["text"].startswith("To: “a..a@good.test”: there are two dots")
    assert done.document["error"]["message"].startswith("2 recipients were left out")
    assert [message.addresses for message in server.messages] == [("bob@good.test",)]
    assert worse.code == 69
    assert "1 recipient was left out" in worse.err


async def test_json_names_tls_and_login(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle(tls="starttls", auth_in_clear=False, auth_required=True) as server:
        done = await smtptui_beside(
            *("send", *at(server), "--tls", "starttls", "--ca-file", str(certificates.ca_file)),
            *("--user", "alice", "--auth", "plain", *MAIL, "--json"),
            env={"SMTPTUI_PASSWORD": "wonder land"},
        )
    document = done.document
    assert (done.code, document["ok"], document["auth"], document["error"]) == (0, True, "PLAIN", None)
    assert document["tls"]["version"].startswith("TLSv1.")
    assert document["tls"]["cipher"]
    assert document["tls"]["verified"] is True
    assert document["tls"]["certificate"]["names"]
    assert document["reply"]["code"] == 250
    assert [message.user for message in server.messages] == ["alice"]


async def test_implicit_tls_and_the_fingerprint(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle(tls="implicit") as server:
        pinned = ("send", *at(server), "--tls", "implicit", *MAIL, "--fingerprint")
        good = await smtptui_beside(*pinned, certificates.good.fingerprint)
        bad = await smtptui_beside(*pinned, certificates.expired.fingerprint)
    assert (good.code, bad.code) == (0, 76)
    assert "⇒ MAIL FROM" in good.out


async def test_an_unknown_authority_is_76_and_no_verify_gets_through(
    oracle: MakeOracle, certificates: Certificates
) -> None:
    async with oracle(tls="starttls") as server:
        options = ("send", *at(server), "--tls", "starttls", "--ca-file", str(certificates.other_ca_file), *MAIL)
        strict = await smtptui_beside(*options)
        lax = await smtptui_beside(*options, "--no-verify")
    assert (strict.code, lax.code, len(server.messages)) == (76, 0, 1)
    assert strict.err.startswith("smtptui: ")
    assert "not verified" in lax.out


@pytest.mark.parametrize(
    ("mechanism", "variable", "good"),
    [
        ("auto", "SMTPTUI_PASSWORD", "wonder land"),
        ("LOGIN", "SMTPTUI_PASSWORD", "wonder land"),
        ("SCRAM-SHA-256", "SMTPTUI_PASSWORD", "wonder land"),
        ("XOAUTH2", "SMTPTUI_TOKEN", "good-token"),
    ],
)
async def test_login_and_a_wrong_secret(
    oracle: MakeOracle, certificates: Certificates, mechanism: str, variable: str, good: str
) -> None:
    async with oracle(tls="starttls", auth_required=True) as server:
        options = ("send", *at(server), "--tls", "starttls", "--ca-file", str(certificates.ca_file), *MAIL)
        login = ("--user", "alice", "--auth", mechanism)
        right = await smtptui_beside(*options, *login, env={variable: good})
        wrong = await smtptui_beside(*options, *login, env={variable: "not-this-one"})
    assert (right.code, wrong.code) == (0, 77)
    for done in (right, wrong):
        for secret in (good, "not-this-one"):
            assert secret not in done.out + done.err


async def test_mail_refused_for_want_of_a_login_is_77(oracle: MakeOracle) -> None:
    async with oracle(auth_required=True) as server:
        done = await smtptui_beside("send", *at(server), "--tls", "none", *MAIL, "--json")
    assert (done.code, done.document["exit"]) == (77, 77)


async def test_a_password_never_goes_in_the_clear_without_consent(oracle: MakeOracle) -> None:
    env = {"SMTPTUI_PASSWORD": "wonder land"}
    async with oracle() as server:
        options = ("send", *at(server), "--tls", "none", "--user", "alice", "--auth", "PLAIN", *MAIL)
        refused = await smtptui_beside(*options, env=env)
        said = server.received
        allowed = await smtptui_beside(*options, "--allow-clear-auth", env=env)
    assert (refused.code, allowed.code) == (77, 0)
    assert b"AUTH" not in said


@pytest.mark.parametrize(
    ("login", "code"),
    [
        (["--auth", "EXTERNAL"], 0),
        (["--auth", "auto"], 0),
        (["--auth", "EXTERNAL", "--user", "client@good.test"], 0),
        # The certificate is not his, and the server hears whom it is asked to act as.
        (["--auth", "EXTERNAL", "--user", "mallory@good.test"], 77),
        # Nobody asked for it, but the server offers it.
        ([], 0),
        (["--auth", "off"], 77),
    ],
)
async def test_a_client_certificate_is_the_login_of_external(
    oracle: MakeOracle, certificates: Certificates, login: list[str], code: int
) -> None:
    async with oracle(tls="starttls", client_certificates=True, auth_required=True, mechanisms=("EXTERNAL",)) as server:
        done = await smtptui_beside(
            *("send", *at(server), "--tls", "starttls", "--ca-file", str(certificates.ca_file)),
            *("--client-cert", str(certificates.client.certificate), "--client-key", str(certificates.client.key)),
            *(*login, *MAIL, "--json"),
        )
    assert (done.code, done.document["auth"]) == (code, "EXTERNAL" if code == 0 else None)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage in QUITTABLE])
async def test_quit_after_every_stage_where_that_is_possible(
    oracle: MakeOracle, certificates: Certificates, stage: Stage
) -> None:
    async with oracle(tls="starttls") as server:
        done = await smtptui_beside(
            *("send", *at(server), "--tls", "starttls", "--ca-file", str(certificates.ca_file)),
            *("--user", "alice", "--quit-after", stage, "--json", *MAIL),
            env={"SMTPTUI_PASSWORD": "wonder land"},
        )
    assert (done.code, done.document["ok"], done.document["error"]) == (0, True, None)
    assert len(server.messages) == (1 if stage is Stage.DOT else 0)
    # An open transaction is reset first.
    *before, last = [name for name in stages(done) if name != "rset"]
    assert last == "quit"
    assert all(Stage(name).order <= stage.order for name in before)
    assert server.violations == []
    assert server.empty_messages == 0


@pytest.mark.parametrize("stage", list(Stage))
async def test_drop_after_every_stage(oracle: MakeOracle, certificates: Certificates, stage: Stage) -> None:
    async with oracle(tls="starttls") as server:
        done = await smtptui_beside(
            *("send", *at(server), "--tls", "starttls", "--ca-file", str(certificates.ca_file)),
            *("--user", "alice", "--drop-after", stage, "--json", *MAIL),
            env={"SMTPTUI_PASSWORD": "wonder land"},
        )
    assert (done.code, done.document["ok"]) == (0, True)
    assert all(Stage(name).order <= stage.order for name in stages(done))
    assert server.empty_messages == 0
    if stage.order < Stage.BODY.order:
        assert server.messages == []


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in QUITTABLE])
async def test_quit_where_it_is_impossible_is_a_usage_error(stage: Stage) -> None:
    done = await smtptui_beside("send", "--server", "127.0.0.1:1", *MAIL, "--quit-after", stage)
    assert (done.code, done.out) == (64, "")
    assert f"QUIT cannot follow {stage}" in done.err


async def test_options_of_the_envelope_reach_the_server(oracle: MakeOracle) -> None:
    async with oracle() as server:
        done = await smtptui_beside(
            *("send", *at(server), *MAIL, "--envelope-from", "", "--notify", "success,delay", "--ret", "hdrs"),
            *("--envid", "Q+1", "--ehlo", "me.example.org"),
        )
    assert done.code == 0
    (message,) = server.messages
    assert message.sender == ""
    assert "RET=HDRS" in message.sender_parameters
    assert "ENVID=Q+2B1" in message.sender_parameters
    assert "NOTIFY=SUCCESS,DELAY" in message.recipients[0][1]
    assert server.record.ehlo_names == ["me.example.org"]


async def test_an_eml_from_standard_input_is_sent_as_it_is(oracle: MakeOracle) -> None:
    eml = b"From: ann@example.org\nTo: bob@good.test\nBcc: eve@good.test\nSubject: x\n\n.dot\n"
    async with oracle() as server:
        done = await smtptui_beside("send", *at(server), "--eml", "-", stdin=eml)
    assert done.code == 0
    (message,) = server.messages
    assert message.addresses == ("bob@good.test", "eve@good.test")
    assert message.data == b"From: ann@example.org\r\nTo: bob@good.test\r\nSubject: x\r\n\r\n.dot\r\n"
    notes = [line for line in done.out.splitlines() if " • " in line]
    assert any("Bcc" in note for note in notes)
    assert any("CRLF" in note for note in notes)


async def test_lmtp_over_a_unix_socket(oracle: MakeOracle, tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    async with oracle(lmtp=True, path=path, after_dot={"full@good.test": "452 4.2.2 Full"}) as server:
        done = await smtptui_beside("send", "--socket", str(path), "--lmtp", *MAIL, "--to", "full@good.test", "--json")
    assert done.code == 75
    assert [(each["code"], each["stage"]) for each in done.document["recipients"]] == [(250, "dot"), (452, "dot")]
    assert len(server.messages) == 1


async def test_the_environment_can_name_server_and_sender(oracle: MakeOracle) -> None:
    async with oracle() as server:
        done = await smtptui_beside(
            *("send", "--to", "bob@good.test", "--quiet"),
            env={"SMTPTUI_SERVER": f"127.0.0.1:{server.port}", "SMTPTUI_FROM": "ann@example.org"},
        )
    assert (done.code, done.out, done.err) == (0, "", "")
    assert len(server.messages) == 1


async def test_quiet_says_only_why_it_failed(oracle: MakeOracle) -> None:
    async with oracle() as server:
        done = await smtptui_beside(
            *("send", *at(server), "--from", "a@b.example", "--to", "later@good.test", "--quiet")
        )
    assert (done.code, done.out) == (75, "")
    assert "try again later" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", ["s.txt", "s.jsonl", "s.html"])
async def test_save_writes_the_transcript(oracle: MakeOracle, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    async with oracle(auth_required=True) as server:
        done = await smtptui_beside(
            *("send", *at(server), *MAIL, "--save", str(path), "--tls", "none", "--allow-clear-auth"),
            *("--user", "alice", "--auth", "PLAIN"),
            env={"SMTPTUI_PASSWORD": "wonder land"},
        )
    assert done.code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert "AUTH PLAIN" in text
    assert "wonder land" not in text
    assert "AGFsaWNlAHdvbmRlciBsYW5k" not in text + done.out
    if name.endswith("jsonl"):
        assert json.loads(text.splitlines()[0])["seq"] == 0


async def test_a_place_that_cannot_be_saved_to_stops_before_anything_is_sent(
    oracle: MakeOracle, tmp_path: Path
) -> None:
    async with oracle() as server:
        done = await smtptui_beside("send", *at(server), *MAIL, "--save", str(tmp_path / "no" / "s.txt"))
    assert (done.code, done.out, server.wires) == (73, "", [])
    assert "Nothing was sent." in done.err


async def test_a_transcript_that_cannot_be_written_is_74_and_the_message_is_accepted(oracle: MakeOracle) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    async with oracle() as server:
        words = await smtptui_beside("send", *at(server), *MAIL, "--save", "/dev/full")
        document: Any = (await smtptui_beside("send", *at(server), *MAIL, "--save", "/dev/full", "--json")).document
    assert words.code == 74
    assert "Accepted by" in words.out
    assert "No space left" in words.err
    assert (document["ok"], document["exit"], document["error"]["kind"]) == (False, 74, "local")
    assert document["recipients"][0]["code"] == 250
    assert len(server.messages) == 2
