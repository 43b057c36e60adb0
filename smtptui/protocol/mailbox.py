"""Mailboxes: a display name and an address, and the address as the envelope says it (RFC 5321, 5322, 6531)."""

from dataclasses import dataclass

import idna


class MailboxError(ValueError):
    """An address that cannot be used: the address, what is wrong with it and what to do, in a sentence."""


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
        raise MailboxError(f"“{domain}” is not a valid internationalized domain name: {error}") from error
