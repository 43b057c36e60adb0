"""Where the secret comes from: a profile, the environment, or the user's own typing; never an argument."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from smtptui.cli.asking import ask_for_profile, ask_secret, someone_is_there
from smtptui.cli.connection_options import ConnectionChoice
from smtptui.cli.errors import CommandError, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.profiles import LoginPlan
from smtptui.protocol import Credentials, Secret

if TYPE_CHECKING:
    from smtptui.profiles import Profile, SecretError

PASSWORD_VARIABLE = "SMTPTUI_PASSWORD"  # noqa: S105 - a name
TOKEN_VARIABLE = "SMTPTUI_TOKEN"  # noqa: S105 - a name

Ask = Callable[[str], str]
"""Shows a prompt and returns what was typed, unseen."""


def credentials_of(choice: ConnectionChoice, environ: Mapping[str, str]) -> Credentials | None:
    """What to log in with, or None if nobody logs in: from where the profile says, or the environment, or asked for.

    Raises :class:`CommandError`: permission or usage, if there is no secret to be had.
    """
    if choice.profile is not None:
        return profile_credentials(choice.profile, choice.login, environ)
    return read_credentials(choice.login, environ, ask_secret if someone_is_there() else None)


def read_credentials(login: LoginPlan, environ: Mapping[str, str], ask: Ask | None) -> Credentials | None:
    """What to log in with without a profile. ``ask`` is None where nobody could answer.

    Raises a usage :class:`CommandError` when a secret is needed and there is none.
    """
    if not login.wants_secret:
        return login.without_secret()
    mechanism, user, bearer = login.connection.auth, login.user, login.bearer
    password, token = environ.get(PASSWORD_VARIABLE), environ.get(TOKEN_VARIABLE)
    # With “auto” either will do: which of them is used depends on what the server offers.
    found = token if bearer else password or (token if mechanism == "auto" else None)
    if not found:
        what, variable = ("Bearer token", TOKEN_VARIABLE) if bearer else ("Password", PASSWORD_VARIABLE)
        typed = ask(f"{what} of {user}") if ask is not None else ""
        if not typed:
            raise usage(f"There is no {what.lower()} for {user}: set {variable}, or run this in a terminal.")
        password, token = (password, typed) if bearer else (typed, token)
    return Credentials(user, Secret(password) if password else None, Secret(token) if token else None)


def profile_credentials(profile: "Profile", login: LoginPlan, environ: Mapping[str, str]) -> Credentials | None:
    """What to log in with at a profile's server, from where the profile says.

    What the environment has for sending without a profile is not looked at: it would hand the password of one server
    to another. Raises :class:`CommandError` (permission) where there is no secret to be had.
    """
    # Only with a profile: the model takes longer to load than all the rest of this.
    from smtptui.profiles import Keyring, SecretError, fetch

    there = someone_is_there()
    try:
        return asyncio.run(
            fetch(
                profile,
                login,
                keyring=Keyring(environ),
                environ=environ,
                ask=ask_for_profile if there else None,
                terminal=there,
            )
        )
    except SecretError as error:
        raise secret_error(error) from None


def secret_error(error: "SecretError") -> CommandError:
    """A secret that could not be had, as what ends a command."""
    from smtptui.profiles import AskingCancelled

    if isinstance(error, AskingCancelled):
        return CommandError(ExitCode.TEMPORARY, "cancelled", str(error))
    return CommandError(ExitCode.PERMISSION, "secret", str(error))
