"""The system's keyring: Secret Service, KWallet, macOS Keychain. Every answer comes within three seconds."""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from smtptui.profiles.model import Profile
from smtptui.profiles.secrets.child import ChildFlood, ChildTimeout, run_child
from smtptui.profiles.secrets.secret_error import SecretError
from smtptui.protocol import Secret, visible

LIMIT = 2.5
"""Seconds the keyring has; with starting and ending its process an answer takes less than three."""
_MARGIN = 0.2
"""Seconds before the limit from which on nothing is changed any more: what changed is also told."""
_HELPER = Path(__file__).with_name("keyring_helper.py")
_INSTEAD = (
    "It also goes without: `secret: ask` in the profile asks each time, `password_command` takes the password from a "
    "password manager."
)
_UNLOCK = (
    "Unlock it with `security unlock-keychain`."
    if sys.platform == "darwin"
    else "Unlock it by logging in to the desktop; where there is none, give its password without a line end to "
    "`gnome-keyring-daemon --unlock`."
)
_MOST = 16384
"""Characters of a secret; OAuth tokens reach some thousands."""


class Keyring:
    """The keyring of this user, spoken to through a process of its own that can be ended when it hangs.

    An entry has the service ``smtptui smtp://HOST:PORT`` and the profile's user, as ``keyring get`` and ``secret-tool``
    know them. ``environ`` is what that process gets; by default what this one has.
    """

    def __init__(self, environ: Mapping[str, str] | None = None, *, limit: float = LIMIT) -> None:
        self._environ = environ
        self._limit = limit

    async def get(self, profile: Profile) -> Secret | None:
        """The secret kept for a profile, None where there is none; raises :class:`SecretError`."""
        found = (await self._ask("get", profile)).get("secret")
        return Secret(found) if isinstance(found, str) and found else None

    async def set(self, profile: Profile, secret: Secret) -> bool:
        """Keep a secret, in place of one kept before; whether there was one. Raises :class:`SecretError`."""
        value = secret.reveal()
        if not value or len(value) > _MOST or not _is_text(value):
            raise SecretError(
                f"That is no password that can be kept: it is empty, longer than {_MOST} characters, or no text."
            )
        return bool((await self._ask("set", profile, value)).get("before"))

    async def forget(self, profile: Profile) -> bool:
        """Remove what is kept; whether there was anything. Raises :class:`SecretError`."""
        return bool((await self._ask("forget", profile)).get("before"))

    async def _ask(self, what: str, profile: Profile, secret: str | None = None) -> Mapping[str, object]:
        request = {
            "do": what,
            "service": service_of(profile),
            "user": profile.user,
            "secret": secret,
            "seconds": self._limit,
            "deadline": time.monotonic() + self._limit - _MARGIN,
        }
        environ = os.environ if self._environ is None else self._environ
        try:
            ended = await run_child(
                # Without the path of the script: a module beside it must not stand in for one of the library.
                [sys.executable, "-P", "-W", "ignore", str(_HELPER)],
                environ=environ,
                timeout=self._limit,
                stdin=json.dumps(request).encode(),
            )
        except ChildTimeout:
            problem = _silent(self._limit)
        except (ChildFlood, OSError) as error:
            problem = f"The keyring could not be asked ({type(error).__name__}). {_INSTEAD}"
        else:
            answer = _read(ended.out)
            if answer.get("state") == "done":
                return answer
            problem = _sentence(str(answer.get("state")), str(answer.get("detail") or ""), self._limit)
        raise SecretError(problem)


def service_of(profile: Profile) -> str:
    """The service under which the keyring keeps a profile's secret: the server's, so that a new name keeps it."""
    connection = profile.connection()
    if connection.socket_path is not None:
        return f"smtptui unix:{connection.socket_path}"
    host = connection.host.lower()
    return f"smtptui smtp://{f'[{host}]' if ':' in host else host}:{connection.port}"


def _is_text(value: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" or char in "\x00\r\n" for char in value)


def _read(out: bytes) -> Mapping[str, object]:
    try:
        answer = json.loads(out)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _silent(seconds: float) -> str:
    return (
        f"The keyring did not answer within {seconds:g} s. Does it ask for its password in a window? Unlock it there, "
        f"then try again. {_INSTEAD}"
    )


def _sentence(state: str, detail: str, seconds: float) -> str:
    said = f" ({visible(detail).rstrip('.')})" if detail else ""
    match state:
        case "locked":
            return f"The keyring is locked, and nobody unlocked it. {_UNLOCK} Then try again. {_INSTEAD}"
        case "closed":
            return f"The keyring could not be opened{said}. Unlock it or make one, then try again. {_INSTEAD}"
        case "absent":
            return f"There is no keyring here{said}. {_INSTEAD}"
        case "disabled":
            return (
                f"The keyring is turned off: {visible(detail)} keeps nothing. Look at PYTHON_KEYRING_BACKEND and "
                f"keyringrc.cfg. {_INSTEAD}"
            )
        case "unloadable":
            return (
                f"The keyring that PYTHON_KEYRING_BACKEND or keyringrc.cfg names cannot be loaded{said}. Is it "
                f"installed where smtptui is? {_INSTEAD}"
            )
        case "unsafe":
            return (
                f"The only keyring here is {visible(detail)}, which is not known to keep a secret encrypted, so it is "
                f"not used. {_INSTEAD}"
            )
        case "forgetful":
            return f"The keyring{said} took the password and does not give it back; it was not kept. {_INSTEAD}"
        case "late":
            return _silent(seconds)
        case _:
            return f"The keyring failed{said}. {_INSTEAD}"
