"""A batch from list to export, through the command, against a server that counts."""

import asyncio
import base64
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from smtptui.batch import BatchSettings, BatchState, Journal
from tests.cli.batch.test_progress import KEYS
from tests.cli.running import COMMAND, Ended, environment, modules_after, smtptui_beside
from tests.forked import popen
from tests.servers.behaviours import send
from tests.servers.hostile import Hostile
from tests.servers.oracle import Oracle

MakeOracle = Callable[..., Oracle]
LIST = "email,name\nann@good.test,Ann\nunknown@good.test,Una\nANN@good.test,Anna\nbroken,Nobody\nbob@good.test,Bob\n"
TEMPLATE = "To: {{email}}\nSubject: Hello {{name}}\nFrom: Me <me@sender.test>\n\nDear {{name}},\n\nbye.\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "members.csv").write_text(LIST)
    (tmp_path / "letter.txt").write_text(TEMPLATE)
    return tmp_path


async def batch(home: Path, *arguments: str, stdin: bytes = b"", **env: str) -> Ended:
    places = {"SMTPTUI_DATA_DIR": str(home / "data"), "SMTPTUI_PROFILES": str(home / "profiles.yaml")}
    return await smtptui_beside("batch", *arguments, env={**places, **env}, stdin=stdin)


async def new(home: Path, server: Oracle, *more: str, stdin: bytes = b"") -> Ended:
    files = (str(home / "members.csv"), "--template", str(home / "letter.txt"))
    where = ("--server", f"127.0.0.1:{server.port}", "--tls", "none")
    return await batch(home, "new", *files, *where, *more, stdin=stdin)


async def test_from_list_to_export(oracle: MakeOracle, home: Path) -> None:
    async with oracle() as server:
        made = await new(home, server)
        assert (made.code, made.out) == (0, "members\n")
        assert "3 recipients to be sent to, 2 skipped." in made.err
        assert "line 4: ANN@good.test: duplicate of line 2" in made.err
        untested = await batch(home, "run", "members")
        assert (untested.code, "untested" in untested.err, server.messages) == (64, True, [])
        lint = await batch(home, "lint", "members")
        assert (lint.code, lint.err) == (0, "")
        preview = await batch(home, "preview", "members", "--row", "6")
        assert "Subject: Hello Bob" in preview.out
        tested = await batch(home, "test", "members", "--to", "me@good.test", "--row", "6")
        assert (tested.code, tested.err) == (0, "")
        (message,) = server.messages
        assert message.addresses == ("me@good.test",)
        assert b"Dear Bob" in message.data
        tested_id = message.data.partition(b"Message-ID: ")[2].partition(b"\r\n")[0]
        assert "Next: smtptui batch run members" in (await batch(home, "lint", "members")).out
        run = await batch(home, "run", "members", "--no-wait")
        assert run.code == 69, run.err
        assert "batch errors members" in run.err
        sent = sorted(address for each in server.messages[1:] for address in each.addresses)
        assert sent == ["ann@good.test", "bob@good.test"]
        groups = (await batch(home, "errors", "members", "--json")).document["groups"]
        (refused,) = [each for each in groups if each["states"] == {"failed": 1}]
        assert (refused["stage"], refused["code"], refused["example"]["address"]) == ("rcpt", 550, "unknown@good.test")
        retried = await batch(home, "retry", "members", "--group", refused["group"], "--json")
        assert (retried.code, retried.document["recipients"]) == (0, 1)
        again = await batch(home, "run", "members", "--no-wait", "--json")
        last = json.loads(again.out.splitlines()[-1])
        assert (again.code, list(last), last["state"], len(server.messages)) == (69, KEYS, "done", 3)
    status = (await batch(home, "status", "members", "--json")).document
    assert (status["sent"], status["failed"], status["skipped"], status["total"]) == (2, 1, 2, 5)
    told = await batch(home, "errors", "members", "--address", "Unknown@good.test")
    assert told.out.startswith("unknown@good.test, line 3: failed")
    assert "  1. " in told.out
    assert "  2. " in told.out
    assert told.out.count("RCPT TO:<unknown@good.test>") == 2
    document = (await batch(home, "errors", "members", "--address", "unknown@good.test", "--json")).document
    (found,) = document["recipients"]
    assert (found["line"], found["state"]) == (3, "failed")
    assert [(each["number"], each["stage"], each["code"]) for each in found["attempts"]] == [
        (1, "rcpt", 550),
        (2, "rcpt", 550),
    ]
    assert any("RCPT TO:<unknown@good.test>" in line for line in found["attempts"][0]["transcript"])
    nobody = await batch(home, "errors", "members", "--address", "nobody@good.test")
    assert (nobody.code, "has no recipient nobody@good.test" in nobody.err) == (64, True)
    exported = await batch(home, "export", "members", "--format", "jsonl")
    rows = [json.loads(line) for line in exported.out.splitlines()]
    assert [row["smtptui_state"] for row in rows] == ["sent", "failed", "skipped", "skipped", "sent"]
    assert rows[0]["smtptui_message_id"].endswith("@sender.test>")
    # With the recipient's, a server that has the copy would drop the message as a duplicate.
    assert tested_id
    assert tested_id.decode() not in [row["smtptui_message_id"] for row in rows]
    assert rows[0]["smtptui_message_id"].encode() in server.messages[1].data or rows[0][
        "smtptui_message_id"
    ].encode() in (server.messages[2].data)


async def test_a_row_that_cannot_be_made_keeps_all_from_being_sent(oracle: MakeOracle, home: Path) -> None:
    (home / "letter.txt").write_text(TEMPLATE + "{{ 1 / (name != 'Bob') }}\n")
    async with oracle() as server:
        await new(home, server)
        lint = await batch(home, "lint", "members", "--json")
        assert (lint.code, lint.document["ok"]) == (65, False)
        (finding,) = [each for each in lint.document["findings"] if each["severity"] == "error"]
        assert [each["line"] for each in finding["rows"]] == [6]
        run = await batch(home, "run", "members", "--untested")
        assert (run.code, server.messages) == (65, [])
        assert "Line 6 (bob@good.test): " in run.err


async def test_what_the_list_has_not_is_told_before_there_is_a_batch(oracle: MakeOracle, home: Path) -> None:
    (home / "letter.txt").write_text(TEMPLATE.replace("{{name}}", "{{surname}}"))
    async with oracle() as server:
        refused = await new(home, server)
    assert (refused.code, refused.out) == (65, "")
    assert "surname" in refused.err
    assert (await batch(home, "list", "--json")).document["batches"] == []


async def test_a_changed_template_and_profile_are_refused_unless_told(oracle: MakeOracle, home: Path) -> None:
    async with oracle() as server:
        profiles = home / "profiles.yaml"
        text = f"profiles:\n  relay:\n    host: 127.0.0.1\n    port: {server.port}\n    tls: none\n"
        profiles.write_text(text)
        made = await batch(
            home, "new", str(home / "members.csv"), "--template", str(home / "letter.txt"), "-p", "relay"
        )
        assert made.out == "members\n", made.err
        profiles.write_text(text + "    ehlo: other.test\n")
        (home / "letter.txt").write_text(TEMPLATE + "PS\n")
        refused = await batch(home, "run", "members", "--untested")
        assert (refused.code, server.messages) == (65, [])
        assert "letter.txt has other content now" in refused.err
        assert "EHLO name none → other.test" in refused.err
        run = await batch(home, "run", "members", "--untested", "--no-wait", "--changes", "ignore")
        assert run.code == 69
        assert all(b"PS" not in message.data for message in server.messages)


async def test_a_template_that_is_taken_over_wants_another_test(oracle: MakeOracle, home: Path) -> None:
    async with oracle() as server:
        await new(home, server)
        assert (await batch(home, "test", "members", "--to", "me@good.test")).code == 0
        (home / "letter.txt").write_text(TEMPLATE + "PS\n")
        refused = await batch(home, "run", "members", "--no-wait", "--changes", "take")
        assert (refused.code, "untested" in refused.err, len(server.messages)) == (64, True, 1), refused.err
        assert (await batch(home, "test", "members", "--to", "me@good.test")).code == 0
        assert b"PS" in server.messages[-1].data
        assert (await batch(home, "run", "members", "--no-wait")).code == 69


async def test_a_template_that_is_taken_over_midway_is_looked_at_for_everybody(oracle: MakeOracle, home: Path) -> None:
    async with oracle() as server:
        await new(home, server)
        with Journal.open(home / "data" / "batches" / "members.sqlite") as journal:
            journal.set_state(BatchState.RUNNING, now=1.0)
            journal.set_state(BatchState.PAUSED, "interrupted", now=2.0)
        (home / "letter.txt").write_text(TEMPLATE + "{{ 1 / (name != 'Bob') }}\n")
        refused = await batch(home, "resume", "members", "--no-wait", "--changes", "take")
        assert (refused.code, "Line 6 (bob@good.test)" in refused.err, server.messages) == (65, True, []), refused.err
        # What was no good was not kept.
        again = await batch(home, "resume", "members", "--no-wait")
        assert (again.code, "letter.txt has other content now" in again.err) == (65, True), again.err
        (home / "letter.txt").write_text(TEMPLATE + "PS\n")
        assert (await batch(home, "resume", "members", "--no-wait", "--changes", "take")).code == 69
        assert [b"PS" in message.data for message in server.messages] == [True, True]


async def test_a_batch_needs_a_relay_and_a_list_that_is_there(home: Path) -> None:
    template = ("--template", str(home / "letter.txt"))
    nowhere = await batch(home, "new", str(home / "members.csv"), *template)
    assert (nowhere.code, "needs a relay" in nowhere.err) == (64, True)
    gone = await batch(home, "new", str(home / "gone.csv"), *template, "--server", "127.0.0.1:9")
    assert gone.code == 66
    untemplated = await batch(home, "new", str(home / "members.csv"), "--server", "127.0.0.1:9")
    assert untemplated.code == 64


async def test_a_list_from_standard_input_in_three_parts(oracle: MakeOracle, home: Path) -> None:
    rows = "".join(f"r{number}@good.test,N{number}\n" for number in range(30)).encode()
    found: list[int] = []
    async with oracle() as server:
        for part in ("1/3", "2/3", "3/3"):
            where = ("--server", f"127.0.0.1:{server.port}", "--shard", part, "--json")
            names = ("--no-header", "--column", "email", "--column", "name")
            made = await batch(home, "new", "-", "--template", str(home / "letter.txt"), *where, *names, stdin=rows)
            assert made.code == 0, made.out
            found.append(made.document["pending"])
            assert made.document["pending"] + made.document["elsewhere"] == 30
    assert sum(found) == 30
    assert all(found)


async def test_suppressed_addresses_and_domains_get_nothing(oracle: MakeOracle, home: Path) -> None:
    done = await batch(home, "suppress", "Bob@Good.test", "@other.test", "--json")
    assert done.document["changed"] == 2
    assert (await batch(home, "suppress", "no address")).code == 65
    listed = await batch(home, "suppress", "--list")
    assert "bob@good.test" in listed.out.lower()
    assert "@other.test" in listed.out
    async with oracle() as server:
        made = await new(home, server, "--json")
        assert (made.document["pending"], made.document["suppressed"]) == (2, 1)
    assert (await batch(home, "suppress", "--remove", "bob@good.test", "--json")).document["changed"] == 1


async def test_a_refused_login_pauses_and_nobody_has_failed(oracle: MakeOracle, home: Path) -> None:
    async with oracle(auth_in_clear=True, auth_required=True) as server:
        await new(home, server, "--user", "alice", "--auth", "plain", "--allow-clear-auth")
        run = await batch(home, "run", "members", "--untested", "--no-wait", SMTPTUI_PASSWORD="wrong secret")
        assert run.code == 77, run.err
        assert "“smtptui batch errors members” shows the attempt." in run.err
        status = (await batch(home, "status", "members", "--json")).document
        assert (status["state"], status["failed"], status["pending"]) == ("paused", 0, 3)
        assert "wrong secret" not in run.err + run.out + json.dumps(status)
        errors = await batch(home, "errors", "members")
        assert f"could not be opened, to 127.0.0.1:{server.port} at " in errors.out
        assert "535 " in errors.out.partition("\n")[2]
        opening = (await batch(home, "errors", "members", "--json")).document["opening"]
        assert opening["server"] == f"127.0.0.1:{server.port}"
        assert any("EHLO " in line for line in opening["transcript"])
        kept = (home / "data" / "batches" / "members.sqlite").read_bytes()
        for secret in (b"wrong secret", base64.b64encode(b"\0alice\0wrong secret")):
            assert secret not in kept + errors.out.encode()
        again = await batch(home, "run", "members", "--no-wait", "--supervised", "--untested", stdin=b"")
        assert (again.code, "no secret" in again.err) == (64, True)


async def test_why_no_connection_could_be_opened_is_known_afterwards(
    hostile: Callable[..., Hostile], home: Path
) -> None:
    async with hostile({"banner": send("refused", b"554 \x1b[31mgo away\xff\r\n")}) as server:
        port = server.port
        files = (str(home / "members.csv"), "--template", str(home / "letter.txt"))
        made = await batch(home, "new", *files, "--server", f"127.0.0.1:{port}")
        assert made.code == 0, made.err
        run = await batch(home, "run", "members", "--untested", "--no-wait")
        assert run.code == 75, run.err
    told = await batch(home, "errors", "members")
    assert f"could not be opened, to 127.0.0.1:{port} at " in told.out
    first, *dialogue = told.out[told.out.index("The last connection") :].splitlines()
    assert r"554 \x1b[31mgo away\xff" in first
    assert any(line.strip().startswith("0.") and r"554 \x1b[31mgo away\xff" in line for line in dialogue)
    assert "\x1b" not in told.out


def start(home: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return popen(
        [*COMMAND, "batch", *arguments],
        env=environment({"SMTPTUI_DATA_DIR": str(home / "data")}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


async def _told(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)


async def _ended(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    out, err = await asyncio.to_thread(process.communicate, None, 30)
    return process.returncode, (out + err).decode()


async def _slow(home: Path, server: Oracle) -> None:
    rows = "".join(f"r{number}@good.test,N{number}\n" for number in range(50))
    (home / "members.csv").write_text("email,name\n" + rows)
    await new(home, server, "--rate", "30/m")


async def test_ctrl_c_stops_cleanly_and_resume_goes_on(oracle: MakeOracle, home: Path) -> None:
    async with oracle() as server:
        await _slow(home, server)
        process = start(home, "run", "members", "--untested", "--json")
        await _told(process)
        os.kill(process.pid, signal.SIGINT)
        code, said = await _ended(process)
        assert code == 75, said
    status = (await batch(home, "status", "members", "--json")).document
    assert (status["state"], status["uncertain"], status["inflight"]) == ("paused", 0, 0)
    assert status["sent"] == len(server.messages)


async def test_when_the_watcher_is_gone_it_stops_cleanly(oracle: MakeOracle, home: Path) -> None:
    async with oracle() as server:
        await _slow(home, server)
        process = start(home, "run", "members", "--untested", "--supervised", "--json")
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        await _told(process)
        process.stdin.close()
        process.stdin = None
        code, said = await _ended(process)
    assert (code, "watched it is gone" in said) == (75, True), said


async def test_other_terminals_steer_it_and_a_second_runner_is_refused(oracle: MakeOracle, home: Path) -> None:
    async with oracle() as server:
        await _slow(home, server)
        process = start(home, "run", "members", "--untested", "--json")
        await _told(process)
        second = await batch(home, "run", "members", "--untested")
        assert second.code == 75
        live = (await batch(home, "status", "members", "--json")).document
        assert (live["state"], live["limited_by"] is None) == ("running", False)
        paused = await batch(home, "pause", "members", "--json")
        assert paused.document["done"] == "paused"
        held = (await batch(home, "status", "members", "--json")).document
        assert (held["state"], held["reason"], held["eta_s"]) == ("paused", "paused by you", None)
        resumed = await batch(home, "resume", "members", "--json")
        assert resumed.document["done"] == "resumed"
        cancelled = await batch(home, "cancel", "members")
        assert cancelled.code == 0
        code, said = await _ended(process)
        assert code == 75, said
    with Journal.open(home / "data" / "batches" / "members.sqlite", readonly=True) as journal:
        assert journal.facts().state.value == "cancelled"


def test_the_verbs_start_without_the_app(home: Path) -> None:
    code = "from smtptui.cli import main; main()"
    data = {"SMTPTUI_DATA_DIR": str(home / "data")}
    for arguments in (["batch", "list"], ["batch", "--help"]):
        loaded = modules_after(code, arguments, data)
        assert {"textual", "rich", "jinja2", "pydantic"} & loaded == set()
    new_ = [
        "batch",
        "new",
        str(home / "members.csv"),
        "--template",
        str(home / "letter.txt"),
        "--server",
        "127.0.0.1:9",
    ]
    loaded = modules_after(code, new_, data)
    # The template is read by a process that has no say.
    assert "pydantic" in loaded
    assert not {"textual", "rich", "jinja2"} & loaded


async def test_the_thresholds_of_the_waves_are_changed_on_resume_and_kept(oracle: MakeOracle, home: Path) -> None:
    rows = "".join(f"u{number}@good.test,U{number}\n" for number in range(40))
    (home / "members.csv").write_text(f"email,name\n{rows}")
    refused = {f"u{number}@good.test": f"550 5.1.1 no {'x' * number}" for number in range(0, 40, 2)}
    async with oracle(refused=refused) as server:
        await new(home, server)
        first = await batch(home, "run", "members", "--no-wait", "--untested", "--canary", "10")
        assert (first.code, "of 10 recipients were refused" in first.err) == (75, True)
        second = await batch(home, "resume", "members", "--no-wait", "--wave-factor", "1", "--max-failed", "90")
        assert (second.code, "is done" in second.err) == (69, True)
    journal = home / "data" / "batches" / "members.sqlite"
    with Journal.open(journal, readonly=True) as kept:
        limits = BatchSettings.from_json(kept.facts().settings).limits
    assert (limits.canary, limits.wave_factor, limits.max_failed) == (10, 1.0, 0.9)
