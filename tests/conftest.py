"""Fixtures for all tests: certificates, the servers to test against, and the event loops."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.servers.certificates import Certificate, Certificates, make_certificates
from tests.servers.dialogue import Dialogue
from tests.servers.hostile import Hostile, Script
from tests.servers.loops import loop_factories
from tests.servers.oracle import Oracle
from tests.servers.postfix import Postfix, missing


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
    if reason := missing():
        if os.environ.get("SMTPTUI_REQUIRE_SERVERS") == "1":
            pytest.fail(f"{reason}, and SMTPTUI_REQUIRE_SERVERS=1 asks for it")
        pytest.skip(reason)
    with Postfix(certificates) as running:
        yield running


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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses Postfix, before ``-m`` selects."""
    for item in items:
        if "postfix" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.servers)
