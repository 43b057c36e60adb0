"""Errors that end a command: a sentence for the user and an exit code for the script."""

import click

from smtptui.cli.exitcodes import ExitCode
from smtptui.config import TooLargeError


class CommandError(click.ClickException):
    """Ends a command with ``code``; ``kind`` is the word ``--json`` gives, ``sentences`` say why, each on its line."""

    def __init__(self, code: ExitCode, kind: str, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.code = code
        self.kind = kind
        self.sentences = sentences


def usage(message: str) -> CommandError:
    """The options do not make sense together."""
    return CommandError(ExitCode.USAGE, "usage", message)


def bad_input(message: str) -> CommandError:
    """An address, a header or a message cannot be sent as it is."""
    return CommandError(ExitCode.DATA, "input", message)


def unreadable(path: object, what: str, error: OSError) -> CommandError:
    """An input file is missing or may not be read; ``what`` names the option that wanted it."""
    return CommandError(ExitCode.NO_INPUT, "no-input", f"{what}: {path} cannot be read: {reason(error)}.")


def too_large(what: str, error: TooLargeError) -> CommandError:
    """An input file has more octets than are read."""
    return bad_input(f"{what}: {error}.")


def reason(error: OSError) -> str:
    """The operating system's words for an error, without the number and the file's name."""
    return (error.strerror or str(error) or type(error).__name__).rstrip(".")
