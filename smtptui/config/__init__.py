"""The user's files: where they are, YAML with line numbers, changes that leave all else as it was."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtptui.config.children import SECRET_VARIABLES, child_environment, note_secret_variables
    from smtptui.config.faults import Fault, FileFaults
    from smtptui.config.layout import Layout
    from smtptui.config.limited import DEFAULT_LIMIT, SMALL_LIMIT, Intake, TooLargeError, amount
    from smtptui.config.parsing import YamlFault, decoded, parse
    from smtptui.config.places import Places, profiles_file, typed_path
    from smtptui.config.reading import FileImage, read_file, unchanged
    from smtptui.config.replacement import Replacement, WriteError, make_directory
    from smtptui.config.scratch import ScratchFolder, write_scratch
    from smtptui.config.signals import ENDING, catch_signals
    from smtptui.config.splice import (
        CannotSplice,
        Value,
        Written,
        add_last,
        lines,
        remove_field,
        rename_field,
        set_field,
    )
    from smtptui.config.tree import MappingNode, Node, Pair, Plain, ScalarNode, SequenceNode, plain, repeated
    from smtptui.config.validation import allowed, check, check_values, field_names
    from smtptui.config.writing import ChangedMeanwhile, WriteResult, write_private

__all__ = [
    "DEFAULT_LIMIT",
    "ENDING",
    "SECRET_VARIABLES",
    "SMALL_LIMIT",
    "CannotSplice",
    "ChangedMeanwhile",
    "Fault",
    "FileFaults",
    "FileImage",
    "Intake",
    "Layout",
    "MappingNode",
    "Node",
    "Pair",
    "Places",
    "Plain",
    "Replacement",
    "ScalarNode",
    "ScratchFolder",
    "SequenceNode",
    "TooLargeError",
    "Value",
    "WriteError",
    "WriteResult",
    "Written",
    "YamlFault",
    "add_last",
    "allowed",
    "amount",
    "catch_signals",
    "check",
    "check_values",
    "child_environment",
    "decoded",
    "field_names",
    "lines",
    "make_directory",
    "note_secret_variables",
    "parse",
    "plain",
    "profiles_file",
    "read_file",
    "remove_field",
    "rename_field",
    "repeated",
    "set_field",
    "typed_path",
    "unchanged",
    "write_private",
    "write_scratch",
]

# Who only asks where a file is, as the app does for its first picture, must not wait for pydantic and yaml.
_HOMES = {
    "children": ("SECRET_VARIABLES", "child_environment", "note_secret_variables"),
    "faults": ("Fault", "FileFaults"),
    "layout": ("Layout",),
    "limited": ("DEFAULT_LIMIT", "SMALL_LIMIT", "Intake", "TooLargeError", "amount"),
    "parsing": ("YamlFault", "decoded", "parse"),
    "places": ("Places", "profiles_file", "typed_path"),
    "reading": ("FileImage", "read_file", "unchanged"),
    "replacement": ("Replacement", "WriteError", "make_directory"),
    "scratch": ("ScratchFolder", "write_scratch"),
    "signals": ("ENDING", "catch_signals"),
    "splice": ("CannotSplice", "Value", "Written", "add_last", "lines", "remove_field", "rename_field", "set_field"),
    "tree": ("MappingNode", "Node", "Pair", "Plain", "ScalarNode", "SequenceNode", "plain", "repeated"),
    "validation": ("allowed", "check", "check_values", "field_names"),
    "writing": ("ChangedMeanwhile", "WriteResult", "write_private"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
