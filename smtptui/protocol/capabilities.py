"""What a server says it can do in its reply to EHLO or LHLO (RFC 5321 section 4.1.1.1)."""

import re
from dataclasses import dataclass, field

from smtptui.protocol.reply import Reply


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The keywords of an EHLO reply. ``extensions`` maps the upper-case keyword to its parameters as sent."""

    domain: str = ""
    extensions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_reply(cls, reply: Reply) -> "Capabilities":
        """Read the reply to EHLO; a later line with the same keyword adds its parameters."""
        first, *rest = reply.lines or ("",)
        extensions: dict[str, str] = {}
        for line in rest:
            # "AUTH=LOGIN" is what servers said before RFC 2554; some still say both forms.
            keyword, _, parameters = line.strip().partition(" ")
            if "=" in keyword:
                keyword, _, first_parameter = keyword.partition("=")
                parameters = f"{first_parameter} {parameters}"
            if not keyword:
                continue
            keyword, parameters = keyword.upper(), parameters.strip()
            if extensions.get(keyword):
                parameters = f"{extensions[keyword]} {parameters}".strip()
            extensions[keyword] = parameters
        return cls(first.partition(" ")[0], extensions)

    def __contains__(self, keyword: str) -> bool:
        return keyword.upper() in self.extensions

    @property
    def size_limit(self) -> int | None:
        """Largest message in octets, or None where the server names none (RFC 1870: 0 means no limit)."""
        parameter = self.extensions.get("SIZE", "").partition(" ")[0]
        return int(parameter) or None if re.fullmatch("[0-9]{1,20}", parameter) else None

    def limit(self, name: str) -> int | None:
        """What the server says with LIMITS that it takes at most (RFC 9422), None if it does not say: ``RCPTMAX``
        recipients in a transaction, ``RCPTDOMAINMAX`` of their domains, ``MAILMAX`` transactions in a session.

        A limit that cannot be read is none; of one that is named twice the smaller counts.
        """
        found = re.findall(rf"(?<!\S){name}=([1-9][0-9]{{0,5}})(?!\S)", self.extensions.get("LIMITS", "").upper())
        return min(map(int, found), default=None)

    @property
    def auth(self) -> tuple[str, ...]:
        """SASL mechanisms offered, upper case, in the server's order, each once (RFC 4954)."""
        return tuple(dict.fromkeys(self.extensions.get("AUTH", "").upper().split()))
