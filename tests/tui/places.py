"""Places of a user's files inside a directory of the test."""

from pathlib import Path

from smtptui.config import Places


def places_in(directory: Path, *, settings: str | None = None, profiles: str | None = None) -> Places:
    """Nobody was here before, unless the files are given."""
    places = Places(directory / "config" / "profiles.yaml", directory / "config" / "settings.yaml", directory / "data")
    for path, text in ((places.settings, settings), (places.profiles, profiles)):
        if text is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return places
