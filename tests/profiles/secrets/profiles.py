"""Profiles to take secrets for."""

from smtptui.profiles import Profile


def profile(**fields: object) -> Profile:
    """A profile of ann at mail.example.org:587, with these fields besides."""
    return Profile.model_validate(
        {"name": "office", "host": "mail.example.org", "port": 587, "user": "ann@example.org", **fields}
    )
