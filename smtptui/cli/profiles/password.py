"""``smtptui profiles password``: keeps the secret of a profile in the keyring, or forgets it."""

import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import click

from smtptui.cli.asking import ask_secret
from smtptui.cli.errors import CommandError, bad_input, usage
from smtptui.cli.exitcodes import ExitCode

if TYPE_CHECKING:
    from smtptui.profiles import Profile

_LONGEST = 65536
"""Octets that are read of a line on standard input."""
T = TypeVar("T")


# What is too much is not repeated, as click would: it may be the password.
@click.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@click.argument("name")
@click.option("--forget", is_flag=True, help="Remove what is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_context
def password(ctx: click.Context, /, name: str, forget: bool, as_json: bool) -> int:
    """Keep the password of a profile in the keyring, or its access token.

    It is asked for on the terminal. Where standard input is no terminal, its first line is the password; an
    argument never is, since everybody on the machine can read those. One kept before is replaced.
    """
    if ctx.args:
        raise usage(
            "There is more here than a name and --forget or --json. A password is never an argument: others on this "
            "machine can read those, and your shell remembers them. It is asked for, or read from standard input."
        )
    # Only now: keyring and model take longer to load than --help may take.
    from smtptui.cli.profiles.filing import named_profile, opened_store

    profile = named_profile(opened_store(), name)
    return _forget(profile, as_json=as_json) if forget else _keep(profile, as_json=as_json)


def _keep(profile: "Profile", *, as_json: bool) -> ExitCode:
    """Ask for a profile's secret and keep it; raises :class:`CommandError`."""
    from smtptui.profiles import Keyring, secret_word
    from smtptui.protocol import Secret

    word = secret_word(profile)
    _check_kept(profile, word)
    # First, so that nobody types for a keyring that cannot be had, and one that is locked is unlocked by then.
    _run(Keyring().get(profile))
    secret = Secret(_typed(profile, word) if sys.stdin.isatty() else _read(word))
    replaced = _run(Keyring().set(profile, secret))
    done = "replaced" if replaced else "kept"
    _say(profile, done, f"The {word} is {'replaced' if replaced else 'kept'} {_where(profile)}.", as_json=as_json)
    return ExitCode.OK


def _forget(profile: "Profile", *, as_json: bool) -> ExitCode:
    """Remove a profile's secret from the keyring, also one from before its secret came from elsewhere."""
    from smtptui.profiles import Keyring, secret_word

    word = secret_word(profile)
    if not profile.user:
        raise _misplaced(f"Profile {profile.name} has no user, so no {word} is kept for it.")
    forgotten = _run(Keyring().forget(profile))
    said = f"The {word} is forgotten; it was kept" if forgotten else f"There was no {word} to forget"
    _say(profile, "forgotten" if forgotten else "none", f"{said} {_where(profile)}.", as_json=as_json)
    return ExitCode.OK


def _check_kept(profile: "Profile", word: str) -> None:
    """Only what comes from the keyring is kept there; elsewhere it would lie about unused."""
    from smtptui.profiles import SecretOrigin

    origin, whose = profile.secret_origin, f"Profile {profile.name}"
    match origin:
        case SecretOrigin.KEYRING:
            return
        case SecretOrigin.NONE:
            raise _misplaced(f"{whose} logs nobody in, so it needs no {word}. Give it a user first.")
        case SecretOrigin.ASK:
            raise _misplaced(
                f"{whose} asks for its {word} each time (secret: ask), and nothing is kept. To keep it, change that to "
                "secret: keyring."
            )
        case SecretOrigin.PASSWORD_ENV | SecretOrigin.TOKEN_ENV:
            variable = profile.password_env or profile.token_env
            raise _misplaced(
                f"{whose} takes its {word} from the environment variable {variable}, which is not kept here. Set it "
                f"there; or to use the keyring, take {origin} out of the profile."
            )
        case _:
            raise _misplaced(
                f"{whose} takes its {word} from its {origin}, which is not kept here. Change it where that command has "
                f"it from; or to use the keyring, take {origin} out of the profile."
            )


def _misplaced(message: str) -> CommandError:
    return CommandError(ExitCode.CONFIGURATION, "configuration", message)


def _typed(profile: "Profile", word: str) -> str:
    typed = ask_secret(f"{word.capitalize()} of {profile.user} at {profile.connection().label}")
    if not typed:
        raise CommandError(ExitCode.TEMPORARY, "cancelled", f"No {word} was typed; nothing was changed.")
    # A token is pasted, and as long as nobody could type it twice.
    if not profile.bearer and ask_secret("The same again") != typed:
        raise usage(f"The second {word} was not the same as the first; nothing was changed.")
    return typed


def _read(word: str) -> str:
    line = sys.stdin.buffer.readline(_LONGEST).removesuffix(b"\n").removesuffix(b"\r")
    if not line:
        raise usage(f"Standard input has no {word} in its first line; nothing was changed.")
    text = line.decode("utf-8", "replace")
    if "\ufffd" in text:
        raise bad_input(f"The {word} on standard input is not UTF-8; nothing was changed.")
    return text


def _where(profile: "Profile") -> str:
    from smtptui.profiles import service_of

    return f"in the keyring, as “{service_of(profile)}” of {profile.user}"


def _say(profile: "Profile", done: str, sentence: str, *, as_json: bool) -> None:
    from smtptui.cli.output import Printer
    from smtptui.profiles import service_of

    stdout = Printer(sys.stdout)
    if not as_json:
        stdout.line(sentence)
        return
    where = {"service": service_of(profile), "user": profile.user}
    stdout.json({"ok": True, "exit": 0, "profile": profile.name, "done": done, "keyring": where})


def _run(call: Coroutine[Any, Any, T]) -> T:
    import asyncio

    from smtptui.cli.credentials import secret_error
    from smtptui.profiles import SecretError

    try:
        return asyncio.run(call)
    except SecretError as error:
        raise secret_error(error) from None
