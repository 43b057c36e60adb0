"""What is seen in a message by itself: its header, its lines, its parts, its links."""

import re
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlsplit

from smtptui.batch.lint.model import Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING
LINE_LIMIT = 998
CLIPPED = 102 * 1024
"""Octets of HTML after which Gmail shows the rest only when asked (not documented by Google)."""
_SINGLE = ("from", "date", "message-id", "to", "cc", "subject", "reply-to", "sender", "in-reply-to", "references")
_NEEDED = ("from", "date", "message-id")
_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+\.[^<>@\s]+>")
_SHORTENERS = re.compile(
    r"(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|buff\.ly|cutt\.ly|rebrand\.ly|rb\.gy|tiny\.cc|shorturl\.at|lnkd\.in)"
)
_PROGRAMS = re.compile(
    r"ade|adp|apk|appx|appxbundle|bat|cab|chm|cmd|com|cpl|diagcab|diagcfg|diagpkg|dll|dmg|ex|ex_|exe|hta|img|ins|iso|isp"
    r"|jar|jnlp|js|jse|lib|lnk|mde|mjs|msc|msi|msix|msixbundle|msp|mst|nsh|pif|ps1|scr|sct|shb|sys|vb|vbe|vbs|vhd|vxd|wsc"
    r"|wsf|wsh|xll"
)
"""Endings Gmail refuses: https://support.google.com/mail/answer/6590 (checked 2026-11-25)."""


class Seen(NamedTuple):
    """Something wrong with a message."""

    check: str
    severity: Severity
    sentence: str
    advice: str


def header_of(content: bytes) -> dict[str, list[str]]:
    """The values of each field, by its name in lower case."""
    head = content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t")
    fields: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name.lower(), []).append(value.strip())
    return fields


def header_faults(fields: dict[str, list[str]]) -> Iterator[Seen]:
    """Fields that stand there too often or not at all, and a Message-ID that is none (RFC 5322 section 3.6)."""
    for name in _SINGLE:
        if len(fields.get(name, ())) > 1:
            yield Seen("single-fields", ERROR, f"{name.title()} stands there more than once.", "Leave one of them.")
    for name in _NEEDED:
        if name not in fields:
            yield Seen("single-fields", ERROR, f"There is no {name.title()}.", "Add it to the template.")
    if not any(fields.get("subject", ())):
        yield Seen("subject", WARNING, "There is no subject.", "Add SUBJECT to the template.")
    found = fields.get("message-id", [""])[0]
    if found and not _ID.fullmatch(found):
        yield Seen(
            "message-id",
            ERROR,
            "The Message-ID has no full domain name.",
            "Leave it out of the template; the one that is made has that of the author.",
        )


def octet_faults(content: bytes) -> Iterator[Seen]:
    """Lines that are too long, and bare CR or LF."""
    # In C, since every message is looked at: a regular expression takes longer than building the message.
    if max(map(len, content.split(b"\r\n"))) > LINE_LIMIT:
        yield Seen(
            "lines", ERROR, f"A line has more than {LINE_LIMIT} octets (RFC 5322).", "Break it, or let it be encoded."
        )
    ends = content.count(b"\r\n")
    if content.count(b"\n") != ends or content.count(b"\r") != ends:
        yield Seen("lines", ERROR, "There is a CR or an LF that is no line end.", "Remove it.")


def body_faults(content: bytes) -> Iterator[Seen]:
    """HTML without text, too much of it, images alone, links that look like fraud, attachments nobody takes."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    for part in message.walk():
        name = part.get_filename() or ""
        ending = name.rpartition(".")[2].lower()
        if "." in name and _PROGRAMS.fullmatch(ending):
            yield Seen(
                "attachment",
                ERROR,
                f"An attachment ends in .{ending}, which large providers refuse.",
                "Link to it, or send another format.",
            )
    html = message.get_body(("html",))
    if html is None:
        return
    if message.get_body(("plain",)) is None:
        yield Seen("text", WARNING, "There is HTML and no text.", "Write the text in the template, and HTML beside it.")
    text = html.get_content()
    if len(text.encode("utf-8", "replace")) > CLIPPED:
        yield Seen(
            "clipped", WARNING, "The HTML has more than 102 KiB; Gmail shows only the first part.", "Shorten it."
        )
    yield from html_faults(text)


def html_faults(html: str) -> Iterator[Seen]:
    """What is seen in HTML alone."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.images and not reader.letters:
        yield Seen("images", WARNING, "The HTML is images and no text.", "Say in text what the images say.")
    if reader.without_alt:
        yield Seen(
            "images", WARNING, "An image has no alt text.", "Give each image an alt, an empty one if it says nothing."
        )
    for target, words in reader.links:
        yield from _link_faults(target, words)


def _link_faults(target: str, words: str) -> Iterator[Seen]:
    try:
        url = urlsplit(target.strip())
        host = (url.hostname or "").rstrip(".")
    except ValueError:
        yield Seen("links", WARNING, "A link cannot be read.", "Write the whole address.")
        return
    if url.scheme == "http":
        yield Seen("links", WARNING, f"A link to {host} is http.", "Use https.")
    if re.fullmatch(r"[0-9.]+|.*:.*", host):
        yield Seen("links", WARNING, "A link goes to an IP address.", "Use a name; filters take it for fraud.")
    if _SHORTENERS.fullmatch(host):
        yield Seen(
            "links", WARNING, f"A link goes through {host}.", "Link to where it leads; filters distrust shorteners."
        )
    shown = re.search(r"(?:https?://|www\.)([^\s/:?#<>]+\.[^\s/:?#<>]+)", words)
    if shown and host and shown[1].lower().removeprefix("www.") != host.removeprefix("www."):
        yield Seen(
            "links",
            WARNING,
            f"A link shows {shown[1]} and leads to {host}.",
            "Show the host it leads to, or plain words.",
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.images = self.without_alt = self.letters = 0
        self.links: list[tuple[str, str]] = []
        self._open = False
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img":
            self.images += 1
            self.without_alt += "alt" not in given
        elif tag in ("style", "script", "title"):
            self._hidden += 1
        elif tag == "a" and given.get("href"):
            self.links.append((given["href"] or "", ""))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self._hidden = max(0, self._hidden - 1)
        elif tag == "a":
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.letters += len(data.strip())
        if self._open:
            target, words = self.links[-1]
            self.links[-1] = (target, words + data)
