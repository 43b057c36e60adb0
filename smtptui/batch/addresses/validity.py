"""Whether a text is an address that a message can go to, and what it is called where equal ones are equal."""

import re
from dataclasses import dataclass

import email_validator
from email_validator import EmailNotValidError, validate_email

from smtptui.batch.addresses.destinations import destination_of
from smtptui.batch.addresses.typos import meant_domain
from smtptui.protocol import Mailbox, read_addresses, sendable_name, shown, trimmed, visible

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LOCAL = re.compile(rf"(?!'|.*=\?.*\?=){_ATEXT}+(?:\.{_ATEXT}+)*")
"""Without what :func:`read_addresses` refuses though it is plain: an apostrophe before, an encoded word."""
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?!.*[0-9]\Z){_LABEL}")
_LIKE_ADDRESS = re.compile(r"[^\s@,;:|/<>()&]++@[^\s@,;:|/<>()&.]++\.[^\s@,;:|/<>()&]+")
_LOCAL_LIMIT = 64
"""Octets before the @ (RFC 5321 section 4.5.3.1.1)."""
_ADDRESS_LIMIT = 254
"""Octets of an address: a path of 256 without its angle brackets (RFC 5321 section 4.5.3.1.3, erratum 1690)."""
_OWN = ("test", "local", "localhost")
"""Special domains that a list for trying things out may have: the validator knows that no public mail goes there."""
_SPECIAL = frozenset({"arpa", "invalid", "onion"})
_CACHED = 100_000
_MOST_READ = 2000
"""Characters of a cell that is read as an address."""
_SHOWN = 80

# The documented way to allow them; it is the process's list, and nobody else here validates addresses.
email_validator.SPECIAL_USE_DOMAIN_NAMES[:] = [
    name for name in email_validator.SPECIAL_USE_DOMAIN_NAMES if name not in _OWN
]


@dataclass(frozen=True, slots=True)
class Domain:
    """What is known of a domain without asking anybody."""

    name: str
    """Lower case, A-labels."""
    destination: str
    meant: str | None
    """The domain it is a slip of, if it is one."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that can be written into an envelope."""

    local: str
    domain: Domain

    @property
    def text(self) -> str:
        """As the envelope names it. The domain is A-labels, which every server understands."""
        return f"{self.local}@{self.domain.name}"

    @property
    def key(self) -> str:
        """The address in the form in which equal ones are equal.

        The case of the local part is the receiving host's business (RFC 5321 section 2.4), and none that people have
        mailboxes with tells them apart by it. Two rows that differ in nothing else are one person, whom the second
        message would reach as a duplicate.
        """
        return self.text.lower()


class Addresses:
    """Reads addresses. What it knows of domains it keeps, since a list has few of them many times."""

    def __init__(self) -> None:
        self._domains: dict[str, Domain | None] = {}

    def read(self, text: str) -> Address | str:
        """The address, or why there is none, in a sentence.

        A text is read as everywhere else (:func:`~smtptui.protocol.read_addresses`); in a list it has to be one address
        that email-validator accepts. An address literal is refused: in a list an IP address is a mistake. Plain ASCII
        addresses, which are nearly all, get the same verdict fifty times faster.
        """
        local, _, name = text.partition("@")
        domain = self._domain(name)
        if (
            domain is not None
            and len(local) <= _LOCAL_LIMIT
            and len(local) + len(name) < _ADDRESS_LIMIT
            and _LOCAL.fullmatch(local)
        ):
            return Address(local, domain)
        return self._read_slowly(text)

    def meant(self, domain: str) -> str | None:
        """The domain that was meant by one that an address was read with."""
        known = self._domain(domain)
        return known.meant if known is not None else meant_domain(domain)

    def _domain(self, name: str) -> Domain | None:
        """The domain, if it is a plain one; None leaves it to the validator."""
        try:
            return self._domains[name]
        except KeyError:
            pass
        if len(self._domains) >= _CACHED:
            self._domains.clear()
        plain = name.isascii() and len(name) <= 253 and "--" not in name and _DOMAIN.fullmatch(name) is not None
        lower = name.lower()
        found = _facts(lower) if plain and lower.rpartition(".")[2] not in _SPECIAL else None
        self._domains[name] = found
        return found

    def _read_slowly(self, text: str) -> Address | str:
        if not trimmed(text):
            return "There is no address."
        if len(text) > _MOST_READ:
            return "It is far too long for an address."
        box = _one(text)
        if isinstance(box, str):
            return box
        try:
            found = validate_email(
                box.address,
                allow_quoted_local=True,
                # A single name is no public domain; localhost is this machine.
                globally_deliverable=box.domain.lower() != "localhost",
                check_deliverability=False,
            )
        except EmailNotValidError as error:
            return visible(str(error))
        local = found.local_part
        if len(local.encode()) > _LOCAL_LIMIT:
            return f"There are more than {_LOCAL_LIMIT} octets before the @-sign (RFC 5321)."
        return Address(local, _facts(found.ascii_domain.lower()))


def _one(text: str) -> Mailbox | str:
    """The one mailbox of a text, or why there is none, in a sentence."""
    entries = read_addresses(text).entries
    several = len(entries) > 1 and sum("@" in entry.text for entry in entries) > 1
    # Google Contacts writes “ann@x.org ::: ann@y.org”, other programs blanks, slashes or bars.
    unclear = any(entry.mailbox is None and len(_LIKE_ADDRESS.findall(entry.text)) > 1 for entry in entries)
    if several or unclear:
        return "There are several addresses in one field; put each in its own row."
    if not entries:
        return "There is no address."
    fault = next((entry for entry in entries if entry.mailbox is None), None)
    if fault is not None:
        return f"“{shown(fault.text, _SHOWN)}”: {fault.what}."
    box = entries[0].mailbox
    assert box is not None, "what is no fault is a mailbox"
    if not sendable_name(box.name):
        return "The name has a line break or a control character; delete it."
    return box


def _facts(name: str) -> Domain:
    return Domain(name, destination_of(name), meant_domain(name))
