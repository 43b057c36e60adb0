"""A file of profiles for a test, and the environment in which commands find it."""

from pathlib import Path


def kept(directory: Path, text: str) -> dict[str, str]:
    """Write ``text`` as profiles.yaml; returns the environment that leads there, and to no keyring."""
    path = directory / "profiles.yaml"
    path.write_text(text, encoding="utf-8")
    return {
        "SMTPTUI_PROFILES": str(path),
        "HOME": str(directory),
        "XDG_RUNTIME_DIR": str(directory),
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus",
    }
