"""Message options become a MessageChoice, or a sentence about what contradicts what."""

from pathlib import Path
from typing import Any

import click
import pytest

from smtptui.cli.errors import CommandError
from smtptui.cli.message_options import MessageChoice, message_options, read_message
from smtptui.protocol import Notify, Ret


def read(*arguments: str) -> MessageChoice:
    found: list[MessageChoice] = []

    @click.command()
    @message_options
    @click.pass_context
    def command(ctx: click.Context, /, **_: Any) -> None:
        found.append(read_message(ctx))

    command.main(list(arguments), standalone_mode=False)
    return found[0]


def test_nothing_given_is_nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMTPTUI_FROM", raising=False)
    assert read() == MessageChoice()


def test_every_option_arrives() -> None:
    choice = read(
        *("--from", "Ann <ann@a.example>", "--to", "b@b.example,c@c.example", "--to", "d@d.example"),
        *("--cc", "e@e.example", "--bcc", "f@f.example", "--reply-to", "g@g.example", "--envelope-from", ""),
        *("--subject", "Hello", "--body", "Text", "--html", "page.html", "--attach", "a.pdf", "--attach", "b.pdf"),
        *("--inline", "logo.png", "--header", "X-One: 1", "--header", "X-Two:2", "--notify", "Success, failure"),
        *("--ret", "HDRS", "--envid", "QQ1"),
    )
    assert choice == MessageChoice(
        sender="Ann <ann@a.example>",
        to=("b@b.example,c@c.example", "d@d.example"),
        cc=("e@e.example",),
        bcc=("f@f.example",),
        reply_to=("g@g.example",),
        envelope_from="",
        subject="Hello",
        body="Text",
        html="page.html",
        attach=(Path("a.pdf"), Path("b.pdf")),
        inline=(Path("logo.png"),),
        headers=(("X-One", "1"), ("X-Two", "2")),
        notify=(Notify.SUCCESS, Notify.FAILURE),
        ret=Ret.HDRS,
        envid="QQ1",
    )


def test_the_sender_may_come_from_the_environment_but_not_over_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPTUI_FROM", "ann@a.example")
    assert read().sender == "ann@a.example"
    assert read("--from", "bob@b.example").sender == "bob@b.example"
    assert read("--eml", "m.eml").sender is None
    assert read("--eml", "m.eml", "--from", "bob@b.example").sender == "bob@b.example"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--body", "x", "--body-file", "y"], "--body and --body-file: give one of them."),
        (["--html", "x", "--markdown"], "--html and --markdown"),
        (["--body-file", "-", "--html", "-"], "--body-file and --html: only one"),
        (["--keep-bcc"], "--keep-bcc belongs to --eml"),
        (["--eml", "m.eml", "--subject", "x"], "so --subject cannot change it"),
        (["--eml", "m.eml", "--attach", "x", "--header", "A: b"], "so --attach, --header cannot change it"),
        (["--eml", "m.eml", "--body", ""], "so --body cannot change it"),
        (["--header", "no colon"], "write it as 'Name: value'"),
        (["--header", ": value"], "write it as 'Name: value'"),
        (["--notify", "sometimes"], "--notify 'sometimes'"),
        (["--notify", ""], "--notify: never, or any of"),
        (["--notify", "never,success"], "--notify never stands alone"),
    ],
)
def test_contradictions_are_usage_errors(arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(*arguments)
    assert why in caught.value.message
    assert caught.value.code == 64
