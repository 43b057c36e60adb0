"""What Postfix's log says became of each recipient: its own account of a batch."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_QUEUED = re.compile(r"postfix/cleanup\[\d+\]: (\w+): message-id=(\S*)")
_SENT = re.compile(r"postfix/virtual\[\d+\]: (\w+): to=<([^>]*)>,.* status=sent ")
_REJECTED = re.compile(r"postfix/[-\w./:]*smtpd\[\d+\]: NOQUEUE: reject: (\w+) from \S+: (\d{3}) (\S+) .*?to=<([^>]*)>")
_TOO_FAST = "Message delivery request rate limit exceeded"
_TURNED_AWAY = re.compile(r"postfix/[-\w./:]*smtpd\[\d+\]: NOQUEUE: reject: MAIL from \S+: (\d{3}) (\S+)")


@dataclass(slots=True)
class Account:
    """Recipients as Postfix had them."""

    sent: dict[str, list[str]] = field(default_factory=dict)
    """The queue ids under which a message to an address was delivered."""
    message_ids: dict[str, str] = field(default_factory=dict)
    """The Message-ID of each queue id."""
    rejected: dict[str, list[str]] = field(default_factory=dict)
    """Replies to RCPT that refused an address, as ``550 5.1.1``, in order."""
    turned_away: Counter[str] = field(default_factory=Counter)
    """Replies to MAIL that refused a transaction."""
    too_fast: int = 0
    """Transactions that anvil's count of messages refused."""


def read_account(lines: Iterable[str], belongs: re.Pattern[str]) -> Account:
    """The account of those recipients that ``belongs`` matches."""
    account = Account()
    for line in lines:
        if queued := _QUEUED.search(line):
            account.message_ids[queued[1]] = queued[2]
        elif (sent := _SENT.search(line)) and belongs.match(sent[2]):
            account.sent.setdefault(sent[2], []).append(sent[1])
        elif _TOO_FAST in line:
            account.too_fast += 1
        elif away := _TURNED_AWAY.search(line):
            account.turned_away[f"{away[1]} {away[2]}"] += 1
        elif (rejected := _REJECTED.search(line)) and belongs.match(rejected[4]):
            account.rejected.setdefault(rejected[4], []).append(f"{rejected[2]} {rejected[3]}")
    return account
