"""What the options of ``batch new`` make of lists and messages, through the command."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from openpyxl import Workbook

from smtptui.batch import Attempted, Journal, RecipientState
from smtptui.message import read_dkim_key
from smtptui.protocol import Stage
from tests.cli.batch.journals import NOW, make_journal
from tests.cli.batch.test_batch import batch
from tests.dns.nameserver import FakeNameServer, serving
from tests.servers.oracle import Oracle

MakeOracle = Callable[..., Oracle]
TEMPLATE = "To: {{address}}\nSubject: Hello {{name}}\nFrom: Me <me@sender.test>\n\nDear {{name}}: {{unsubscribe}}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "letter.txt").write_text(TEMPLATE)
    return tmp_path


def _workbook(path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("email", "name"), ("ann@good.test", "Änn"), ("sue@slow.test", "Sue"), ("nob@nomx.test", "Nob")):
        sheet.append(row)
    book.save(path)


def _semicolons(path: Path) -> None:
    path.write_bytes("E-Mail;name\nann@good.test;Änn – “q”\nsue@slow.test;Sue\nnob@nomx.test;Nob\n".encode("cp1252"))


@pytest.mark.parametrize(
    ("name", "write", "greeting"),
    [
        ("members.xlsx", _workbook, "Hello Änn"),
        ("members.csv", _semicolons, "Hello Änn – “q”"),
    ],
)
async def test_who_takes_no_mail_is_left_out_of_any_kind_of_list(
    home: Path, name: str, write: Callable[[Path], None], greeting: str
) -> None:
    write(home / name)
    zone = {"good.test": ["MX 10 mx.good.test."], "nomx.test": ["MX 0 ."]}
    async with serving(FakeNameServer(zone, servfail={"slow.test"})) as names:
        where = ("--server", "127.0.0.1:9", "--check-mx", "--resolver", names.address)
        made = await batch(home, "new", str(home / name), "--template", str(home / "letter.txt"), *where, "--json")
    assert (made.code, made.document["pending"], made.document["skipped"]) == (0, 2, 1), made.out + made.err
    assert made.document["notes"][-1].startswith("The DNS did not answer for 1 domain, such as slow.test;")
    assert made.document["reasons"] == {"no mail server": 1}
    assert f"Subject: {greeting}\n" in (await batch(home, "preview", "members")).out


async def test_two_parts_of_json_lines_signed_with_a_sender_for_each_recipient(oracle: MakeOracle, home: Path) -> None:
    people = {f"r{number}@good.test" for number in range(8)}
    lines = [json.dumps({"name": "N", "email": each}) + "\n" for each in sorted(people)]
    (home / "members.jsonl").write_text("".join(lines))
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (home / "key.pem").write_bytes(pem)
    record = read_dkim_key(pem, domain="sender.test", selector="s1").record.encode()
    message = (
        "--verp",
        "--notify",
        "failure,delay",
        "--unsubscribe",
        "<https://sender.test/u?t={token}>, <mailto:u@sender.test>",
    )
    signing = ("--dkim-key", str(home / "key.pem"), "--dkim-selector", "s1")
    async with oracle() as server:
        for part in ("1", "2"):
            where = ("--server", f"127.0.0.1:{server.port}", "--shard", f"{part}/2", "--name", f"part{part}")
            files = (str(home / "members.jsonl"), "--template", str(home / "letter.txt"))
            made = await batch(home, "new", *files, *where, *message, *signing)
            assert made.code == 0, made.err
            run = await batch(home, "run", f"part{part}", "--untested", "--no-wait")
            assert run.code == 0, run.err
    assert sorted(address for each in server.messages for address in each.addresses) == sorted(people)
    for each in server.messages:
        token = each.sender.removeprefix("me+").removesuffix("@sender.test")
        assert each.sender == f"me+{token}@sender.test"
        ways = f"List-Unsubscribe: <https://sender.test/u?t={token}>, <mailto:u@sender.test>\r\n"
        assert ways.encode() in each.data.replace(b"\r\n ", b" ")
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in each.data
        assert dkim.verify(each.data, dnsfunc=lambda name, timeout=5: record)
        ((address, parameters),) = each.recipients
        assert parameters.split() == ["NOTIFY=FAILURE,DELAY", f"ORCPT=rfc822;{address}"]
    assert len({each.sender for each in server.messages}) == len(people)


async def test_outside_of_its_hours_a_batch_ends_without_a_message_and_goes_on_within_them(
    oracle: MakeOracle, home: Path
) -> None:
    (home / "members.csv").write_text("email,name\nann@good.test,Ann\n")
    files = (str(home / "members.csv"), "--template", str(home / "letter.txt"))
    day = datetime.now(UTC) + timedelta(days=3)
    async with oracle() as server:
        where = ("--server", f"127.0.0.1:{server.port}")
        made = await batch(home, "new", *files, *where, "--hours", f"{day:%a} 10:00-11:00 UTC")
        assert made.code == 0, made.err
        run = await batch(home, "run", "members", "--untested", "--no-wait")
        assert (run.code, server.messages) == (75, []), run.err
        assert f"Batch members is paused: sending hours {day:%a} 10:00–11:00; next at " in run.err
        assert "0 of 1 recipient sent, 1 pending." in run.err
        status = (await batch(home, "status", "members", "--json")).document
        assert (status["state"], status["pending"]) == ("paused", 1)
        assert status["reason"].startswith(f"sending hours {day:%a} 10:00–11:00; next at ")
        made = await batch(home, "new", *files, *where, "--hours", "00:00-24:00", "--name", "always")
        assert made.code == 0, made.err
        assert (await batch(home, "run", "always", "--untested", "--no-wait")).code == 0
        refused = await batch(home, "new", *files, *where, "--hours", "8-18", "--name", "never")
        assert (refused.code, "--hours: The sending hours 8-18 are not of the form" in refused.err) == (64, True)
    assert len(server.messages) == 1


async def test_the_uncertain_are_taken_for_sent_where_the_user_says_so(tmp_path: Path) -> None:
    path = make_journal(tmp_path / "data", "june")
    with Journal.open(path) as journal:
        journal.apply(
            [
                Attempted(1, RecipientState.UNCERTAIN, NOW, NOW, Stage.DATA, None, "", "the connection was lost"),
                Attempted(2, RecipientState.UNCERTAIN, NOW, NOW, Stage.DATA, None, "", "the connection was lost"),
            ]
        )
    resolved = await batch(tmp_path, "resolve", "june", "--assume-sent", "--address", "R1@good.test", "--json")
    assert (resolved.code, resolved.document["done"], resolved.document["recipients"]) == (0, "assumed-sent", 1)
    exported = await batch(tmp_path, "export", "june", "--format", "jsonl")
    states = [json.loads(line)["smtptui_state"] for line in exported.out.splitlines()]
    assert states == ["sent", "uncertain", "pending"]
