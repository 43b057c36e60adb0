"""Files of a message that its HTML shows: by a path into the files folder, or by ``cid:`` and a file's name."""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote, unquote

from smtptui.message.body import CID
from smtptui.message.message import MessageError
from smtptui.message.template.files import FileError, StoredFile
from smtptui.protocol import visible

_WEB = ("https://", "http://", "data:")
_MARKS = {
    "src": tuple(f"src={mark}{web}" for mark in ('"', "'", "") for web in _WEB),
    "url(": tuple(f"url({mark}{web}" for mark in ('"', "'", "") for web in _WEB),
    "background": ("background:", "background-"),
    "poster": (),
    "cid:": (),
    "<image": (),
}
"""One of these is in HTML that shows a file, unless each of them is the beginning of what shows none."""
_ATTRIBUTES = r"""(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>|[^<>]*+>"""
_PIECE = re.compile(
    rf"""<(?:!--(?!\[if).*?(?:-->|\Z)
      |(?i:script|textarea|title|xmp)\b.*?(?:</(?i:script|textarea|title|xmp)|\Z)
      |(?i:style)\b(?P<style>[^>]*+>.*?(?=</(?i:style)|\Z))
      |(?P<tag>[a-zA-Z][\w:-]*)(?=[\s/])(?P<attributes>{_ATTRIBUTES}))""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""(?<=[\s"'/])(?P<name>[a-zA-Z][\w:-]*+)(?P<is>\s*+=\s*+)(?:"(?P<two>[^"]*+)"|'(?P<one>[^']*+)'|(?P<none>[^\s>]++))"""
)
_URL = re.compile(
    r"""/\*.*?\*/|(?i:url)\(\s*(?:"(?P<two>[^"\n]*)"|'(?P<one>[^'\n]*)'|(?P<none>[^)"'\s][^)"'\n]*?))\s*\)""", re.DOTALL
)
_CANDIDATE = re.compile(r"\s*,*\s*(?P<url>\S+)(?P<rest>(?<!,)[^,]*,?|)")
_SHOWING = {
    "img": ("src", "srcset", "lowsrc", "dynsrc"),
    "source": ("srcset",),
    "input": ("src",),
    "image": ("href", "xlink:href", "src"),
    "video": ("poster",),
    "v:fill": ("src",),
    "v:image": ("src",),
    "v:imagedata": ("src",),
    "v:background": ("src",),
}
"""Attributes by which a tag shows a file, besides ``background`` and ``style``, which any tag may have."""
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:[\\/]", re.IGNORECASE)
_LEFT_ALONE = frozenset(["data", "http", "https", "ftp"])
_NOT_SPACE = " \t\r\n\f"


class ImageError(MessageError):
    """Images that nobody would see: for each, how the HTML names it, and a sentence."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(sentence for _, sentence in self.faults))


def linked(
    html: str, files: Sequence[StoredFile], path_of: Callable[[str], Path], read: Callable[[str], StoredFile]
) -> tuple[str, tuple[StoredFile, ...]]:
    """The HTML with content ids in the place of paths and names, and the files that it shows, each once.

    ``files`` are the files of the message; an image that is none of them is read from the files folder. Raises
    :class:`ImageError`, :class:`MessageError`.
    """
    lowered = html.lower()
    # Most messages show no file, and all of them pass here.
    if all(lowered.count(mark) == sum(map(lowered.count, others)) for mark, others in _MARKS.items()):
        return html, ()
    finder = _Finder(files, path_of, read)
    html = _PIECE.sub(finder.in_piece, html)
    if "cid:" in lowered:
        html = CID.sub(finder.in_reference, html)
    if finder.faults:
        raise ImageError(finder.faults.items())
    return html, tuple(finder.used.values())


class _Finder:
    def __init__(
        self, files: Sequence[StoredFile], path_of: Callable[[str], Path], read: Callable[[str], StoredFile]
    ) -> None:
        self.used: dict[str, StoredFile] = {}
        self.faults: dict[str, str] = {}
        self._by_path = {file.path: file for file in files if file.path != Path()}
        self._by_name: dict[str, StoredFile] = {}
        for file in files:
            self._by_name.setdefault(file.attachment.name, file)
        self._by_id = {file.attachment.content_id or "": file for file in files}
        self._path_of = path_of
        self._read = read

    def in_piece(self, match: re.Match[str]) -> str:
        """A tag or a style sheet with its references replaced."""
        whole = match[0]
        if match["style"] is not None:
            return _URL.sub(self._in_url, whole)
        tag = match["tag"]
        if tag is None:
            return whole
        showing = _SHOWING.get(tag.lower(), ())

        def in_attribute(found: re.Match[str]) -> str:
            name = found["name"].lower()
            if name not in showing and name not in ("background", "style"):
                return found[0]
            value = next(text for text in (found["two"], found["one"], found["none"]) if text is not None)
            if name == "style":
                new = _URL.sub(self._in_url, unescape(value))
            elif name == "srcset":
                new = _CANDIDATE.sub(self._in_candidate, unescape(value))
            else:
                new = self._reference(value) or unescape(value)
            return found[0] if new == unescape(value) else f'{found["name"]}{found["is"]}"{escape(new)}"'

        return _ATTRIBUTE.sub(in_attribute, whole)

    def in_reference(self, match: re.Match[str]) -> str:
        """``cid:`` and what follows, wherever it stands."""
        name = match[match.lastindex or 0]
        return self._of_message(name) or match[0]

    def _in_url(self, match: re.Match[str]) -> str:
        value = match["two"] or match["one"] or match["none"] or ""
        reference = self._reference(value, css=True)
        return match[0] if reference is None else f"url('{reference}')"

    def _in_candidate(self, match: re.Match[str]) -> str:
        url = match["url"].rstrip(",")
        reference = self._reference(url)
        return match[0] if reference is None else match[0].replace(url, reference, 1)

    def _reference(self, written: str, *, css: bool = False) -> str | None:
        """A reference by content id, or None for one that stays as it is or has a fault."""
        source = unescape(written).strip(_NOT_SPACE)
        if not source or source.startswith(("#", "//")):
            return None
        if _DRIVE.match(source):
            self.faults[written] = self._sentence(
                source, "it is a path on one computer; put the file into the files folder"
            )
            return None
        scheme = _SCHEME.match(source)
        if scheme and scheme[1].lower() == "cid":
            return self._of_message(source[4:])
        if scheme and scheme[1].lower() == "file":
            source = re.sub(r"(?i)\Afile:(?://(?:localhost)?(?=/))?", "", source)
        elif scheme and scheme[1].lower() in _LEFT_ALONE:
            return None
        file, fault = self._found(source)
        if file is None and scheme and scheme[1].lower() != "file":
            fault = f"no mail program can show {visible(scheme[1])}:"
        if file is None:
            self.faults[written] = self._sentence(source, fault)
            return None
        if not file.attachment.content_type.startswith("image/") and file.path not in self._by_path:
            self.faults[written] = self._sentence(source, f"the file is {file.attachment.content_type}, not an image")
            return None
        return self._used(file)

    def _found(self, source: str) -> tuple[StoredFile | None, str]:
        """The file that a path means, and why there is none: as it is written, decoded, without a query."""
        fault = ""
        for form in _forms(source):
            try:
                path = self._path_of(form)
                return self._by_path.get(path) or self._read(form), ""
            except MessageError as error:
                # What the first form stumbles over is what the author wrote.
                fault = fault or (error.reason if isinstance(error, FileError) else str(error))
        return None, fault.rstrip(".")

    def _of_message(self, name: str) -> str | None:
        for form in (name, unescape(name), unquote(unescape(name)).strip()):
            file = self._by_id.get(form) or self._by_name.get(form) or self.used.get(form)
            if file is not None:
                return self._used(file)
        shown = visible(unescape(name))
        self.faults[f"cid:{name}"] = (
            f"cid:{shown}: no file of the message has that name; add the header line ATTACHMENT: {shown}, or write the"
            " path of the image in the files folder."
        )
        return None

    def _used(self, file: StoredFile) -> str:
        content_id = file.attachment.content_id or ""
        self.used[content_id] = file
        return f"cid:{quote(content_id, safe='@!$*+')}"

    @staticmethod
    def _sentence(source: str, fault: str) -> str:
        return (
            f"The image “{visible(source)}” would not be seen: {fault}; correct the path, or give the image an address"
            " that begins with https://."
        )


def _forms(source: str) -> Iterable[str]:
    plain = re.split(r"[?#]", source, maxsplit=1)[0]
    forms = [source, unquote(source), plain, unquote(plain)]
    return dict.fromkeys(form for form in (*forms, *(each.replace("\\", "/") for each in forms)) if form.strip())
