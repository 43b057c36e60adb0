"""Where the secret of a profile comes from when it is needed."""

import shlex
from collections.abc import Awaitable, Callable, Mapping

from smtptui.config import note_secret_variables
from smtptui.profiles.login import LoginPlan, SecretOrigin, plan_profile
from smtptui.profiles.model import Profile
from smtptui.profiles.secrets.command import secret_of_command
from smtptui.profiles.secrets.keyring import Keyring
from smtptui.profiles.secrets.secret_error import AskingCancelled, SecretError
from smtptui.protocol import Credentials, Secret, visible

Ask = Callable[[str], Awaitable[str | None]]
"""Shows a question and returns what was typed, unseen; None where the user did not want to. The last line is the
question itself, a line before it says why it has to be asked."""


async def fetch(
    profile: Profile,
    plan: LoginPlan | None = None,
    *,
    keyring: Keyring,
    environ: Mapping[str, str],
    ask: Ask | None,
    terminal: bool = False,
) -> Credentials | None:
    """What to log in with at a profile's server, by the plan made of it, or as it stands; None if nobody logs in.

    ``ask`` is None where nobody could answer. A keyring that has no secret, or cannot be had, leads to the question
    as well, which says why. With ``terminal`` a command may use the terminal, which an app has to give up
    before (and otherwise leaves this False).

    Raises :class:`SecretError`, and :class:`AskingCancelled` where the user gave nothing.
    """
    # Also of a profile that no file has: the app tries one before it is saved.
    note_secret_variables((profile.password_env, profile.token_env))
    if plan is None:
        plan = plan_profile(profile, profile.connection(), kept=profile)
    if not plan.wants_secret:
        return plan.without_secret()
    match plan.origin:
        case SecretOrigin.PASSWORD_COMMAND | SecretOrigin.TOKEN_COMMAND:
            secret = await secret_of_command(profile, environ, terminal=terminal)
        case SecretOrigin.PASSWORD_ENV | SecretOrigin.TOKEN_ENV:
            secret = _of_variable(profile, environ)
        case SecretOrigin.KEYRING:
            secret = await _of_keyring(profile, keyring, plan.user, ask)
        case _:
            secret = await _asked(profile, plan.user, ask)
    return plan.with_secret(secret)


def origin_words(profile: Profile) -> str:
    """Where the secret comes from, in a word or two for a form; never the secret."""
    match profile.secret_origin:
        case SecretOrigin.PASSWORD_COMMAND | SecretOrigin.TOKEN_COMMAND:
            return "command"
        case SecretOrigin.PASSWORD_ENV | SecretOrigin.TOKEN_ENV:
            return f"${_variable(profile)}"
        case SecretOrigin.ASK:
            return "asks"
        case SecretOrigin.KEYRING:
            return "keyring"
        case _:
            return "none"


def secret_word(profile: Profile) -> str:
    """What the secret of a profile is called."""
    return "access token" if profile.bearer else "password"


def _variable(profile: Profile) -> str:
    return profile.password_env or profile.token_env or ""


def _of_variable(profile: Profile, environ: Mapping[str, str]) -> Secret:
    name = _variable(profile)
    value = environ.get(name)
    if not value:
        state = "is not set" if value is None else "is empty"
        raise SecretError(
            f"The environment variable {name}, which holds the {secret_word(profile)} of profile "
            f"{visible(profile.name)}, {state}. Set it before smtptui is started."
        )
    return Secret(value)


async def _of_keyring(profile: Profile, keyring: Keyring, user: str, ask: Ask | None) -> Secret:
    try:
        found = await keyring.get(profile)
    except SecretError as error:
        problem = str(error)
    else:
        if found is not None:
            return found
        problem = (
            f"The keyring has no {secret_word(profile)} for profile {visible(profile.name)}. "
            f"`smtptui profiles password {visible(shlex.quote(profile.name))}` keeps one."
        )
    if ask is None:
        raise SecretError(problem)
    return await _asked(profile, user, ask, problem)


async def _asked(profile: Profile, user: str, ask: Ask | None, why: str = "") -> Secret:
    word, who = secret_word(profile), visible(user)
    if ask is None:
        raise SecretError(
            f"Profile {visible(profile.name)} asks for its {word}, and there is no terminal to ask on. Run it in one, "
            "or have the profile take it from the keyring, a command or an environment variable."
        )
    question = f"{word.capitalize()} of {who} at {profile.connection().label}"
    typed = await ask(f"{why}\n{question}" if why else question)
    if not typed:
        raise AskingCancelled(f"No {word} was given for {who}; nobody logged in.")
    return Secret(typed)
