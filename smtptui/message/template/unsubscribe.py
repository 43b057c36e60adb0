"""The header fields by which a recipient unsubscribes (RFC 2369, RFC 8058)."""

import re
from urllib.parse import quote, urlsplit

from smtptui.message.template.faults import TemplateError
from smtptui.protocol import visible

_TOKEN = re.compile(r"\{\{\s*token\s*\}\}|\{token\}")
_ADDRESS = re.compile(r"\{\{\s*address\s*\}\}|\{address\}")
_URL = re.compile(r"[!-;=?-~]+\Z")


class Unsubscribe:
    """Where to unsubscribe, for each recipient."""

    def __init__(self, forms: str | None, *, one_click: bool) -> None:
        """``forms`` are URLs with ``{token}`` in them, blanks between; raises :class:`TemplateError`."""
        self._forms = [form.strip("<>,") for form in (forms or "").replace("{{ ", "{{").replace(" }}", "}}").split()]
        faults = [sentence for form in self._forms if (sentence := _fault(form))]
        if faults:
            raise TemplateError(faults)
        web = [form for form in self._forms if form.lower().startswith("https:")]
        self.one_click = one_click and any(_TOKEN.search(form) for form in web)
        """Whether mail programs may do it by themselves: only for an https URL that says who it is."""
        self.notes: tuple[str, ...] = ()
        if self._forms and not any(_TOKEN.search(form) for form in self._forms):
            self.notes = (
                "The unsubscribe address has no {token}: it is the same for everyone, so you cannot tell who clicked.",
            )

    def addresses(self, token: str, address: str) -> list[str]:
        """The URLs of one recipient."""
        if not self._forms:
            return []
        who, where = quote(token, safe="-._~"), quote(address, safe="-._~")
        return [_ADDRESS.sub(where, _TOKEN.sub(who, form)) for form in self._forms]

    def fields(self, token: str, address: str) -> list[tuple[str, str]]:
        """The header fields of one recipient."""
        if not self._forms:
            return []
        found = [("List-Unsubscribe", ", ".join(f"<{url}>" for url in self.addresses(token, address)))]
        if self.one_click:
            found.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        return found


def _fault(form: str) -> str:
    bare = _ADDRESS.sub("a", _TOKEN.sub("t", form))
    shown = visible(form)
    if not _URL.match(bare) or "{" in bare or "}" in bare:
        return f"“{shown}” is no address to unsubscribe at; write it like https://example.org/unsubscribe?t={{token}}."
    try:
        parts = urlsplit(bare)
        host = parts.hostname
    except ValueError:
        return f"“{shown}” is no address to unsubscribe at: its host cannot be read."
    if (parts.scheme == "https" and host) or (parts.scheme == "mailto" and "@" in parts.path):
        return ""
    return f"“{shown}”: an address to unsubscribe at begins with https:// or mailto: (RFC 8058)."
