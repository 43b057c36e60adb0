"""Replies that say the same about different people: what is one recipient's own in them is taken out.

A thousand refusals become a few lines. What is taken out is left as a word in capitals, so that the rest still reads
as a sentence: ``<ADDRESS>: Recipient address rejected``.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from smtptui.batch.journal import Standing
from smtptui.batch.model import RecipientState
from smtptui.protocol import Stage

MOST = 1000
"""Groups that are told apart; a server may answer each recipient with a text that is like no other."""
_LONGEST = 300
"""Characters of a text by which groups are told apart."""
_READ = 1000
"""Characters of a reply that are looked at; what a server sends has no bounds."""
_LABEL = 100
_ID_LENGTH = 8

# The blocklist that refuses is the very thing one wants to know: its name stays.
_BLOCKLISTS = (
    "spamhaus|spamcop|barracudacentral|uceprotect|sorbs|abusix|spamrats|mailspike|surbl|uribl|invaluement|njabl|"
    "manitu|psbl|truncate|hostkarma|wpbl|gbudb|cloudmark|proofpoint|mimecast|senderscore"
)
_LABEL_OF_HOST = r"[^\W_](?:[\w-]*[^\W_])?"
_HOST = r"(?:[\w-]+\.)+(?:xn--[\w-]+|[^\W\d_][^\W_]+)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?"
_ZONE = r"(?:\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)\b(?:\s\([A-Z]{2,5}\))?)?"
_UNIT = "(?i:ms|s|secs?|m|mins?|h|hrs?|kb?|mb?|gb?|kib|mib|gib|bytes|octets|st|nd|rd|th)"

_ADDRESS = re.compile(
    rf"(?:\"[^\"\s]*\"|[^\s<>@\"'`()\[\],;:=]+)@(?:\[[^\]\s]*\]|{_LABEL_OF_HOST}(?:\.{_LABEL_OF_HOST})*)"
)
_PARTS = re.compile(
    "|".join(
        (
            r"(?P<KEEP>\b(?:RFC[ -]?\d+|SMTPUTF8|8BITMIME|TLSv\d(?:\.\d)?|IPv[46](?!:)|SHA-?\d+)\b)",
            r"(?P<CODE>#?(?<![\w.])[245]\.\d{1,3}\.\d{1,3}(?![\w.])[ ]?)",
            r"(?P<URL>\b(?:(?:https?|ftp)://|mailto:)[^\s<>\"']*)",
            rf"(?P<TIME>\b(?:{_DAY},? )?\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}(?:[ ,T]+{_CLOCK})?{_ZONE}"
            rf"|\b(?:{_DAY} )?{_MONTH} +\d{{1,2}}(?:,? \d{{4}})?(?: {_CLOCK})?{_ZONE}(?: \d{{4}})?"
            rf"|\b\d{{4}}[-/]\d\d[-/]\d\d(?:[ T]{_CLOCK})?{_ZONE}"
            rf"|(?<![\w:.]){_CLOCK}(?![\w:]){_ZONE})",
            r"(?P<IP>(?<![\w.])(?:IPv6:)?(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4})(?![\w:])"
            r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\w.]*\w))",
            r"(?P<QUEUE>(?:\bqueued as|\b(?:queue|message|session|transaction|ticket|reference)?[ _-]?id[=:])"
            r"\s?<?[\w.+/=-]+>?)",
            rf"(?P<HOST>\b{_HOST}(?![\w-]))",
            rf"(?P<COUNT>(?<![\w.])\d+(?:[.,]\d+)*(?={_UNIT}(?![\w.+/=-]*\w)))",
            r"(?P<ID>\b(?:0x)?(?=[\w+/=.-]*\d)(?=[\w+/=.-]*[^\W\d_])(?:\w[\w+/=.-]{4,}\w|\d\w{1,4}(?=\W|$))"
            r"|\b(?=\d*[A-Fa-f])(?:[0-9A-F]{8,}|[0-9a-f]{8,})\b)",
            r"(?P<N>(?<![\w.])[+-]?\d+(?:[.,]\d+)*(?!\w))",
        )
    )
)
_QUOTES = r"<>'`\"()\[\]"
_SHORTEST = 3
"""Characters of a mailbox's name that is looked for outside of quotation marks."""
# Words that servers say of everybody; a mailbox of that name must not take them out of the sentence.
_SAID_OF_ALL = """
a access account address administrator admin and at available bad been blocked by client contact could daemon data
delivery denied disabled does domain email error exist failed for from full has host hostmaster in info invalid is it
local mail mailbox mailer message name no not of office on or please policy postmaster quota receiving recipient
recipients refused reject rejected relay root sales sender server service spam support system temporarily temporary
test that the this to try unavailable unknown user valid with you your
"""
_WORDS = frozenset(_SAID_OF_ALL.split())


@dataclass(frozen=True, slots=True)
class ReplyGroup:
    """What all replies of a group have in common. Where there was no reply, ``text`` says what happened instead."""

    stage: Stage | None
    code: int | None
    enhanced: str
    text: str
    reason: str = ""

    @property
    def id(self) -> str:
        """A short name, the same for every batch: eight hexadecimal digits."""
        parts = (self.stage or "", str(self.code or ""), self.enhanced, self.text, self.reason)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_ID_LENGTH]

    @property
    def label(self) -> str:
        """A line to show: the codes, the stage, and the text, cut at a word."""
        codes = " ".join(str(part) for part in (self.code, self.enhanced) if part)
        stage = f"({self.stage})" if self.stage is not None else ""
        reason = f"{self.reason}:" if self.reason and self.text else self.reason
        return " ".join(part for part in (reason, codes, stage, _cut(self.text)) if part)


@dataclass(slots=True)
class GroupSummary:
    """A group and those who are in it."""

    group: ReplyGroup
    count: int = 0
    states: Counter[RecipientState] = field(default_factory=Counter)
    destinations: Counter[str] = field(default_factory=Counter)
    """Up to a few hundred destinations of the group; more are not told apart."""
    example: str = ""
    """The first reply of the group as it was."""
    address: str = ""
    """Whom it was about."""


OTHERS = ReplyGroup(None, None, "", "other replies, each of its own")
"""Where groups are not told apart any more."""


def group_of(standing: Standing) -> ReplyGroup:
    """The group that how a recipient stands belongs to."""
    return ReplyGroup(
        standing.stage,
        standing.code,
        standing.enhanced,
        normalise(standing.reply, standing.address),
        normalise(standing.reason, standing.address),
    )


def grouped(standings: Iterable[Standing]) -> list[GroupSummary]:
    """All groups, the largest first. Memory grows with the groups alone, and these are limited."""
    found: dict[ReplyGroup, GroupSummary] = {}
    for standing in standings:
        group = group_of(standing)
        if group not in found and len(found) >= MOST:
            group = OTHERS
        summary = found.get(group)
        if summary is None:
            summary = found[group] = GroupSummary(group, example=standing.reply, address=standing.address)
        summary.count += 1
        summary.states[standing.state] += 1
        if standing.destination in summary.destinations or len(summary.destinations) < MOST // 4:
            summary.destinations[standing.destination] += 1
    return sorted(found.values(), key=lambda summary: (-summary.count, summary.group.label))


def normalise(reply: str, address: str = "") -> str:
    """The text of a reply without what is this recipient's, this connection's or this moment's own."""
    text = _PARTS.sub(_replace, _own_words(_ADDRESS.sub(_address, reply[:_READ]), address))
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST]


def _address(match: re.Match[str]) -> str:
    # In our own sentences this stands for how an address is written.
    return match[0] if match[0] == "name@domain" else "ADDRESS"


def _replace(match: re.Match[str]) -> str:
    kind, found = match.lastgroup, match[0]
    match kind:
        case "KEEP":
            return found
        case "CODE":
            return ""
        case "HOST":
            listed = re.search(_BLOCKLISTS, found, re.IGNORECASE)
            return listed[0].lower() if listed is not None else "HOST"
        case "QUEUE":
            return re.sub(r"<?[\w.+/=-]+>?$", "ID", found)
        case "COUNT":
            return "N"
    return str(kind)


def _own_words(text: str, address: str) -> str:
    """Take out the recipient's name and domain where they stand without each other."""
    local, at, domain = address.rpartition("@")
    if not at:
        return text
    for word, mark in ((local, "NAME"), (domain, "HOST")):
        if not word or word.casefold() not in text.casefold():
            continue
        pattern = re.escape(word)
        text = re.sub(rf"(?<=[{_QUOTES}]){pattern}(?=[{_QUOTES}])", mark, text, flags=re.IGNORECASE)
        if len(word) >= _SHORTEST and not word.isdecimal() and word.casefold() not in _WORDS:
            text = re.sub(rf"(?<![\w.@-]){pattern}(?![\w@-])", mark, text, flags=re.IGNORECASE)
    return text


def _cut(text: str) -> str:
    if len(text) <= _LABEL:
        return text
    return text[:_LABEL].rsplit(" ", 1)[0] + " …"
