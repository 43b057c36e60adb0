"""The texts and files of a message that is to be a draft again."""

from dataclasses import dataclass

from smtptui.message.content import lenient
from smtptui.message.draft import Attachment
from smtptui.message.mime_tree import Node, mime_tree
from smtptui.protocol import decode, visible

_ENDINGS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
}
_SAME = frozenset(["utf-8", "utf8", "us-ascii", "ascii", ""])
"""Charsets that UTF-8 holds as they are."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What a message says and carries."""

    text: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    inline: tuple[Attachment, ...] = ()


def read_parts(header: bytes, body: bytes, notes: list[str]) -> Texts:
    """The first plain text and the first HTML, and all else as files; notes tell what a draft does otherwise."""
    collector = _Collector(notes)
    collector.visit(mime_tree(header, body))
    return Texts(collector.text or "", collector.html, tuple(collector.attachments), tuple(collector.inline))


class _Collector:
    def __init__(self, notes: list[str]) -> None:
        self.notes = notes
        self.text: str | None = None
        self.html: str | None = None
        self.attachments: list[Attachment] = []
        self.inline: list[Attachment] = []
        self._number = 0

    def visit(self, node: Node) -> None:
        """Take a part, or those in it."""
        if not node.children:
            self._leaf(node)
            return
        match node.type:
            case "multipart/signed":
                self.notes.append("The message is signed; the signature does not fit what is sent anew.")
            case "multipart/encrypted":
                self.notes.append("The message is encrypted; its parts become attachments.")
        for child in node.children:
            self.visit(child)

    def _leaf(self, node: Node) -> None:
        self._number += 1
        shown = not node.name and node.disposition != "attachment"
        if node.broken:
            self.notes.append(f"Part {self._number} ({visible(node.type)}): {node.broken}.")
        if shown and node.type == "text/plain" and self.text is None:
            self.text = self._characters("The text", node)
        elif shown and node.type == "text/html" and self.html is None:
            self.html = self._characters("The HTML", node)
        elif node.content_id and node.disposition != "attachment":
            self.inline.append(self._file(node, node.content_id))
        else:
            if shown:
                self.notes.append(f"Part {self._number} ({visible(node.type)}) becomes an attachment.")
            self.attachments.append(self._file(node, None))

    def _file(self, node: Node, content_id: str | None) -> Attachment:
        name = visible(node.name).rpartition("/")[2] or f"part-{self._number}{_ENDINGS.get(node.type, '.bin')}"
        return Attachment(name, node.octets, node.full_type, content_id)

    def _characters(self, what: str, node: Node) -> str:
        octets, charset = node.octets, node.charset.lower()
        if charset in _SAME:
            text = decode(octets)
            if any("\ud800" <= char <= "\udfff" for char in text):
                self.notes.append(f"{what} has octets that are no UTF-8; they are written out, as in \\xff.")
                text = octets.decode("utf-8", "backslashreplace")
        else:
            text = lenient(lambda: octets.decode(charset, "backslashreplace"), "")
            if text or not octets:
                self.notes.append(f"{what} was {visible(node.charset)} and is sent as UTF-8.")
            else:
                self.notes.append(f"{what} has an unknown charset, {visible(node.charset)}; it is read as Latin-1.")
                text = octets.decode("latin-1")
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
