"""Fixing the list and sending again mails nobody twice; who is left over gets it by the commands that are advised."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smtptui.batch import Shared
from tests.cli.batch.test_batch import TEMPLATE, batch, new
from tests.cli.running import smtptui_beside
from tests.servers.oracle import Oracle

MakeOracle = Callable[..., Oracle]
SENDING = ("--untested", "--no-wait")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "letter.txt").write_text(TEMPLATE)
    people(tmp_path, 5)
    return tmp_path


def people(home: Path, count: int, *more: str) -> None:
    rows = [f"user{number}@good.test,Name {number}" for number in range(count)]
    (home / "members.csv").write_text("\n".join(["email,name", *rows, *more, ""]))


def advised(text: str) -> list[list[str]]:
    """The commands that a message tells to run."""
    return [shlex.split(found) for found in re.findall(r"smtptui batch ([^\n“”]+?)\.?$", text, re.MULTILINE)]


async def test_the_list_is_fixed_and_sent_again(oracle: MakeOracle, home: Path) -> None:
    async with oracle() as server:
        await new(home, server)
        assert (await batch(home, "run", "members", *SENDING)).code == 0
        people(home, 5, "new@good.test,New")
        made = await new(home, server)
        assert "5 of these 6 were already sent to by members (today), with the same message" in made.err
        refused = await batch(home, "run", "members-2", *SENDING)
        assert (refused.code, len(server.messages)) == (65, 5)
        assert "5 of the 6 recipients that batch members-2 has left were sent the same message" in refused.err
        (others, everybody) = advised(refused.err)
        assert everybody == ["run", "members-2", "--again"]
        # Of a list that is the old one altogether there are no others.
        people(home, 5)
        await new(home, server, "--name", "same")
        assert advised((await batch(home, "run", "same", *SENDING)).err) == [["run", "same", "--again"]]
        made = await batch(home, *others, "--json")
        assert (made.code, made.document["pending"], made.document["earlier"]) == (0, 1, [])
        assert made.document["reasons"] == {"already sent to by members": 5}
        # They have gone over to the batch that leaves them out, so nothing is left here to be decided.
        assert (await batch(home, "run", "members-3", *SENDING)).code == 0
        assert server.messages[-1].addresses == ("new@good.test",)
        assert len(server.messages) == 6
        unknown = await new(home, server, "--not-in", "nowhere")
        assert (unknown.code, "there is no such batch" in unknown.err) == (64, True)


async def test_the_decision_is_kept(oracle: MakeOracle, home: Path) -> None:
    async with oracle() as server:
        await new(home, server)
        assert (await batch(home, "run", "members", *SENDING)).code == 0
        made = await new(home, server, "--json")
        (earlier,) = made.document["earlier"]
        assert {**earlier, "last": ""} == {
            "batch": "members", "recipients": 5, "uncertain": 0, "last": "", "same_message": True,
        }  # fmt: skip
        error = (await batch(home, "run", "members-2", *SENDING, "--json")).document["error"]
        assert error["kind"] == "repeated"
        assert (await batch(home, "run", "members-2", *SENDING, "--again")).code == 0
        assert len(server.messages) == 10
        # Its own acceptances are no repetition, and the decision is not asked for again.
        assert (await batch(home, "run", "members-2", *SENDING)).code == 0
        (home / "letter.txt").write_text(TEMPLATE + "Other news.\n")
        await new(home, server)
        assert (await batch(home, "run", "members-3", *SENDING)).code == 0
        assert len(server.messages) == 15
    # What is deleted is still known to have been sent, until that is forgotten as well.
    deleted = await batch(home, "delete", "members", "members-2", "--forget", "--json")
    assert deleted.document["forgotten"]
    with Shared(home / "data" / "shared.sqlite") as shared:
        assert [each.batch for each in shared.acceptances.mailings()] == ["members-3"]


async def test_who_failed_gets_it_by_another_batch(oracle: MakeOracle, home: Path) -> None:
    people(home, 2, "unknown@good.test,'=1+1", "broken,Cy")
    async with oracle() as server:
        await new(home, server)
        assert (await batch(home, "run", "members", *SENDING)).code == 69
        exported = await batch(
            home, "export", "members", "--state", "failed,skipped", "--output", str(home / "left.csv")
        )
        assert exported.code == 0, exported.err
        where = ("--server", f"127.0.0.1:{server.port}", "--tls", "none")
        made = await batch(
            home, "new", str(home / "left.csv"), "--template", str(home / "letter.txt"), *where, "--json"
        )
        assert (made.code, made.document["pending"], made.document["skipped"]) == (0, 1, 1)
        assert "Hello '=1+1" in (await batch(home, "preview", "left", "--row", "2")).out
        again = await batch(
            home, "new", "--from-batch", "members", "--state", "failed,skipped", "--rate", "600/m", "--json"
        )
        assert (again.code, again.document["batch"], again.document["pending"]) == (0, "members-2", 1), again.err
        corrected = await batch(home, "correct", "members-2", "unknown@good.test", "una@good.test", "--json")
        assert (corrected.code, corrected.document["new"]) == (0, "una@good.test"), corrected.err
        assert (await batch(home, "correct", "members-2", "broken", "cy@good.test")).code == 0
        assert (await batch(home, "run", "members-2", *SENDING)).code == 0
        sent = {message.addresses[0]: message.data for message in server.messages[2:]}
        assert set(sent) == {"una@good.test", "cy@good.test"}
        assert b"To: una@good.test" in sent["una@good.test"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("new", "--template", "letter.txt"),
        ("new", "members.csv", "--from-batch", "members"),
        ("new", "--from-batch", "members", "--column", "email"),
        ("new", "--from-batch", "members", "--state", "sent"),
    ],
)
async def test_what_does_not_go_together(arguments: tuple[str, ...], home: Path) -> None:
    from tests.cli.batch.journals import make_journal

    make_journal(home / "data", "members")
    refused = await batch(home, *(str(home / each) if "." in each and "/" not in each else each for each in arguments))
    assert refused.code == 64, refused.err


async def test_what_send_sends_counts_for_the_cap_of_its_profile(oracle: MakeOracle, home: Path) -> None:
    places = {"SMTPTUI_DATA_DIR": str(home / "data"), "SMTPTUI_PROFILES": str(home / "profiles.yaml")}

    async def send(*to: str) -> Any:
        options = [option for each in to for option in ("--to", each)]
        words = ("--from", "me@sender.test", "--subject", "x", "--body", "x", "--json")
        return (await smtptui_beside("send", "-p", "relay", *options, *words, env=places)).document

    async with oracle() as server:
        text = f"profiles:\n  relay:\n    host: LOCALHOST.\n    port: {server.port}\n    tls: none\n"
        (home / "profiles.yaml").write_text(text)
        await send("a@good.test")
        assert not (home / "data" / "shared.sqlite").exists()
        (home / "profiles.yaml").write_text(text + "    limits:\n      per_day: 3\n")
        said = await send("a@good.test", "unknown@good.test")
        assert "daily cap" not in json.dumps(said["transcript"])
        # What never began counts for nobody.
        words = ("send", "-p", "relay", "--from", "me@sender.test", "--to", "a@good.test", "--save")
        assert (await smtptui_beside(*words, str(home / "nowhere" / "s.txt"), env=places)).code == 73
        made = await batch(
            home, "new", str(home / "members.csv"), "--template", str(home / "letter.txt"), "-p", "relay"
        )
        assert made.code == 0, made.err
        assert (await batch(home, "test", "members", "--to", "me@good.test", "--quiet")).code == 0
        run = await batch(home, "run", "members", "--no-wait")
        # Two by send and one by test: the cap is used up.
        assert (run.code, "the daily cap of 3" in run.err, len(server.messages)) == (75, True, 3)
        over = await send("b@good.test")
        assert "4 recipients in 24 hours with this message" in json.dumps(over["transcript"])
