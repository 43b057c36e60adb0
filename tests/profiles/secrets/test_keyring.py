"""The keyring: a real gnome-keyring keeps, gives and forgets; what keeps it from that is said within 3 seconds."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path

import pytest

from smtptui.profiles import Keyring, SecretError, service_of
from smtptui.protocol import Secret
from tests.profiles.secrets.profiles import patient, profile
from tests.servers.daemon import find_program
from tests.servers.secret_service import SecretService

OFFICE = profile()
HUNTER = Secret("hünter 2 🔑")
BUSY = 5
INSTEAD = ("secret: ask", "password_command")


async def fault(call: Awaitable[object]) -> str:
    """The sentence a call fails with, which comes in time and says what to do."""
    started = time.monotonic()
    with pytest.raises(SecretError) as caught:
        await call
    # Three seconds are promised; a busy machine takes its own on top.
    assert time.monotonic() - started < 3 + BUSY
    said = str(caught.value)
    assert all(word in said for word in INSTEAD)
    assert HUNTER.reveal() not in repr(caught.value)
    return said


async def test_stored_read_replaced_forgotten(secret_service: SecretService) -> None:
    keyring = patient(secret_service.environ)
    assert await keyring.get(OFFICE) is None
    assert await keyring.set(OFFICE, HUNTER) is False
    assert await keyring.get(OFFICE) == HUNTER
    assert await keyring.set(OFFICE, Secret(" another ")) is True
    assert await keyring.get(OFFICE) == Secret(" another ")
    assert await keyring.forget(OFFICE) is True
    assert await keyring.get(OFFICE) is None
    assert await keyring.forget(OFFICE) is False
    assert secret_service.entries() == {}


async def test_an_entry_is_named_after_server_and_user(secret_service: SecretService) -> None:
    keyring = patient(secret_service.environ)
    await keyring.set(OFFICE, HUNTER)
    assert list(secret_service.entries()) == ["Password for 'ann@example.org' on 'smtptui smtp://mail.example.org:587'"]
    # Another name for the profile is the same account; another user, port or host is not.
    assert await keyring.get(profile(name="renamed", note="x", tls="starttls")) == HUNTER
    for other in ({"user": "bob"}, {"port": 465}, {"host": "mx.example.org"}):
        assert await keyring.get(profile(**other)) is None


def test_the_service_names_the_server() -> None:
    assert service_of(profile(host="Mail.Example.ORG")) == "smtptui smtp://mail.example.org:587"
    assert service_of(profile(host="::1")) == "smtptui smtp://[::1]:587"
    assert service_of(profile(port=None, tls="implicit")) == "smtptui smtp://mail.example.org:465"
    assert service_of(profile(host="", port=None, socket="/run/lmtp")) == "smtptui unix:/run/lmtp"


async def test_the_keyring_command_finds_it(secret_service: SecretService) -> None:
    await patient(secret_service.environ).set(OFFICE, HUNTER)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "keyring", "get", service_of(OFFICE), OFFICE.user],
        env=secret_service.environ,
        capture_output=True,
    )
    assert done.stdout.decode().rstrip("\n") == HUNTER.reveal()


async def test_a_locked_one_is_said_to_be_locked(secret_service: SecretService) -> None:
    keyring = patient(secret_service.environ)
    await keyring.set(OFFICE, HUNTER)
    secret_service.lock()
    for call in (keyring.get(OFFICE), keyring.set(OFFICE, HUNTER), keyring.forget(OFFICE)):
        said = await fault(call)
        assert "locked" in said
        assert "Unlock it" in said


async def test_a_dialog_that_nobody_answers(unanswered_secret_service: SecretService) -> None:
    keyring = Keyring(unanswered_secret_service.environ)
    await patient(unanswered_secret_service.environ).set(OFFICE, HUNTER)
    unanswered_secret_service.lock()
    for call in (keyring.get(OFFICE), keyring.set(OFFICE, Secret("late")), keyring.forget(OFFICE)):
        said = await fault(call)
        assert "did not answer" in said
        assert "window" in said


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
async def test_a_dialog_on_a_desktop_stays_for_a_while(unanswered_secret_service: SecretService) -> None:
    keyring = Keyring({**unanswered_secret_service.environ, "DISPLAY": ":test"})
    await keyring.set(OFFICE, HUNTER)
    assert await keyring.get(OFFICE) == HUNTER
    unanswered_secret_service.lock()
    assert "did not answer" in await fault(keyring.set(OFFICE, Secret("late")))
    # What was killed may still be on its way out.
    await asyncio.sleep(0.2)
    assert len(asking(unanswered_secret_service)) == 1
    unanswered_secret_service.stop()
    for _ in range(100):
        if not asking(unanswered_secret_service):
            break
        await asyncio.sleep(0.02)
    assert asking(unanswered_secret_service) == []


def asking(service: SecretService) -> list[int]:
    """The processes that wait for a keyring."""
    home = f"HOME={service.environ['HOME']}".encode()
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (
                b"keyring_helper.py" in (directory / "cmdline").read_bytes()
                and home in (directory / "environ").read_bytes()
            ):
                found.append(int(directory.name))
    return found


def without_bus(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONWARNINGS": "error", **more}


@pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")
@pytest.mark.parametrize(
    ("address", "word"),
    [
        (None, "DBUS_SESSION_BUS_ADDRESS is unset"),
        ("unix:path=/nonexistent/bus", "No such file"),
        ("disabled:", "There is no keyring here"),
        ("tcp:host=127.0.0.1,port=1", "There is no keyring here"),
    ],
)
async def test_no_session_bus(tmp_path: Path, address: str | None, word: str) -> None:
    environ = without_bus(tmp_path, **({} if address is None else {"DBUS_SESSION_BUS_ADDRESS": address}))
    keyring = Keyring(environ)
    for call in (keyring.get(OFFICE), keyring.set(OFFICE, HUNTER), keyring.forget(OFFICE)):
        said = await fault(call)
        assert said.startswith("There is no keyring here")
        assert word in said


async def test_the_bus_of_systemd_is_found_where_nothing_names_it(secret_service: SecretService) -> None:
    await patient(secret_service.environ).set(OFFICE, HUNTER)
    environ = dict(secret_service.environ)
    del environ["DBUS_SESSION_BUS_ADDRESS"]
    environ["XDG_RUNTIME_DIR"] = environ["HOME"]
    assert await patient(environ).get(OFFICE) == HUNTER


async def test_a_bus_without_a_keyring(tmp_path: Path) -> None:
    if find_program("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    with SecretService(keyring=False) as service:
        said = await fault(Keyring(service.environ).get(OFFICE))
    assert said.startswith("There is no keyring here (The Secret Service daemon is neither running nor")


@contextlib.contextmanager
def silent_socket(path: Path) -> Iterator[None]:
    """Something that takes connections and says nothing."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield


@contextlib.asynccontextmanager
async def mute_bus(path: Path) -> AsyncIterator[None]:
    """A bus that lets clients in and then answers nothing."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n")
        writer.write(b"OK 0123456789abcdef0123456789abcdef\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(talk, path):
        yield


@pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")
async def test_a_bus_that_does_not_answer(tmp_path: Path) -> None:
    environ = without_bus(tmp_path, DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/bus")
    with silent_socket(tmp_path / "bus"):
        await fault(Keyring(environ).get(OFFICE))
    (tmp_path / "bus").unlink()
    async with mute_bus(tmp_path / "bus"):
        said = await fault(Keyring(environ).set(OFFICE, HUNTER))
    assert "did not answer within 2.5 s" in said


async def test_what_hangs_does_not_hold_the_end_of_the_program(tmp_path: Path) -> None:
    """Also where nobody waits for the answer any more."""
    script = """
import asyncio, sys
from smtptui.profiles import Keyring, Profile
async def main():
    async with asyncio.timeout(0.5):
        await Keyring().get(Profile(name="x", host="h", user="u"))
try:
    asyncio.run(main())
except TimeoutError:
    sys.exit(7)
"""
    environ = without_bus(tmp_path, DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/bus")
    environ["PYTHONPATH"] = str(Path(__file__).parents[3])
    async with mute_bus(tmp_path / "bus"):
        started = time.monotonic()
        done = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", script], env=environ, capture_output=True, timeout=20
        )
    assert (done.returncode, done.stderr) == (7, b"")
    assert time.monotonic() - started < 3 + BUSY


@pytest.mark.parametrize("value", ["", "a\0b", "two\nlines", "\ud800", "x" * 20000])
async def test_what_is_no_password_is_not_kept(tmp_path: Path, value: str) -> None:
    with pytest.raises(SecretError, match="no password that can be kept"):
        await Keyring(without_bus(tmp_path)).set(OFFICE, Secret(value))


PLUGIN = """
import keyring.backend, os, pathlib
FILE = pathlib.Path(__file__).with_name("kept")
class {name}(keyring.backend.KeyringBackend):
    priority = {priority}
    def get_password(self, service, user):
        print("a backend may print", flush=True)
        os.system("echo and so may what it starts")
        return FILE.read_text() if FILE.exists() else None
    def set_password(self, service, user, password):
        {set}
    def delete_password(self, service, user):
        FILE.unlink()
"""


def plugin(
    tmp_path: Path,
    name: str = "Own",
    *,
    priority: str = "1",
    store: str = "FILE.write_text(password)",
    chosen: bool = True,
) -> dict[str, str]:
    """An environment in which ``keyring`` has a backend of somebody else."""
    (tmp_path / "theirs.py").write_text(PLUGIN.format(name=name, priority=priority, set=store))
    extra = {"PYTHON_KEYRING_BACKEND": f"theirs.{name}"} if chosen else {}
    return without_bus(tmp_path, PYTHONPATH=str(tmp_path), **extra)


async def test_a_backend_the_user_named_is_used(tmp_path: Path) -> None:
    keyring = patient(plugin(tmp_path))
    assert await keyring.set(OFFICE, HUNTER) is False
    assert await keyring.get(OFFICE) == HUNTER
    assert await keyring.forget(OFFICE) is True


async def test_a_plain_text_backend_is_not_used_even_if_named(tmp_path: Path) -> None:
    said = await fault(Keyring(plugin(tmp_path, "PlaintextKeyring")).set(OFFICE, HUNTER))
    assert "theirs.PlaintextKeyring" in said
    assert "not known to keep a secret encrypted" in said
    assert not (tmp_path / "kept").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a keyring")
async def test_a_backend_nobody_named_is_not_used(tmp_path: Path) -> None:
    """As when another program has installed ``keyrings.alt`` and there is no Secret Service."""
    environ = plugin(tmp_path, chosen=False)
    info = tmp_path / "theirs-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[keyring.backends]\ntheirs = theirs\n")
    said = await fault(Keyring(environ).set(OFFICE, HUNTER))
    assert "theirs.Own" in said
    assert not (tmp_path / "kept").exists()


async def test_a_keyring_that_is_turned_off(tmp_path: Path) -> None:
    environ = without_bus(tmp_path, PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")
    said = await fault(Keyring(environ).set(OFFICE, HUNTER))
    assert "turned off" in said


async def test_a_keyring_that_keeps_nothing(tmp_path: Path) -> None:
    said = await fault(patient(plugin(tmp_path, store="pass")).set(OFFICE, HUNTER))
    assert "does not give it back" in said


async def test_a_fault_of_a_backend_tells_no_secret(tmp_path: Path) -> None:
    said = await fault(patient(plugin(tmp_path, store="raise ValueError(password)")).set(OFFICE, HUNTER))
    assert "ValueError" in said
    assert HUNTER.reveal() not in said


async def test_a_backend_that_is_not_there(tmp_path: Path) -> None:
    said = await fault(Keyring(without_bus(tmp_path, PYTHON_KEYRING_BACKEND="nowhere.Keyring")).get(OFFICE))
    assert "cannot be loaded (ModuleNotFoundError)" in said
