"""Short words for where a secret comes from."""

from smtptui.profiles import Profile, SecretOrigin

_WORDS = {
    SecretOrigin.NONE: "none",
    SecretOrigin.KEYRING: "keyring",
    SecretOrigin.ASK: "asks",
    SecretOrigin.PASSWORD_COMMAND: "command",
    SecretOrigin.TOKEN_COMMAND: "command",
}


def origin_words(profile: Profile, *, typed: bool = False) -> str:
    """A word or two for the form; the secret itself is never among them."""
    origin = profile.secret_origin
    if typed and origin is not SecretOrigin.NONE:
        return "typed"
    return _WORDS.get(origin) or f"${profile.password_env or profile.token_env}"
