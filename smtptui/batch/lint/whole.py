"""What is seen of a batch before any message: who sends, through what, to how many, and how that goes together."""

import ipaddress
from collections.abc import Iterator

from smtptui.batch.lint.content import Seen
from smtptui.batch.lint.model import Severity
from smtptui.batch.model import BatchState, RecipientState, Tally
from smtptui.batch.settings import BatchSettings
from smtptui.profiles import preset_for_address
from smtptui.protocol import Connection, MailboxError, TlsMode, parse_mailbox

ERROR, WARNING, INFORMATION = Severity.ERROR, Severity.WARNING, Severity.INFORMATION
BULK = 5000
"""Messages a day to one provider from which it has rules for bulk senders (Gmail, Yahoo, Microsoft)."""
_HOUSES = (
    frozenset({"outlook.com", "office365.com"}),
    frozenset({"me.com", "icloud.com"}),
    frozenset({"gmail.com", "googlemail.com", "google.com"}),
    frozenset({"gmx.net", "gmx.com", "web.de", "mail.com"}),
    frozenset({"yahoo.com", "aol.com"}),
    frozenset({"protonmail.ch", "proton.me"}),
    frozenset({"yandex.com", "yandex.ru"}),
)
"""Domains of submission servers that belong to one provider."""
_NOBODY = frozenset({"postmaster", "noreply", "no-reply", "donotreply", "do-not-reply"})


def sender_faults(author: str, settings: BatchSettings) -> Iterator[Seen]:
    """The author's address, and where bounces go."""
    local, _, domain = _plain(author).rpartition("@")
    if local in _NOBODY:
        yield Seen(
            "sender",
            WARNING,
            f"The author is {local}@, so nobody can answer.",
            "Use an address that is read; answers are the best sign for a provider.",
        )
    preset = preset_for_address(author) if domain else None
    connection = settings.relay.connection
    if preset is not None and connection.host and not _near(connection) and not _same(connection.host, preset.host):
        yield Seen(
            "freemail",
            ERROR,
            f"The author is at {domain}, and {connection.host} is not its server: receivers refuse that.",
            f"Send through {preset.shown_host}, or from a domain of your own.",
        )
    bounces = settings.message.envelope_sender
    if bounces == "":
        yield Seen("bounces", WARNING, "The envelope has no sender, so bounces are lost.", "Give --envelope-from.")
    elif bounces and _plain(bounces).rpartition("@")[0] in _NOBODY - {"postmaster"}:
        yield Seen("bounces", WARNING, f"Bounces go to {bounces}, which is not read.", "Use a mailbox that is.")


def relay_faults(connection: Connection) -> Iterator[Seen]:
    """Whether the messages are encrypted on their way to the relay."""
    if _near(connection):
        return
    if connection.tls_mode is TlsMode.NONE:
        # Within one's own network it is one's own business.
        severity = WARNING if _inside(connection.host) else ERROR
        yield Seen("tls", severity, f"There is no TLS to {connection.label}.", "Give --tls starttls or --tls implicit.")
    elif not connection.tls.verify and connection.tls.fingerprint is None:
        yield Seen(
            "tls", WARNING, "The relay's certificate is not checked.", "Leave --no-verify away, or --fingerprint."
        )


def number_faults(settings: BatchSettings, tally: Tally, state: BatchState) -> Iterator[Seen]:
    """How the list goes together with the limits, and what was left out of it."""
    to_send, per_day = tally.open, settings.limits.per_day
    if not tally.total - tally[RecipientState.SKIPPED] - tally[RecipientState.SUPPRESSED]:
        yield Seen(
            "nobody",
            ERROR,
            "Nobody on the list can be sent to.",
            "“smtptui batch export NAME” says why; correct the list.",
        )
    if per_day and to_send > per_day:
        days = -(-to_send // per_day)
        yield Seen(
            "days",
            INFORMATION,
            f"{to_send:,} recipients at {per_day:,} a day take {days} days; the run waits in between.",
            "Raise --per-day if the account allows more, or send a part.",
        )
    if tally[RecipientState.SUPPRESSED]:
        count = tally[RecipientState.SUPPRESSED]
        yield Seen(
            "suppressed",
            INFORMATION,
            f"{count:,} recipients are suppressed and get nothing.",
            "“smtptui batch export NAME --state suppressed” lists them.",
        )
    if state.untested:
        yield Seen(
            "untested", INFORMATION, "No test copy was sent yet.", "Send one to yourself with “smtptui batch test”."
        )


def bulk_faults(unsubscribe: bool, signed: bool, settings: BatchSettings, google: int, total: int) -> Iterator[Seen]:
    """What providers want of bulk senders; an error if there are as many recipients as they say."""
    bulk = google >= BULK
    severity = ERROR if bulk else WARNING
    if bulk:
        yield Seen(
            "bulk",
            INFORMATION,
            f"{google:,} recipients are at Google, which has rules for bulk senders (from {BULK:,} a day).",
            "Have SPF, DKIM and DMARC for the author's domain, one-click unsubscribe, and few complaints.",
        )
    if not unsubscribe and total > 1:
        yield Seen(
            "list-unsubscribe",
            severity,
            "The messages have no one-click unsubscribe (RFC 8058), which Gmail and Yahoo expect of bulk mail.",
            "Give --unsubscribe 'https://…/{token}'. What each recipient asked for, such as an invoice, needs none.",
        )
    if unsubscribe and not signed:
        yield Seen(
            "unsubscribe-signed",
            WARNING if bulk else INFORMATION,
            "DKIM does not cover List-Unsubscribe and List-Unsubscribe-Post here (RFC 8058 section 4).",
            "Make sure that the relay signs both, or give --dkim-key.",
        )
    given = settings.message.unsubscribe
    if given and "{token}" not in given.replace("{{ token }}", "{token}").replace("{{token}}", "{token}"):
        yield Seen(
            "unsubscribe-token",
            WARNING,
            "The unsubscribe address has no {token}: it is the same for everyone, so you cannot tell who clicked.",
            "Put {token} into it; with a plain e-mail address in the link anyone could unsubscribe someone else.",
        )


def _plain(address: str) -> str:
    try:
        return parse_mailbox(address).address.lower()
    except MailboxError:
        return address.lower()


def _near(connection: Connection) -> bool:
    """Whether the relay is this machine."""
    if connection.socket_path is not None or connection.host.lower().rstrip(".").rpartition(".")[2] == "localhost":
        return True
    try:
        return ipaddress.ip_address(connection.host.strip("[]")).is_loopback
    except ValueError:
        return False


def _inside(host: str) -> bool:
    """Whether a relay is in a network of one's own: a private address, or a name without a domain."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_private
    except ValueError:
        return "." not in host.rstrip(".")


def _same(host: str, preset: str) -> bool:
    """Whether two hosts are one provider's: they share their last two labels, or these belong together."""
    ours, theirs = (".".join(name.lower().rstrip(".").split(".")[-2:]) for name in (host, preset))
    return ours == theirs or any(house >= {ours, theirs} for house in _HOUSES)
