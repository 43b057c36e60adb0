"""The secret from a command: ``password_command`` and ``token_command``."""

import contextlib
import re
import signal
from collections.abc import Mapping

from smtptui.profiles.login import SecretOrigin
from smtptui.profiles.model import Profile
from smtptui.profiles.secrets.child import MOST_OUTPUT, ChildFlood, ChildTimeout, Ended, run_child
from smtptui.profiles.secrets.secret_error import AskingCancelled, SecretError
from smtptui.profiles.secrets.terminal import own_terminal, terminal_environment
from smtptui.protocol import Secret, Traces, decode, visible

_SHELL = "/bin/sh"
_QUOTED = 300
"""Characters of a command's complaint that a sentence repeats."""
_NOT_FOUND = 127
_ASKS = re.compile(r"pinentry|inappropriate ioctl|/dev/tty|no tty|not a tty|terminal", re.IGNORECASE)
"""What programs complain of that would ask somebody."""
_INTERRUPTED = (-signal.SIGINT, 128 + signal.SIGINT)


async def secret_of_command(profile: Profile, environ: Mapping[str, str], *, terminal: bool = False) -> Secret:
    """The first line that the profile's command prints; raises :class:`SecretError`.

    The command is one for the shell, as msmtp's ``passwordeval`` is: what works there works here. With ``terminal``
    it may ask on the terminal, where there is one. Neither it nor its output is ever repeated: a password typed in the
    wrong place would be told.
    """
    origin = profile.secret_origin
    command = profile.token_command if origin is SecretOrigin.TOKEN_COMMAND else profile.password_command
    assert command is not None
    what = f"{origin} of profile {visible(profile.name)}"
    lendable: int | None = None
    try:
        with own_terminal() if terminal else contextlib.nullcontext() as lendable:
            ended = await run_child(
                [_SHELL, "-c", command],
                environ=terminal_environment(environ, terminal=lendable is not None),
                timeout=profile.command_timeout,
                terminal=lendable,
            )
    except ChildTimeout:
        instead = "Answer it sooner" if lendable else "Run it once in a terminal, so that its agent is unlocked"
        problem = (
            f"The {what} did not end within {profile.command_timeout:g} s and was stopped. Does it wait for an answer? "
            f"{instead}, or give it longer with command_timeout."
        )
    except ChildFlood:
        problem = f"The {what} printed more than {MOST_OUTPUT} octets and was stopped; the secret is its first line."
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        problem = f"The {what} could not be started: {reason}."
    else:
        return _first_line(ended, what, seen=lendable is not None)
    raise SecretError(problem)


def _first_line(ended: Ended, what: str, *, seen: bool) -> Secret:
    """The secret; ``seen`` tells that the terminal has shown what the command complained of."""
    if ended.code in _INTERRUPTED:
        raise AskingCancelled(f"The {what} was interrupted; nobody logged in.")
    if ended.code != 0:
        complaint = "; what it said stands above." if seen else _complaint(ended)
        raise SecretError(f"The {what} failed with {_exit_words(ended.code)}{complaint}")
    line = ended.out.partition(b"\n")[0].removesuffix(b"\r")
    if not line:
        where = "nothing" if not ended.out else "an empty first line"
        raise SecretError(f"The {what} printed {where}; it should print the secret as its first line.")
    text = decode(line)
    if any("\udc80" <= char <= "\udcff" for char in text):
        raise SecretError(f"The {what} printed octets that are no UTF-8, so they are no password that can be sent.")
    if any((char < " " and char != "\t") or char == "\x7f" for char in text):
        raise SecretError(
            f"The {what} printed a control character in its first line, so that is no password. Does it colour its "
            "output, or print a file that is encrypted?"
        )
    return Secret(text)


def _exit_words(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


def _complaint(ended: Ended) -> str:
    """What a command said about its failure, where that is safe to repeat."""
    if ended.code == _NOT_FOUND:
        # The shell would name the program; who wrote a password there does not want to see it.
        return ": a program in it was not found. Is it installed, and on the PATH that smtptui has?"
    said = decode(ended.err)
    printed = [line for line in decode(ended.out).splitlines() if line]
    if any(line in said for line in printed) or Traces(printed).spans(said):
        return ". What it said is not repeated, since it is also what it printed for a secret. Run it in a terminal."
    said = visible(" ".join(said.split()))
    if not said:
        return " and said nothing. Run it in a terminal to see why."
    hint = " It had no terminal to ask on: unlock its agent in one before." if _ASKS.search(said) else ""
    if len(said) > _QUOTED:
        said = f"{said[:_QUOTED]}…"
    return f": {said.rstrip('.')}.{hint}"
