"""The app of a test has places of its own, no file and no keyring of whoever runs it; its pictures are awaited."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension, normalize_svg
from syrupy.assertion import SnapshotAssertion

from smtptui.tui.app.app import Workbench
from tests.servers.secret_service import SecretService
from tests.tui.harness import TUI


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


@pytest.fixture
def snap_compare(snap_compare: Callable[..., bool], snapshot: SnapshotAssertion) -> Callable[..., bool]:
    """The plugin's fixture, patient: the picture is taken when the screen has come to what is expected of it.

    However busy the machine is, no picture is taken of a screen half painted; one that never comes to it is taken
    after five seconds, and is the report's.
    """
    pictures = snapshot.use_extension(SVGImageExtension)
    place = Path(pictures.extension.get_location(test_location=pictures.test_location, index=0))
    expected = normalize_svg(place.read_text()) if place.exists() and not pictures.update_snapshots else None

    def compare(
        app: Workbench, *, terminal_size: tuple[int, int], run_before: Callable[[TUI], Awaitable[None]]
    ) -> bool:
        async def run(pilot: TUI) -> None:
            await run_before(pilot)
            if expected is None:
                await pilot.pause(0.5)
                return
            until = asyncio.get_running_loop().time() + 5
            while (
                normalize_svg(pilot.app.export_screenshot(simplify=True)) != expected
                and asyncio.get_running_loop().time() < until
            ):
                await pilot.pause(0.05)

        return snap_compare(app, terminal_size=terminal_size, run_before=run)

    return compare
