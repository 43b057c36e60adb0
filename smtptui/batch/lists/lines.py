"""The lines of a text as files have them: ended by LF, CRLF or CR, and by nothing else."""

from collections.abc import Iterable, Iterator
from io import StringIO

from smtptui.batch.lists.list_error import ListError

LINE_LIMIT = 16 << 20
"""Characters a line may have; a file of a gigabyte without a line end must not be held in memory."""


def lines(name: str, pieces: Iterable[str]) -> Iterator[str]:
    """The lines with their ends. ``str.splitlines`` would also cut at form feeds, U+2028 and others."""
    rest, count = "", 1
    for piece in pieces:
        text = rest + piece
        cut = max(text.rfind("\n"), text.rfind("\r")) + 1
        if cut:
            # StringIO finds the line ends in C.
            for line in StringIO(text[:cut], newline=""):
                count += 1
                yield line
        rest = text[cut:]
        if len(rest) > LINE_LIMIT:
            raise ListError(name, f"it has more than {LINE_LIMIT >> 20} MiB; this is no list.", line=count)
    if rest:
        yield rest
