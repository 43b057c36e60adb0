"""Where the secret comes from: a profile, the environment, or the user's own typing; never an argument."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from smtptui.cli.asking import ask_for_profile, someone_is_there
from smtptui.cli.connection_options import ConnectionChoice
from smtptui.cli.errors import CommandError, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.protocol import BEARER_MECHANISMS, Credentials, Secret

if TYPE_CHECKING:
    from smtptui.profiles import Profile, SecretError

PASSWORD_VARIABLE = "SMTPTUI_PASSWORD"  # noqa: S105 - a name
TOKEN_VARIABLE = "SMTPTUI_TOKEN"  # noqa: S105 - a name

Ask = Callable[[str], str]
"""Shows a prompt and returns what was typed, unseen."""


def read_credentials(choice: ConnectionChoice, environ: Mapping[str, str], ask: Ask | None) -> Credentials | None:
    """Who logs in, or None for nobody. ``ask`` is None where nobody could answer.

    Raises a usage :class:`CommandError` when a secret is needed and there is none.
    """
    mechanism, user = choice.connection.auth, choice.user or ""
    if mechanism == "off":
        return None
    if mechanism == "EXTERNAL":
        # The certificate says who it is; a user is whom to act as (RFC 4422 appendix A).
        return Credentials(user, authorization_id=user)
    if not user:
        # “auto” with a client certificate alone.
        return Credentials()
    password, token = environ.get(PASSWORD_VARIABLE), environ.get(TOKEN_VARIABLE)
    bearer = mechanism in BEARER_MECHANISMS
    # With “auto” either will do: which of them is used depends on what the server offers.
    found = token if bearer else password or (token if mechanism == "auto" else None)
    if not found:
        what, variable = ("Bearer token", TOKEN_VARIABLE) if bearer else ("Password", PASSWORD_VARIABLE)
        typed = ask(f"{what} of {user}") if ask is not None else ""
        if not typed:
            raise usage(f"There is no {what.lower()} for {user}: set {variable}, or run this in a terminal.")
        password, token = (password, typed) if bearer else (typed, token)
    return Credentials(user, Secret(password) if password else None, Secret(token) if token else None)


def profile_credentials(profile: "Profile", environ: Mapping[str, str]) -> Credentials | None:
    """Who logs in at a profile's server, and with what, from where the profile says.

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
