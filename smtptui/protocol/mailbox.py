"""Mailboxes: reading ``Name <local@domain>``, checking it, writing it for the envelope (RFC 5321, 5322, 6531)."""

import re
from dataclasses import dataclass

import idna

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]"
_DOT_ATOM = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*\Z")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"\Z')
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
_PLAIN = re.compile(
    r"([A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*)@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)\Z"
)
"""What nearly every address looks like; the patient way knows the others."""
_LITERAL = re.compile(r"\[[0-9A-Za-z:.\-]+\]\Z")


class MailboxError(ValueError):
    """An address that cannot be used, with the reason in a sentence."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an address as they were written; ``domain`` may be an IDN or an address literal."""

    name: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        """``local@domain``; only the local part for the bare ``postmaster``."""
        return f"{self.local}@{self.domain}" if self.domain else self.local

    @property
    def needs_smtputf8(self) -> bool:
        """Whether the local part is not ASCII; a domain alone can always travel as A-labels."""
        return not self.local.isascii()

    def wire(self, *, smtputf8: bool = False) -> str:
        """The address as MAIL and RCPT say it; the domain as A-labels unless SMTPUTF8 is in use."""
        domain = self.domain
        if domain and not (smtputf8 and self.needs_smtputf8):
            domain = ascii_domain(domain)
        return f"{self.local}@{domain}" if domain else self.local


def ascii_domain(domain: str) -> str:
    """The domain with every label as an A-label (RFC 5890, UTS 46 mapping); raises :class:`MailboxError`."""
    if domain.startswith("[") or domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise MailboxError(f"domain {domain!r} is no internationalised domain name: {error}") from error


def parse_mailbox(text: str) -> Mailbox:
    """Read one mailbox, ``local@domain`` or ``Name <local@domain>``; raises :class:`MailboxError`."""
    if (plain := _PLAIN.match(text)) is not None:
        local, domain = plain.groups()
        if len(local) <= 64 and len(domain) <= 255:
            return Mailbox("", local, domain)
    boxes = parse_mailboxes(text)
    if len(boxes) != 1:
        raise MailboxError(f"one address is wanted, got {len(boxes)}: {text!r}")
    return boxes[0]


def parse_mailboxes(text: str) -> tuple[Mailbox, ...]:
    """Read a comma-separated list of mailboxes; raises :class:`MailboxError` naming the one that is wrong."""
    if _CONTROL.search(text):
        raise MailboxError(f"address {text!r} has a control character or a byte that is no UTF-8")
    return tuple(_mailbox(part) for part in _split(text) if part.strip())


def _split(text: str) -> list[str]:
    """Cut at commas outside quotes, angle brackets and comments."""
    parts, start, quoted, depth, skip = [], 0, False, 0, False
    for index, char in enumerate(text):
        if skip:
            skip = False
        elif char == "\\" and quoted:
            skip = True
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "<(":
            depth += 1
        elif not quoted and char in ">)":
            depth -= 1
        elif not quoted and not depth and char == ",":
            parts.append(text[start:index])
            start = index + 1
    if quoted:
        raise MailboxError(f"address {text!r}: a quotation mark is not closed")
    parts.append(text[start:])
    return parts


def _mailbox(text: str) -> Mailbox:
    text = text.strip()
    name = ""
    address = text
    if text.endswith(">"):
        # The address cannot hold an unquoted "<", so the last one outside quotes opens it.
        opening = _last_open(text)
        if opening < 0:
            raise MailboxError(f"address {text!r}: “>” without “<”")
        name, address = _display_name(text[:opening].strip()), text[opening + 1 : -1].strip()
    elif "<" in text and not text.startswith('"'):
        raise MailboxError(f"address {text!r}: “<” is not closed by “>” at the end")
    local, at, domain = address.rpartition("@")
    if not at:
        local, domain = address, ""
        if local.lower() != "postmaster":
            raise MailboxError(f"address {text!r} has no “@”; only “postmaster” may stand alone")
    _check_local(local, text)
    if at:
        _check_domain(domain, text)
    return Mailbox(name, local, domain)


def _last_open(text: str) -> int:
    quoted, skip, found = False, False, -1
    for index, char in enumerate(text):
        if skip:
            skip = False
        elif char == "\\" and quoted:
            skip = True
        elif char == '"':
            quoted = not quoted
        elif char == "<" and not quoted:
            found = index
    return found


def _display_name(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def _check_local(local: str, text: str) -> None:
    if not local:
        raise MailboxError(f"address {text!r} has nothing before “@”")
    if len(local.encode("utf-8")) > 64:
        raise MailboxError(f"address {text!r}: more than 64 octets before “@” (RFC 5321 section 4.5.3.1.1)")
    if not (_DOT_ATOM.match(local) or _QUOTED.match(local)):
        raise MailboxError(f"address {text!r}: {local!r} is no local part; quote it if it is meant")


def _check_domain(domain: str, text: str) -> None:
    if not domain:
        raise MailboxError(f"address {text!r} has nothing after “@”")
    if _LITERAL.match(domain):
        return
    ascii_form = ascii_domain(domain)
    if len(ascii_form) > 255:
        raise MailboxError(f"address {text!r}: the domain is longer than 255 octets")
    for label in ascii_form.split("."):
        if not _LABEL.match(label):
            raise MailboxError(f"address {text!r}: {domain!r} is no domain name")
