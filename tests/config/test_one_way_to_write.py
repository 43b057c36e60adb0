"""Files are written by ``smtptui.config`` alone: in one step, or for a command's own time, and for their owner."""

import ast
from pathlib import Path

import smtptui

PACKAGE = Path(smtptui.__file__).parent
_OWN_FILES = ("config", "batch/journal")
"""Who writes by other means: the one way itself, and SQLite's files with their locks. A TemporaryFile has no name."""
_WRITES = frozenset({"write_text", "write_bytes", "mkstemp", "NamedTemporaryFile", "copyfile"})


def _written(source: str) -> list[int]:
    """The lines that make or write a file."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and (node.attr in _WRITES or node.attr in ("O_CREAT", "O_TRUNC")):
            found.append(node.lineno)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "open":
            words = [*node.args, *(word.value for word in node.keywords if word.arg == "mode")]
            modes = [each.value for each in words if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if any(set(mode) <= set("rwxabt+") and set(mode) & set("wxa+") for mode in modes):
                found.append(node.lineno)
    return found


def test_nothing_else_writes_files() -> None:
    found = {
        str(path.relative_to(PACKAGE)): lines
        for path in PACKAGE.rglob("*.py")
        if not str(path.relative_to(PACKAGE)).startswith(_OWN_FILES) and (lines := _written(path.read_text("utf-8")))
    }
    assert not found


def test_a_write_is_seen() -> None:
    assert _written(
        'open(path, "w")\npath.open("ab")\npath.write_text("x")\nos.open(path, os.O_CREAT)\nopen(path)'
    ) == [*(1, 2, 3, 4)]
    assert _written('open(path, "rb")\npath.open(mode="r")') == []
