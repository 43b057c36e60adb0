"""The files that a batch is made of, and whether they are still what they were."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind
from smtptui.batch.settings import BatchSettings, SourceFile
from smtptui.config import Intake, TooLargeError

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read in full."""

    file: SourceFile
    content: bytes


def read_source(path: Path, what: str) -> Source:
    """A file and its hash; raises :class:`BatchError` (file, or input if it is too large) that says ``what`` it is."""
    try:
        content = Intake().file(path)
    except TooLargeError as error:
        raise BatchError(BatchErrorKind.INPUT, f"{what}: {error}.") from error
    except OSError as error:
        raise unreadable(what, path, error) from error
    return Source(SourceFile(path=path.absolute(), sha256=hashlib.sha256(content).hexdigest()), content)


def unreadable(what: str, path: Path, error: OSError) -> BatchError:
    """That a file or folder cannot be read; ``what`` says what it is for."""
    return BatchError(BatchErrorKind.FILE, f"{what}: {path} cannot be read: {_reason(error)}.")


def changed_files(settings: BatchSettings) -> dict[str, str]:
    """The files that are not as they were when the batch was made: what they are for, and what happened to them."""
    files = {"list": settings.list.file, "template": settings.message.template, "HTML version": settings.message.html}
    found = {name: _change(file) for name, file in files.items() if file is not None}
    return {name: change for name, change in found.items() if change}


def _change(file: SourceFile) -> str:
    """What happened to a file, in words; empty if it is the same."""
    digest = hashlib.sha256()
    try:
        with file.path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return f"{file.path} is gone"
    except OSError as error:
        return f"{file.path} cannot be read ({_reason(error)})"
    return "" if digest.hexdigest() == file.sha256 else f"{file.path} has other content now"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).rstrip(".")
