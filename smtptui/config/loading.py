"""A whole YAML file as one model, as the settings are."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from smtptui.config.faults import Fault, FileFaults
from smtptui.config.parsing import YamlFault, decoded, parse
from smtptui.config.reading import read_file
from smtptui.config.validation import check

M = TypeVar("M", bound=BaseModel)


def load_model(path: Path, model: type[M]) -> M:
    """What the file says; one that is missing or empty says nothing, and the model's defaults hold.

    Raises :class:`FileFaults` with all that is wrong.
    """
    try:
        image = read_file(path)
    except OSError as error:
        raise FileFaults(path, (Fault(None, f"it cannot be read: {error.strerror}"),)) from error
    try:
        root = parse(decoded(image.data or b""))
    except YamlFault as error:
        raise FileFaults(path, (error.fault,)) from error
    loaded, faults = check(model, root)
    if loaded is None:
        raise FileFaults(path, faults)
    return loaded
