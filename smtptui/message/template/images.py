"""Files of a message that its HTML shows: by the path in an ``img``, or by ``cid:`` and the file's name."""

import re
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote

from smtptui.message.body import CID
from smtptui.message.message import MessageError
from smtptui.message.template.files import StoredFile

_SOURCE = re.compile(
    r"""(<img\b[^>]*?\ssrc\s*=\s*)(?:(")([^"]*)"|(')([^']*)'|([^\s"'>]+))""",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|#|\Z)", re.IGNORECASE)


def linked(
    html: str, files: Sequence[StoredFile], path_of: Callable[[str], Path]
) -> tuple[str, tuple[StoredFile, ...]]:
    """The HTML with references to ``files`` as content ids, and those that are referred to, each once."""
    by_path = {file.path: file for file in files if file.path != Path()}
    by_name: dict[str, StoredFile] = {}
    for file in files:
        by_name.setdefault(file.attachment.name, file)
    used: dict[str, StoredFile] = {}

    def reference(file: StoredFile) -> str:
        content_id = file.attachment.content_id or ""
        used[content_id] = file
        return f"cid:{quote(content_id, safe='@!$*+')}"

    def of_path(match: re.Match[str]) -> str:
        source = match[3] or match[5] or match[6] or ""
        if _SCHEME.match(source):
            return match[0]
        for form in (source, unescape(source), unquote(unescape(source))):
            try:
                file = by_path.get(path_of(form))
            except MessageError:
                # It is the author's own affair what else an image may be.
                continue
            if file is not None:
                return f'{match[1]}"{reference(file)}"'
        return match[0]

    def of_name(match: re.Match[str]) -> str:
        written = match[match.lastindex or 0]
        for form in (written, unescape(written), unquote(unescape(written)).strip()):
            if form in by_name:
                return reference(by_name[form])
        return match[0]

    html = _SOURCE.sub(of_path, html)
    return CID.sub(of_name, html), tuple(used.values())
