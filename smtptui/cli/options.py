"""What the sets of options that commands share are made with: sections, environment variables, order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]

PATH = click.Path(path_type=Path)
"""A file's name; whether it can be read or made is looked at where the answer is an exit code."""


def apply(options: tuple[Decorator, ...], command: Command) -> Command:
    """Give a command these options, in this order."""
    # Decorators apply from the last to the first; --help then shows them in the order written.
    for option in reversed(options):
        command = option(command)
    return command


def typed(ctx: click.Context, name: str) -> bool:
    """Whether an option stands on the command line, and does not come from environment or default."""
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def chosen(ctx: click.Context, name: str) -> bool:
    """Whether the user set an option, on the command line or in the environment."""
    return ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT


def environment_variable(name: str) -> str:
    """The variable that sets an option: ``SMTPTUI_TLS_MIN`` for ``--tls-min``."""
    return "SMTPTUI_" + name.removeprefix("--").replace("-", "_").upper()
