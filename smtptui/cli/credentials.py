"""Where the secret comes from: the environment, or the user's own typing; never an argument."""

from collections.abc import Callable, Mapping

from smtptui.cli.connection_options import ConnectionChoice
from smtptui.cli.errors import usage
from smtptui.protocol import BEARER_MECHANISMS, Credentials, Secret

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
        typed = ask(f"{what} of {user}: ") if ask is not None else ""
        if not typed:
            raise usage(f"There is no {what.lower()} for {user}: set {variable}, or run this in a terminal.")
        password, token = (password, typed) if bearer else (typed, token)
    return Credentials(user, Secret(password) if password else None, Secret(token) if token else None)
