"""The files that options name, read for a batch."""

from pathlib import Path

from smtptui.batch import Source
from smtptui.batch import read_source as read_file_of_batch
from smtptui.cli.batch.opened import batch_errors


def read_source(path: Path, option: str) -> Source:
    """A file and its hash; raises :class:`CommandError` (no input) that names ``option``."""
    with batch_errors():
        return read_file_of_batch(path, option)
