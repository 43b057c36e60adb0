"""What is seen in the texts and the files of every message: fast, since most of them are the same for everyone."""

import re
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import urlsplit

from smtptui.batch.lint.content import Seen, header_of
from smtptui.batch.lint.findings import Severity
from smtptui.protocol import visible

ERROR, WARNING = Severity.ERROR, Severity.WARNING
CLIPPED = 102 * 1024
"""Octets of HTML after which Gmail shows the rest only when asked (not documented by Google)."""
_SHORTENERS = re.compile(
    r"(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|buff\.ly|cutt\.ly|rebrand\.ly|rb\.gy|tiny\.cc|shorturl\.at|lnkd\.in)"
)
_PROGRAMS = re.compile(
    r"ade|adp|apk|appx|appxbundle|bat|cab|chm|cmd|com|cpl|diagcab|diagcfg|diagpkg|dll|dmg|ex|ex_|exe|hta|img|ins|iso|isp"
    r"|jar|jnlp|js|jse|lib|lnk|mde|mjs|msc|msi|msix|msixbundle|msp|mst|nsh|pif|ps1|scr|sct|shb|sys|vb|vbe|vbs|vhd|vxd|wsc"
    r"|wsf|wsh|xll"
)
"""Endings Gmail refuses: https://support.google.com/mail/answer/6590 (checked 2026-11-25)."""
_UNSUBSCRIBE = re.compile(
    r"(?i)unsubscri|opt[ -]?out|abmeld|abbestell|désabonn|désinscri|darse de baja|cancelar (?:la )?suscripci"
    r"|disiscri|cancella(?:re|ti)|afmeld|uitschrijv|avregistrer|wypisz|отписа|odhlá"
)
_BOUNDARY = re.compile(r"""(?i)\bboundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))""")
_FILE_NAME = re.compile(rb"""(?i)name\*?[0-9*]*\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))""")
_ATTRIBUTES = r"""(?:(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>|[^<>]*+>)"""
_SILENT = re.compile(r"<(?:!--.*?(?:-->|\Z)|(?i:(style|script|title)\b).*?(?:</(?i:\1)[^>]*>|\Z))", re.DOTALL)
_SNIPPET = re.compile(
    rf"<(?:(?i:img)\b{_ATTRIBUTES}|(?i:a)\b{_ATTRIBUTES}[^<]*+(?:<(?!/?(?i:a)\b)[^<]*+)*+)", re.DOTALL
)
_ATTRIBUTE = re.compile(
    r"""(?<=[\s"'/])([a-zA-Z][\w:-]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]++)))?""", re.DOTALL
)
_TAG = re.compile(rf"<(?:/?[a-zA-Z]{_ATTRIBUTES}|![^<>]*>)", re.DOTALL)
_READABLE = re.compile(r">[^<&]*[^\s<&>]")


class Parts(NamedTuple):
    """The texts of a message, and the names of its files."""

    plain: str | None
    html: str | None
    names: tuple[bytes, ...]


def parts_of(content: bytes, fields: Mapping[str, Sequence[str]]) -> Parts:
    """Take a message apart that smtptui has built; ``fields`` are those of its header."""
    begin = content.find(b"\r\n\r\n")
    found = _BOUNDARY.search(fields.get("content-type", ("",))[0])
    if found is None:
        return _sorted([(fields, content[begin + 4 :] if begin >= 0 else b"")])
    # Parts within parts have boundaries that differ in their last digits alone (smtptui.message.part.multipart).
    boundary = (found[1] or found[2]).encode()
    common = re.sub(rb"\d+\Z", b"", boundary)
    leaves = []
    for piece in content[begin:].split(b"\r\n--" + common)[1:]:
        end = piece.find(b"\r\n\r\n")
        if end >= 0:
            leaves.append((header_of(piece[piece.find(b"\r\n") + 2 : end + 2]), piece[end + 4 :]))
    return _sorted(leaves)


def _sorted(leaves: Sequence[tuple[Mapping[str, Sequence[str]], bytes]]) -> Parts:
    plain = html = None
    names: list[bytes] = []
    for fields, body in leaves:
        kind = fields.get("content-type", ("text/plain",))[0].lower()
        disposition = fields.get("content-disposition", ("",))[0]
        # A long name comes in several parameters (RFC 2231 section 3).
        pieces = _FILE_NAME.findall(disposition.encode("utf-8", "replace")) or _FILE_NAME.findall(
            kind.encode("utf-8", "replace")
        )
        if pieces:
            names.append(b"".join(quoted or plain for quoted, plain in pieces))
        elif kind.startswith("text/plain") and plain is None:
            plain = _decoded(fields, body)
        elif kind.startswith("text/html") and html is None:
            html = _decoded(fields, body)
    return Parts(plain, html, tuple(names))


def _decoded(fields: Mapping[str, Sequence[str]], body: bytes) -> str:
    match fields.get("content-transfer-encoding", ("",))[0].strip().lower():
        case "quoted-printable":
            body = a2b_qp(body)
        case "base64":
            body = a2b_base64(body)
    return body.decode("utf-8", "replace")


class BodyCheck:
    """Looks at bodies; what it has seen once it does not take apart again."""

    def __init__(self) -> None:
        self._html = lru_cache(64)(_html_faults)

    def faults(self, parts: Parts, token: str) -> Iterator[Seen]:
        """HTML without text, too much of it, images alone, links that look like fraud, files that nobody takes.

        ``token`` is what differs in the addresses of each message.
        """
        for name in parts.names:
            ending = name.rpartition(b".")[2].decode("ascii", "replace").lower()
            if b"." in name and _PROGRAMS.fullmatch(ending):
                yield Seen(
                    "attachment",
                    ERROR,
                    f"An attachment ends in .{ending}, which large providers refuse.",
                    "Link to it, or send another format.",
                )
        if parts.html is None:
            return
        if parts.plain is None:
            yield Seen(
                "text", WARNING, "There is HTML and no text.", "Write the text in the template, and HTML beside it."
            )
        if len(parts.html) * 4 > CLIPPED and len(parts.html.encode("utf-8", "replace")) > CLIPPED:
            yield Seen(
                "clipped", WARNING, "The HTML has more than 102 KiB; Gmail shows only the first part.", "Shorten it."
            )
        yield from self._html(parts.html.replace(token, "0") if token else parts.html)


def offers_to_leave(parts: Parts, header: str) -> bool:
    """Whether what is read says how to unsubscribe, by the address in ``header`` or in words."""
    texts = [text for text in (parts.html, parts.plain) if text is not None]
    addresses = re.findall(r"<([^<>\s]+)>", header)
    if any(address in text or escape(address) in text for text in texts for address in addresses):
        return True
    return any(_UNSUBSCRIBE.search(text) or any(address in unescape(text) for address in addresses) for text in texts)


def html_faults(html: str) -> tuple[Seen, ...]:
    """What is seen in HTML alone."""
    return _html_faults(html)


def _html_faults(html: str) -> tuple[Seen, ...]:
    html = _SILENT.sub("", html)
    found: list[Seen] = []
    images = 0
    for snippet in _SNIPPET.findall(html):
        count, faults = _snippet(snippet)
        images += count
        found += faults
    if images and not _has_text(html):
        found.append(Seen("images", WARNING, "The HTML is images and no text.", "Say in text what the images say."))
    return tuple(dict.fromkeys(found))


@lru_cache(4096)
def _snippet(snippet: str) -> tuple[int, tuple[Seen, ...]]:
    """The faults of an image, or of a link with what it shows; how many images there are."""
    tag, name = _opening(snippet), snippet[1:2].lower()
    given = {match[1].lower(): match[2] or match[3] or match[4] or "" for match in reversed(_attributes(tag))}
    if name == "i":
        return 1, tuple(_image_faults(given))
    inner = snippet[len(tag) :]
    found: list[Seen] = []
    images = 0
    for image in _SNIPPET.findall(inner):
        count, faults = _snippet(image)
        images += count
        found += faults
    if given.get("href"):
        found += _link_faults(unescape(given["href"]), unescape(_TAG.sub("", inner)))
    return images, tuple(found)


def _opening(snippet: str) -> str:
    found = _TAG.match(snippet)
    return found[0] if found else snippet


def _attributes(tag: str) -> list[re.Match[str]]:
    return list(_ATTRIBUTE.finditer(tag))


def _image_faults(given: Mapping[str, str]) -> Iterator[Seen]:
    if "alt" not in given:
        advice = "Give each image an alt, an empty one if it says nothing."
        yield Seen("images", WARNING, "An image has no alt text.", advice)
    source = unescape(given.get("src", given.get("srcset", ""))).strip()
    if not source:
        yield Seen("images", WARNING, "An image has no address.", "Give it one, or leave it out.")
    elif source.startswith("//"):
        advice = "Write https: before it; a message has no address of its own to complete that with."
        yield Seen("images", WARNING, f"The image {visible(source[:80])} has no scheme.", advice)


def _link_faults(target: str, words: str) -> Iterator[Seen]:
    target = target.strip()
    try:
        url = urlsplit(target)
        host = visible((url.hostname or "").rstrip("."))
    except ValueError:
        yield Seen("links", WARNING, "A link cannot be read.", "Write the whole address.")
        return
    if not url.scheme and not target.startswith("#"):
        yield Seen(
            "links",
            WARNING,
            f"A link to {visible(target[:80])} leads nowhere.",
            "Write the whole address, with https://.",
        )
    if url.scheme == "file" or re.match(r"[a-zA-Z]:[\\/]", target):
        yield Seen(
            "links", WARNING, f"A link to {visible(target[:80])} works on one computer only.", "Link to a web address."
        )
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
            f"A link shows {visible(shown[1])} and leads to {host}.",
            "Show the host it leads to, or plain words.",
        )


def _has_text(html: str) -> bool:
    return _READABLE.search(html) is not None or bool(unescape(_TAG.sub("", html)).strip())
