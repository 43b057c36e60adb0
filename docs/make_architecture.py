"""Writes the tree of folders into ``architecture.md``: each package with the first sentence of its ``__init__``."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).with_name("architecture.md")
PACKAGE = PAGE.parents[1] / "smtptui"
_BLOCK = re.compile(r"(?<=<!-- tree: made by docs/make_architecture\.py -->\n)(.*?)(?=<!-- tree ends -->)", re.DOTALL)


def tree() -> str:
    """The folders of the package, each with what it is for, as a fenced block."""
    return "\n".join(["```", *_lines(PACKAGE, 0), "```", ""])


def page() -> str:
    """The page with the tree as it is now."""
    return _BLOCK.sub(lambda _: tree(), PAGE.read_text(encoding="utf-8"), count=1)


def _lines(folder: Path, depth: int) -> Iterator[str]:
    for inner in sorted(path for path in folder.iterdir() if (path / "__init__.py").is_file()):
        said = ast.get_docstring(ast.parse((inner / "__init__.py").read_text(encoding="utf-8"))) or ""
        yield f"{'  ' * depth + inner.name + '/':<16} {said.splitlines()[0]}"
        yield from _lines(inner, depth + 1)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
