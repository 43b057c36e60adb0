"""Whose daily cap a message counts against, and counting a single message there."""

import contextlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

import idna

from smtptui.batch.journal import JournalError, Shared
from smtptui.protocol import Connection
from smtptui.transcript import Outcome, Verdict

_UNLIMITED = 2**62
_PATIENCE = 3.0
"""Seconds that one message waits for another process to let go of the file."""


def account_of(connection: Connection, user: str) -> str:
    """One name for one account: the login and the host, whichever port, TLS mode or address family is used.

    Case makes no difference, as with the logins of mail servers, nor does the dot that ends an absolute host name.
    Without a login the account is the host alone: such a relay knows its clients by their address.
    """
    place = connection.socket_path
    return f"{user.strip().casefold()}@{_host(connection.host) if place is None else place}"


def _host(name: str) -> str:
    plain = name.strip().strip("[]").rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(plain))
    except ValueError:
        pass
    try:
        return plain if plain.isascii() else idna.encode(plain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return plain


@dataclass(frozen=True, slots=True)
class Booking:
    """Recipients that count against the cap of ``account`` from now on."""

    account: str
    recipients: int
    used: int
    """How many counted in the 24 hours before."""

    def over(self, cap: int) -> str | None:
        """That this is more than ``cap`` allows, in a sentence; None if it is not."""
        total = self.used + self.recipients
        if total <= cap:
            return None
        return (
            f"{self.account}: {total:,} recipients in 24 hours with this message, more than the daily cap of {cap:,}; "
            "the server may refuse it."
        )


def book(shared: Path, account: str, recipients: int, *, now: float) -> Booking:
    """Count ``recipients`` before a message is sent to them; :func:`settle` gives back those that were not tried.

    Nothing is refused: a user who sends one message decides about it. Raises :class:`JournalError`.
    """
    with Shared(shared, busy_s=_PATIENCE) as file:
        used = file.used(account, now)
        file.reserve(account, recipients, _UNLIMITED, now)
    return Booking(account, recipients, used)


def settle(shared: Path, booking: Booking, outcome: Outcome | None, *, now: float) -> None:
    """Give back what was booked for recipients that the server was never told of. Raises :class:`JournalError`.

    Without an outcome (the session broke off in an unforeseen way) all of it counts.
    """
    unused = 0 if outcome is None else booking.recipients - tried(outcome)
    if unused > 0:
        with Shared(shared, busy_s=_PATIENCE) as file:
            file.release(booking.account, unused, now)


def tried(outcome: Outcome) -> int:
    """How many recipients the server was asked to send to, whatever it answered."""
    return sum(each.verdict is not Verdict.UNTRIED for each in outcome.recipients)


class Count:
    """Counts one message of ``send`` or of the app against the cap of its profile.

    A file that cannot be written keeps nobody from sending one message: then :attr:`notes` says that it is not counted.
    """

    def __init__(self, shared: Path, connection: Connection, user: str, cap: int, recipients: int) -> None:
        self._shared = shared
        self._account = account_of(connection, user)
        self._cap = cap
        self._recipients = recipients
        self._booking: Booking | None = None
        self.notes: tuple[str, ...] = ()
        """What the user is to know about the cap, in sentences."""

    def begin(self, now: float) -> None:
        """Count the recipients; before the session."""
        try:
            self._booking = book(self._shared, self._account, self._recipients, now=now)
        except JournalError as error:
            self.notes = (f"This message is not counted against the daily cap of {self._cap:,}: {error}",)
            return
        over = self._booking.over(self._cap)
        self.notes = () if over is None else (over,)

    def end(self, outcome: Outcome | None, now: float) -> None:
        """Give back those who were not tried; after the session."""
        if self._booking is not None:
            # What cannot be given back stays counted, which is the safe side.
            with contextlib.suppress(JournalError):
                settle(self._shared, self._booking, outcome, now=now)
