"""What keeps a secret from being had: a sentence that says what to do."""


class SecretError(Exception):
    """A secret could not be read, kept or forgotten. The text is a sentence, harmless to show, without the secret."""


class AskingCancelled(SecretError):
    """The user was asked for a secret and gave none."""
