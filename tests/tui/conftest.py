"""The app of a test has places of its own: no file and no keyring of whoever runs the tests is touched."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def profiles_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the app keeps profiles; the file is not there yet."""
    path = tmp_path / "config" / "profiles.yaml"
    monkeypatch.setenv("SMTPTUI_PROFILES", str(path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return path
