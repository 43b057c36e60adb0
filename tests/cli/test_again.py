"""The command for those who are left: exactly those, with the same options, right for any shell, and no secret."""

import shlex
from collections.abc import Callable
from datetime import UTC, datetime

import click
from hypothesis import given
from hypothesis import strategies as st

from smtptui.cli.again import again_command, reads_input
from smtptui.cli.app import app
from smtptui.cli.send import send
from smtptui.protocol import Reply, Stage
from smtptui.transcript import Outcome, RecipientOutcome, ServerFacts, Verdict
from tests.cli.running import smtptui_beside
from tests.servers.oracle import Oracle

LATER = Reply(450, b"450 4.2.1 later\r\n", 17)


def outcome(**verdicts: Verdict) -> Outcome:
    recipients = tuple(
        RecipientOutcome(f"{name}@good.test", verdict, Stage.DOT if verdict is Verdict.ACCEPTED else Stage.RCPT, LATER)
        for name, verdict in verdicts.items()
    )
    server = ServerFacts("mx.test", 25)
    return Outcome(False, datetime.now(UTC), 0.1, server, None, None, recipients, None, None, None)


def _context(arguments: list[str]) -> click.Context:
    # Below its group, since a command keeps the first help option that it makes.
    return send.make_context("send", arguments, parent=click.Context(app, **app.context_settings))


def command(arguments: list[str], end: Outcome) -> list[str]:
    with _context(list(arguments)) as ctx:
        return shlex.split(again_command(ctx, end))


MIXED = outcome(ann=Verdict.ACCEPTED, bob=Verdict.DEFERRED, cid=Verdict.REFUSED, dan=Verdict.UNTRIED)


def test_only_those_who_are_left_are_in_it_each_where_it_was() -> None:
    given = ["--server", "mx.test", "--from", "me@me.test", "--to", "ann@good.test, Bob <bob@good.test>"]
    given += ["--cc", "cid@good.test", "--bcc", "dan@good.test", "--save", "x.txt", "--smtputf8", "--quiet"]
    again = command(given, MIXED)
    assert again[:2] == ["smtptui", "send"]
    assert again[-4:] == ["--to", "bob@good.test", "--bcc", "dan@good.test"]
    assert "--smtputf8" in again
    assert not {"--save", "--cc", "x.txt"} & set(again)
    assert not any("ann@" in word or "cid@" in word for word in again)


def test_a_blind_copy_stays_blind_beside_an_address_that_ends_like_it() -> None:
    end = outcome(joann=Verdict.ACCEPTED, ann=Verdict.DEFERRED)
    again = command(["--server", "mx.test", "--to", "joann@good.test", "--bcc", "Ann <ANN@good.test>"], end)
    assert again[-2:] == ["--bcc", "ann@good.test"]


def test_it_is_known_whether_the_command_wants_standard_input_again() -> None:
    for option in ("--eml", "--body-file", "--html"):
        assert reads_input(shlex.join(command([option, "-", "--to", "bob@good.test"], MIXED)))
    assert not reads_input(shlex.join(command(["--subject", "-", "--eml", "a.eml"], MIXED)))


def test_there_is_none_if_nobody_has_it_or_nobody_is_left() -> None:
    for end in (outcome(bob=Verdict.DEFERRED), outcome(ann=Verdict.ACCEPTED, cid=Verdict.REFUSED)):
        assert command(["--server", "mx.test"], end) == []


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1), max_size=4))
def test_any_value_comes_back_through_a_shell(values: list[str]) -> None:
    arguments = ["--server", "mx.test", *(f"--subject={value}" for value in values[:1])]
    arguments += [f"--header=X: {value}" for value in values]
    again = command(arguments, MIXED)
    with _context(again[2:]) as ctx, _context(list(arguments)) as before:
        assert (ctx.params["headers"], ctx.params["subject"]) == (before.params["headers"], before.params["subject"])
        assert ctx.params["to"] == ("bob@good.test", "dan@good.test")


def test_no_option_of_send_takes_a_secret() -> None:
    with _context([]) as ctx:
        names = {
            name for option in ctx.command.get_params(ctx) if isinstance(option, click.Option) for name in option.opts
        }
    assert not any(word in name for name in names for word in ("password", "token", "secret"))


async def test_the_printed_command_sends_to_the_rest_alone(oracle: Callable[..., Oracle]) -> None:
    async with oracle() as server:
        given = ["--server", f"127.0.0.1:{server.port}", "--from", "me@me.test", "--subject", "it's $HOME"]
        first = await smtptui_beside("send", *given, "--to", "ann@good.test,later@good.test", "--quiet")
        assert first.code == 75
        assert "Try again later" not in first.err
        printed = first.err.splitlines()[-1]
    async with oracle(refused={}) as server:
        words = shlex.split(printed)[1:]
        words[words.index("--server") + 1] = f"127.0.0.1:{server.port}"
        second = await smtptui_beside(*words)
    assert second.code == 0
    assert [message.addresses for message in server.messages] == [("later@good.test",)]
    assert b"Subject: it's $HOME" in server.messages[0].data
