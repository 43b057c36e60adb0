"""The command that sends a message again to those alone who do not have it yet, as a line for the shell."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import click
from click.core import ParameterSource

from smtptui.protocol import read_addresses
from smtptui.transcript import Outcome

_RECIPIENTS = ("to", "cc", "bcc")
_INPUT = frozenset({"--eml=-", "--body-file=-", "--html=-"})
_NOT_AGAIN = frozenset({*_RECIPIENTS, "save", "quit_after", "drop_after", "json", "as_json"})
"""Options of ``send`` that are not repeated: whom it went to, and what was to be seen of it."""


def again_command(ctx: click.Context, outcome: Outcome) -> str:
    """The command with the same options for those who are left, empty if there are none.

    What comes from the environment stays there. No option takes a secret, so none can stand in it.
    """
    if not outcome.left:
        return ""
    words = ["smtptui", "send"]
    for parameter in ctx.command.get_params(ctx):
        name = parameter.name or ""
        if name not in _NOT_AGAIN and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            words += _given(parameter, ctx.params[name])
    for address in outcome.left:
        words += _option(_role(ctx, address), address)
    return shlex.join(words)


def _role(ctx: click.Context, address: str) -> str:
    """The option that named a recipient; with a message file, whose headers did, any will do. One who is not found
    stays unseen by the others if some are meant to."""
    wanted = address.casefold()
    for name in _RECIPIENTS:
        boxes = (box for value in ctx.params.get(name) or () for box in read_addresses(value).mailboxes)
        if any(box.address.casefold() == wanted for box in boxes):
            return f"--{name}"
    return "--bcc" if ctx.params.get("bcc") else "--to"


def reads_input(command: str) -> bool:
    """Whether a command reads standard input, which then has to be given again."""
    return not _INPUT.isdisjoint(shlex.split(command))


def _given(parameter: click.Parameter, value: Any) -> Iterator[str]:
    if not isinstance(parameter, click.Option) or value is None:
        return
    name = max(parameter.opts, key=len)
    if parameter.is_flag:
        if parameter.is_bool_flag:
            if value:
                yield name
            elif parameter.secondary_opts:
                yield max(parameter.secondary_opts, key=len)
        elif value == parameter.flag_value:
            yield name
        return
    for each in value if parameter.multiple else (value,):
        yield from _option(name, str(each))


def _option(name: str, value: str) -> Sequence[str]:
    """The option and its value: as one word where the value would be taken for an option."""
    return (f"{name}={value}",) if value.startswith("-") else (name, value)
