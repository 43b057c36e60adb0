"""Standard input under supervision: its first line is the secret, and its end means that the watcher is gone."""

import os
import threading
from collections.abc import Callable

from smtptui.cli.batch.relay import RelayNow
from smtptui.cli.errors import bad_input, usage
from smtptui.protocol import Credentials, Secret

_LONGEST = 65536
"""Octets that a secret may have."""
_STDIN = 0


def supervised_credentials(now: RelayNow) -> Credentials | None:
    """Who logs in, with the secret from the first line of standard input; nobody is asked, and nothing else looked at.

    The line is there also where nobody logs in, and empty then. Raises :class:`CommandError`.
    """
    secret = _first_line()
    login = now.choice.login
    if login.wants_secret and not secret:
        raise usage(f"Standard input has no secret of {login.user} in its first line, which --supervised wants there.")
    return login.with_secret(secret)


def watch_the_watcher(gone: Callable[[], None]) -> None:
    """Call ``gone``, in a thread of its own, when standard input ends."""
    threading.Thread(target=_await_end, args=(gone,), name="watcher", daemon=True).start()


def _await_end(gone: Callable[[], None]) -> None:
    try:
        while os.read(_STDIN, 4096):
            pass
    except OSError:
        # A terminal that hung up, or a closed descriptor: nobody is there either.
        pass
    gone()


def _first_line() -> Secret:
    # Octet by octet from the descriptor: a buffer would take what comes after the line, and with it the end.
    line = bytearray()
    while len(line) <= _LONGEST:
        try:
            octet = os.read(_STDIN, 1)
        except OSError as error:
            raise usage("Standard input cannot be read, and --supervised wants the secret there.") from error
        if octet in (b"", b"\n"):
            break
        line += octet
    try:
        return Secret(line.decode().removesuffix("\r"))
    except UnicodeDecodeError:
        raise bad_input("The secret on standard input is not UTF-8.") from None
