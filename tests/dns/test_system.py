"""Addresses as the system finds them: order, errors, and a resolver that hangs."""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from smtptui.dns import Address, DnsError, Resolver
from smtptui.protocol import Family
from tests.dns.conftest import Run

V4, V6 = socket.AF_INET, socket.AF_INET6


class System:
    """Stands in for getaddrinfo: answers what it was told and remembers what it was asked."""

    def __init__(self, *answer: tuple[int, tuple[Any, ...]] | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[Any, ...]] = []

    def __call__(self, *args: Any) -> list[tuple[Any, ...]]:
        self.asked.append(args)
        entries: list[tuple[Any, ...]] = []
        for each in self.answer:
            if isinstance(each, Exception):
                raise each
            entries.append((each[0], socket.SOCK_STREAM, 6, "", each[1]))
        return entries


@pytest.fixture
def hang() -> Iterator[threading.Event]:
    """Set at the end, so that threads that hang go away."""
    event = threading.Event()
    yield event
    event.set()


async def test_localhost_comes_from_the_hosts_file() -> None:
    addresses = await Resolver().addresses("localhost", Family.IPV4)
    assert Address(Family.IPV4, "127.0.0.1") in addresses


async def test_the_order_of_the_system_is_kept_and_repetitions_are_not() -> None:
    system = System(
        (V4, ("192.0.2.2", 0)),
        (V6, ("2001:db8::1", 0, 0, 0)),
        (V4, ("192.0.2.2", 0)),
        (V4, ("192.0.2.1", 0)),
        (V6, ("fe80::1", 0, 0, 3)),
    )
    assert [address.ip for address in await Resolver(lookup=system).addresses("mail.test")] == [
        "192.0.2.2",
        "2001:db8::1",
        "192.0.2.1",
        "fe80::1%3",
    ]


@pytest.mark.parametrize(("family", "wanted"), [(Family.ANY, 0), (Family.IPV4, V4), (Family.IPV6, V6)])
async def test_the_system_is_asked_for_the_a_label_and_one_family(family: Family, wanted: int) -> None:
    system = System((V4, ("192.0.2.1", 0)))
    await Resolver(lookup=system).addresses("Bücher.test", family)
    assert system.asked[0][:3] == ("xn--bcher-kva.test", None, wanted)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "unknown"),
        (socket.gaierror(socket.EAI_NODATA, "No address associated with hostname"), "unknown"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "temporary"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), "temporary"),
        (OSError(24, "Too many open files"), "temporary"),
    ],
)
async def test_errors_of_the_system_are_told_apart(error: Exception, kind: str) -> None:
    with pytest.raises(DnsError, match=r"mail\.test") as caught:
        await Resolver(lookup=System(error)).addresses("mail.test")
    assert (caught.value.kind, caught.value.name) == (kind, "mail.test")


async def test_no_address_at_all_is_an_error() -> None:
    with pytest.raises(DnsError, match="no IPv6 address") as caught:
        await Resolver(lookup=System()).addresses("mail.test", Family.IPV6)
    assert caught.value.kind == "unknown"


def test_a_resolver_that_hangs_ends_at_the_deadline_and_leaves_the_loop_free(run: Run, hang: threading.Event) -> None:
    async def main() -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        def lookup(*_: object) -> list[tuple[Any, ...]]:
            hang.wait()
            return []

        async with asyncio.TaskGroup() as group:
            ticker = group.create_task(tick())
            with pytest.raises(DnsError, match=r"within 0\.2 s") as caught:
                await Resolver(timeout=0.2, lookup=lookup).addresses("mail.test")
            ticker.cancel()
        assert caught.value.kind == "temporary"
        assert ticks >= 5

    run(main())


def test_a_look_up_can_be_cancelled_and_its_late_answer_goes_nowhere(run: Run, hang: threading.Event) -> None:
    answered = threading.Event()

    def lookup(*_: object) -> list[tuple[Any, ...]]:
        hang.wait()
        answered.set()
        raise socket.gaierror(socket.EAI_AGAIN, "late")

    async def main() -> None:
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await Resolver(lookup=lookup).addresses("mail.test")
        assert time.monotonic() - started < 1
        hang.set()
        await asyncio.to_thread(answered.wait, 5)
        await asyncio.sleep(0.05)

    run(main())


def test_a_hanging_look_up_does_not_hold_up_the_exit() -> None:
    program = (
        "import asyncio, threading\n"
        "from smtptui.dns import DnsError, Resolver\n"
        "async def main():\n"
        "    try:\n"
        "        resolver = Resolver(timeout=0.1, lookup=lambda *a: threading.Event().wait())\n"
        "        await resolver.addresses('a.test')\n"
        "    except DnsError as error:\n"
        "        print(error.kind)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert (done.stdout, done.stderr) == ("temporary\n", "")


def test_dnspython_is_not_imported_before_it_is_needed() -> None:
    program = (
        "import asyncio, sys\n"
        "from smtptui.dns import Resolver\n"
        "asyncio.run(Resolver('127.0.0.1').addresses('127.0.0.1'))\n"
        "asyncio.run(Resolver().addresses('localhost'))\n"
        "print('dns' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "False\n"
