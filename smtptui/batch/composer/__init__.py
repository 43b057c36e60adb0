"""Composing in a process of its own: templates are read, filled in and checked there, within limits that hold."""

import importlib
from typing import TYPE_CHECKING

from smtptui.batch.composer.errors import ComposerError, FaultOf

if TYPE_CHECKING:
    from smtptui.batch.composer.composing import Composing, EnvelopeRules, UnsendableError
    from smtptui.batch.composer.process import ComposerProcess, OpenedTemplate

__all__ = [
    "ComposerError",
    "ComposerProcess",
    "Composing",
    "EnvelopeRules",
    "FaultOf",
    "OpenedTemplate",
    "UnsendableError",
]

# The process itself must not wait for what starts it.
_HOMES = {
    "composing": ("Composing", "EnvelopeRules", "UnsendableError"),
    "process": ("ComposerProcess", "OpenedTemplate"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
