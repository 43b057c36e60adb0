"""Fixtures for all tests: certificates, the servers to test against, and the event loops."""

import asyncio
import gc
import os
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import HealthCheck, settings

from smtptui.batch import ComposerProcess
from tests import forked
from tests.servers.certificates import Certificate, Certificates, make_certificates
from tests.servers.dialogue import Dialogue
from tests.servers.hostile import Hostile, Script
from tests.servers.loops import loop_factories
from tests.servers.oracle import Oracle
from tests.servers.postfix import Postfix, missing
from tests.servers.secret_service import SecretService, missing_keyring

# How long an example takes, or takes to be found, depends on what else the machine does.
settings.register_profile("any machine", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def forked_composers() -> Iterator[None]:
    """The processes that make a batch's messages are forked; ``tests/batch/composer`` has those that are started."""
    started = ComposerProcess.start
    ComposerProcess.start = staticmethod(forked.composer)  # type: ignore[method-assign]
    yield
    ComposerProcess.start = staticmethod(started)  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority and certificates good and bad, as PEM files."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def postfix(certificates: Certificates) -> Iterator[Postfix]:
    """A running Postfix with Dovecot; a test that uses it is marked ``servers``.

    Without the programs the test is skipped, or fails if ``SMTPTUI_REQUIRE_SERVERS=1``. Its methods block:
    in a coroutine use ``await asyncio.to_thread(postfix.delivered, queue_id)``.
    """
    _need(missing())
    with Postfix(certificates) as running:
        yield running


@pytest.fixture
def secret_service() -> Iterator[SecretService]:
    """A running gnome-keyring, unlocked and empty; where it wants a dialog, there is no screen for one.

    A test that uses it is marked ``servers``, and skipped or failed as those with ``postfix``.
    """
    _need(missing_keyring())
    with SecretService() as running:
        yield running


@pytest.fixture
def unanswered_secret_service() -> Iterator[SecretService]:
    """As ``secret_service``, but its dialog comes up and nobody answers it."""
    _need(missing_keyring())
    with SecretService(prompter=True) as running:
        yield running


def _need(reason: str | None) -> None:
    if reason is None:
        return
    if os.environ.get("SMTPTUI_REQUIRE_SERVERS") == "1":
        pytest.fail(f"{reason}, and SMTPTUI_REQUIRE_SERVERS=1 asks for it")
    pytest.skip(reason)


@pytest.fixture
def oracle(certificates: Certificates) -> Callable[..., Oracle]:
    """Makes ground-truth servers: ``async with oracle(tls="starttls", pieces=1) as server``.

    Takes the fields of :class:`~tests.servers.dialogue.Dialogue`, and ``use``, a certificate other than the
    good one.
    """

    def make(*, use: Certificate | None = None, **settings: object) -> Oracle:
        return Oracle(Dialogue(**settings), certificates, use=use)  # type: ignore[arg-type]

    return make


@pytest.fixture
def hostile(certificates: Certificates) -> Callable[..., Hostile]:
    """Makes misbehaving peers: ``async with hostile({"mail": SILENCE}, tls="starttls") as server``.

    Takes the fields of :class:`~tests.servers.hostile.Script`.
    """

    def make(stages: Mapping[str, object] | None = None, **settings: object) -> Hostile:
        return Hostile(Script(stages or {}, **settings), certificates)  # type: ignore[arg-type]

    return make


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Plain asyncio, unless a test is marked with :data:`tests.servers.loops.BOTH_LOOPS`.

    The hook is pytest-asyncio's way since 1.4; overriding its ``event_loop_policy`` fixture is deprecated.
    """
    factories = loop_factories()
    marker = item.get_closest_marker("asyncio")
    if marker is not None and marker.kwargs.get("loop_factories"):
        return factories
    return {"asyncio": factories["asyncio"]}


_SERVERS = {"postfix", "secret_service", "unanswered_secret_service"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses real servers, before ``-m`` selects; leave out what is long, unless ``-m`` speaks of it."""
    for item in items:
        if not _SERVERS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)
    if "long" not in config.option.markexpr:
        long = [item for item in items if item.get_closest_marker("long") is not None]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Each worker has a part of the files, and takes over from others at the end: what tests share is made once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there before the first test stays: without this, going over it again and again takes a fifth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
