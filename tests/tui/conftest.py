"""The app of a test has places of its own: no file and no keyring of whoever runs the tests is touched."""

from pathlib import Path

import pytest

from tests.servers.secret_service import SecretService


@pytest.fixture(autouse=True)
def profiles_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the app keeps profiles; the file is not there yet."""
    path = tmp_path / "config" / "profiles.yaml"
    monkeypatch.setenv("SMTPTUI_PROFILES", str(path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return path


@pytest.fixture
def use_keyring(secret_service: SecretService, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app finds the keyring of the test."""
    for name in ("HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.setenv(name, secret_service.environ[name])
