"""The keyring's own process: one request on standard input, one answer on standard output, both JSON.

It is run by path, so it imports nothing of smtptui. ``keyring`` and what it loads may hang, print, or take a dialog
that nobody answers; here none of that matters to the program that asked, which ends this process when it likes.
"""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

_SAFE = ("keyring.backends.SecretService", "keyring.backends.libsecret", "keyring.backends.kwallet")
_SAFE_ON_MACOS = "keyring.backends.macOS"
_PLAIN = ("keyrings.alt", "sagecipher")
"""Packages whose keyrings are plain files, or ask on a terminal that is not there."""
_OUTLIVING = "outliving"
_DIALOG = 60
"""Seconds a dialog stays, also when whoever asked waits no longer."""
_ENOUGH = 20
"""Entries of one name that are forgotten; a keyring can hold several."""


class Refused(Exception):
    """A state and what there is to say of it."""

    def __init__(self, state: str, detail: str = "") -> None:
        super().__init__(detail)
        self.state = state
        self.detail = detail


def main() -> None:
    """Answer one request."""
    data = sys.stdin.buffer.read()
    request = json.loads(data)
    if sys.argv[1:] == [_OUTLIVING]:
        signal.alarm(_DIALOG)
    else:
        # Whoever asked may have been killed; nothing stays for ever.
        signal.alarm(int(request["seconds"]) + 2)
        if sys.platform == "darwin" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ:
            _outlive(data)
            return
    # What a backend prints, or a program that it starts, must not be taken for the answer.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    try:
        answer: dict[str, object] = {"state": "done", **_do(request)}
    except Refused as refused:
        answer = {"state": refused.state, "detail": refused.detail}
    except Exception as error:
        # Not its text: with a backend of somebody else that could be the secret.
        answer = {"state": "failed", "detail": type(error).__name__}
    try:
        json.dump(answer, answers)
        answers.close()
    except BrokenPipeError:
        # Nobody waits for it any more.
        os._exit(0)


def _outlive(data: bytes) -> None:
    """Have it done by a process that is not ended with this one.

    A dialog goes away with who asked for it, and people need more than three seconds for a password. Unlocked late,
    the keyring is open for the next request; this one changes nothing then.
    """
    command = [sys.executable, "-P", "-W", "ignore", __file__, _OUTLIVING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603
        process.communicate(data)


def _do(request: dict[str, Any]) -> dict[str, object]:
    _find_bus()
    backend = _backend()
    service, user = request["service"], request["user"]
    # This unlocks it, and is done first for every request: what is late must change nothing any more.
    secret = _unlocked(lambda: backend.get_password(service, user))
    if request["do"] == "get":
        return {"secret": secret}
    # This clock is the machine's own, the same for every process.
    if time.monotonic() > request["deadline"]:
        raise Refused("late")
    if request["do"] == "set":
        _unlocked(lambda: backend.set_password(service, user, request["secret"]))
        if _unlocked(lambda: backend.get_password(service, user)) != request["secret"]:
            raise Refused("forgetful", _name(backend))
        return {"before": secret is not None}
    for _ in range(_ENOUGH):
        if _unlocked(lambda: backend.get_password(service, user)) is None:
            break
        _unlocked(lambda: backend.delete_password(service, user))
    return {"before": secret is not None}


def _unlocked(call: Callable[[], Any]) -> Any:
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    try:
        return call()
    except KeyringLocked:
        raise Refused("locked") from None
    except InitError as error:
        # Raised before there is an entry to speak of, so its text holds no secret.
        raise Refused("closed", str(error)) from None
    except NoKeyringError:
        raise Refused("absent") from None


def _find_bus() -> None:
    """Find the session bus where systemd has it, as other clients do when nothing says where it is."""
    path = os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), "bus")
    if "DBUS_SESSION_BUS_ADDRESS" in os.environ or not path.startswith("/"):
        return
    try:
        if stat.S_ISSOCK(os.stat(path).st_mode):
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"
    except OSError:
        return


def _backend() -> Any:
    """The keyring to use; raises :class:`Refused` for one that would not keep a secret secret."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    named = "PYTHON_KEYRING_BACKEND" in os.environ or _configured()
    try:
        chosen = keyring.get_keyring()
    except Exception as error:
        if not named:
            raise
        raise Refused("unloadable", type(error).__name__) from None
    candidates = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
    for backend in candidates:
        if _module(backend).startswith((*_SAFE, _SAFE_ON_MACOS)):
            return backend
    # Somebody else's: only where the user has named it, and never one that is known to write plain files.
    if named:
        for backend in candidates:
            plain = _module(backend).startswith(_PLAIN) or "plain" in type(backend).__name__.lower()
            if not plain and not _module(backend).startswith("keyring.backends."):
                return backend
    names = ", ".join(_name(backend) for backend in candidates)
    if _module(chosen) == "keyring.backends.fail" or not candidates:
        raise Refused("absent", _why_absent())
    if _module(chosen) == "keyring.backends.null":
        raise Refused("disabled", names)
    raise Refused("unsafe", names)


def _configured() -> bool:
    from keyring.util import platform_

    return os.path.exists(platform_.config_root() / "keyringrc.cfg")


def _why_absent() -> str:
    from keyring.backends import SecretService

    try:
        _ = SecretService.Keyring.priority
    except OSError as error:
        return f"the session bus at DBUS_SESSION_BUS_ADDRESS: {error.strerror or error}"
    except Exception as error:
        return str(error)
    return ""


def _module(backend: Any) -> str:
    return type(backend).__module__


def _name(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__name__}"


if __name__ == "__main__":
    main()
