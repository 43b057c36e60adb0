"""What the relay takes at most: asked by `test`, kept to by `lint` and `run`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from smtptui.batch import Journal
from tests.cli.batch.test_batch import batch
from tests.cli.running import Ended
from tests.servers.oracle import Oracle

MakeOracle = Callable[..., Oracle]
LIMIT = 2000
SMALL = {"features": ("PIPELINING", f"SIZE {LIMIT}", "8BITMIME"), "size_limit": LIMIT}
LIST = f"email,text\nann@good.test,short\nbob@good.test,{'long ' * 500}\n"
TEMPLATE = "To: {{email}}\nSubject: Hello\nFrom: Me <me@sender.test>\n\n{{text}}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "members.csv").write_text(LIST)
    (tmp_path / "letter.txt").write_text(TEMPLATE)
    return tmp_path


async def new(home: Path, server: Oracle) -> Ended:
    profile = f"profiles:\n  relay:\n    host: 127.0.0.1\n    port: {server.port}\n    tls: none\n"
    (home / "profiles.yaml").write_text(profile)
    made = await batch(home, "new", str(home / "members.csv"), "--template", str(home / "letter.txt"), "-p", "relay")
    assert made.out == "members\n", made.err
    return made


async def proved(home: Path) -> Ended:
    ended = await batch(home, "test", "members", "--to", "me@good.test", "--row", "2")
    assert ended.code == 0, ended.err
    return ended


async def test_a_message_that_the_relay_would_not_take_keeps_all_from_being_sent(
    oracle: MakeOracle, home: Path
) -> None:
    async with oracle(**SMALL) as server:
        await new(home, server)
        before = await batch(home, "lint", "members", "--json")
        assert (before.code, [each["check"] for each in before.document["findings"] if each["check"] == "size"]) == (
            0,
            [],
        )
        said = f"2,000 octets that 127.0.0.1:{server.port} takes, as it said on "
        told = await proved(home)
        assert "Line 3: the message has 2," in told.err
        assert said in told.err
        run = await batch(home, "run", "members", "--no-wait")
        assert (run.code, len(server.messages)) == (65, 1), run.err
        assert "Line 3: the message has 2," in run.err
        assert said in run.err
        lint = await batch(home, "lint", "members", "--json")
        (found,) = [each for each in lint.document["findings"] if each["check"] == "size"]
        assert (lint.code, found["severity"], found["count"]) == (65, "error", 1)
        assert said in found["message"]
        assert [(row["line"], row["message"][:2]) for row in found["rows"]] == [(3, "2,")]
        # Nobody has looked at it now: the check before a run finds the same.
        draft = await batch(home, "run", "members", "--untested", "--no-wait")
        assert (draft.code, said in draft.err, len(server.messages)) == (65, True, 1)


async def test_what_the_relay_says_last_counts(oracle: MakeOracle, home: Path) -> None:
    async with oracle(**SMALL) as server:
        await new(home, server)
        await proved(home)
        port = server.port
    assert (await batch(home, "lint", "members")).code == 65
    async with oracle(features=("PIPELINING", "SIZE 99999999999999999999")) as server:
        # The same relay for the journal, which knows it by host and port.
        with Journal.open(home / "data" / "batches" / "members.sqlite") as journal:
            text = journal.facts().settings.replace(f":{port},", f":{server.port},")
            journal.set_settings(text)
        profiles = home / "profiles.yaml"
        profiles.write_text(profiles.read_text().replace(str(port), str(server.port)))
        assert (await proved(home)).err == ""
        assert (await batch(home, "lint", "members")).code == 0
        run = await batch(home, "run", "members", "--no-wait")
        assert (run.code, len(server.messages)) == (0, 3), run.err


async def test_what_another_relay_said_does_not_count(oracle: MakeOracle, home: Path) -> None:
    async with oracle(**SMALL) as server, oracle() as other:
        await new(home, server)
        await proved(home)
        profiles = home / "profiles.yaml"
        profiles.write_text(profiles.read_text().replace(str(server.port), str(other.port)))
        run = await batch(home, "run", "members", "--no-wait", "--changes", "take")
        assert (run.code, len(server.messages), len(other.messages)) == (0, 1, 2), run.err
