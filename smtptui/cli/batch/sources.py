"""The files that a batch is made of, and whether they are still what they were."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch import BatchSettings, SourceFile
from smtptui.cli.errors import reason, too_large, unreadable
from smtptui.config import Intake, TooLargeError

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read whole."""

    file: SourceFile
    content: bytes


def read_source(path: Path, option: str) -> Source:
    """A file and its hash; raises :class:`CommandError` (no input) that names ``option``."""
    try:
        content = Intake().file(path)
    except TooLargeError as error:
        raise too_large(option, error) from error
    except OSError as error:
        raise unreadable(path, option, error) from error
    return Source(SourceFile(path=path.absolute(), sha256=hashlib.sha256(content).hexdigest()), content)


def changed_files(settings: BatchSettings) -> dict[str, str]:
    """The files that are not as they were when the batch was made: what they are for, and what happened to them."""
    files = {"list": settings.list.file, "template": settings.message.template, "HTML version": settings.message.html}
    found = {name: _change(file) for name, file in files.items() if file is not None}
    return {name: change for name, change in found.items() if change}


def _change(file: SourceFile) -> str:
    """What happened to a file, in words; empty where it is the same."""
    digest = hashlib.sha256()
    try:
        with file.path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return f"{file.path} is gone"
    except OSError as error:
        return f"{file.path} cannot be read ({reason(error)})"
    return "" if digest.hexdigest() == file.sha256 else f"{file.path} has other content now"
