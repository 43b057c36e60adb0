"""Which program a text was written for, and reading it as such."""

from enum import StrEnum
from pathlib import Path

from smtptui.profiles.importers.imported import Imported
from smtptui.profiles.importers.msmtp import import_msmtprc
from smtptui.profiles.importers.msmtprc import SETTINGS
from smtptui.profiles.importers.swaks import import_swaks
from smtptui.profiles.importers.swaks_options import find
from smtptui.profiles.importers.swaks_text import is_call

_ONLY_MSMTP = SETTINGS - {"port", "socket", "timeout", "protocol", "from", "auth", "tls"}


class Format(StrEnum):
    """A program whose settings can be imported."""

    MSMTP = "msmtp"
    SWAKS = "swaks"


def guess_format(text: str, path: Path | None = None) -> Format | None:
    """The program a text is for: by the name of its file and folder, else by what it says; None where nothing tells."""
    for part in (path.name, path.parent.name) if path is not None else ():
        for known in Format:
            if known in part.lower():
                return known
    firsts = [words[0] for line in text.splitlines() if (words := line.split()) and not words[0].startswith("#")]
    if any(is_call(line) for line in text.splitlines()):
        return Format.SWAKS
    if any(first in _ONLY_MSMTP for first in firsts):
        return Format.MSMTP
    if any(find(first.lstrip("-").partition("=")[0]) for first in firsts):
        return Format.SWAKS
    return None


def import_text(text: str, form: Format, folder: Path | None = None, name: str = "") -> Imported:
    """Read a text as what it is; ``folder`` and ``name`` as the importers take them."""
    read = import_swaks if form is Format.SWAKS else import_msmtprc
    return read(text, folder, name)
