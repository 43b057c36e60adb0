"""A real gnome-keyring on a session bus of its own, with a home of its own; whatever the user has is not touched."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tests.servers.daemon import Daemon, find_program

if TYPE_CHECKING:
    from secretstorage import Collection

_MASTER = b"master password of the test"
_BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={directory}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{directory}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
_SILENT_PROMPTER = """\
[D-BUS Service]
Name=org.gnome.keyring.SystemPrompter
Exec=/bin/sleep 30
"""


class SecretService:
    """An instance of its own; ``with SecretService() as service``: :attr:`environ` leads there.

    Without ``prompter`` a dialog fails at once, as on a server without a desktop; with it, nobody answers the dialog.
    Without ``keyring`` there is the bus alone.
    """

    def __init__(self, *, prompter: bool = False, keyring: bool = True) -> None:
        self._prompter = prompter
        self._keyring = keyring
        self._directory = Path()
        self._daemons: list[Daemon] = []

    def __enter__(self) -> Self:
        # A short path: the name of a UNIX socket has hardly more than a hundred octets.
        self._directory = Path(tempfile.mkdtemp(prefix="smtptui-secrets-"))
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def environ(self) -> dict[str, str]:
        """This process's environment, with the home and the bus of the test."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SMTPTUI_", "XDG_", "DBUS_", "GNOME_KEYRING_", "DISPLAY", "WAYLAND_"))
        }
        run = self._directory / "run"
        return {
            **kept,
            "HOME": str(self._directory),
            "XDG_RUNTIME_DIR": str(run),
            "DBUS_SESSION_BUS_ADDRESS": self._address,
        }

    def lock(self) -> None:
        """Lock it, as a screen saver may."""
        with self._collection() as collection:
            collection.lock()

    def entries(self) -> dict[str, str]:
        """What it keeps: labels and secrets."""
        with self._collection() as collection:
            return {item.get_label(): item.get_secret().decode() for item in collection.get_all_items()}

    @contextmanager
    def _collection(self) -> Iterator["Collection"]:
        # These come with keyring on Linux alone.
        from jeepney.io.blocking import open_dbus_connection
        from secretstorage import Collection

        with closing(open_dbus_connection(self._address)) as bus:
            yield Collection(bus)

    def stop(self) -> None:
        """End both daemons and remove their files."""
        while self._daemons:
            self._daemons.pop().stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def _address(self) -> str:
        return f"unix:path={self._directory}/bus"

    def _start(self) -> None:
        directory = self._directory
        (directory / "run").mkdir(mode=0o700)
        (directory / "services").mkdir()
        (directory / "bus.conf").write_text(_BUS.format(directory=directory))
        if self._prompter:
            (directory / "services" / "prompter.service").write_text(_SILENT_PROMPTER)
        self._run("dbus-daemon", f"--config-file={directory / 'bus.conf'}", "--nofork", "--nopidfile").wait_ready(
            (directory / "bus").exists, directory / "dbus-daemon.log"
        )
        if not self._keyring:
            return
        # The password with which it is made and unlocked comes on standard input.
        self._run("gnome-keyring-daemon", "--unlock", "--foreground", "--components=secrets", stdin=_MASTER).wait_ready(
            self._unlocked, directory / "gnome-keyring-daemon.log"
        )

    def _run(self, name: str, *arguments: str, stdin: bytes = b"") -> Daemon:
        program = find_program(name)
        assert program is not None
        log = self._directory / f"{name}.log"
        daemon = Daemon([program, *arguments], output=log, environ=self.environ, stdin=stdin)
        self._daemons.append(daemon)
        return daemon

    def _unlocked(self) -> bool:
        from secretstorage import SecretStorageException

        try:
            with self._collection() as collection:
                return not collection.is_locked()
        except SecretStorageException:
            return False


def missing_keyring() -> str | None:
    """Why gnome-keyring cannot run here, or None."""
    for program, package in (("dbus-daemon", "dbus"), ("gnome-keyring-daemon", "gnome-keyring")):
        if find_program(program) is None:
            return f"{program} is not installed (Debian package {package})"
    return None
