"""``docs/architecture.md`` shows the folders that there are, and names only files that exist."""

import re
import runpy
from pathlib import Path

import smtptui

PACKAGE = Path(smtptui.__file__).parent
DOCS = PACKAGE.parent / "docs"
PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")


def test_the_tree_is_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "make_architecture.py"))["page"]()
    assert made == PAGE, "run: python docs/make_architecture.py"


def test_the_rooms_are_drawn_in_the_order_that_import_linter_holds() -> None:
    drawn = re.search(r"## The rooms\n\n```\n(.*?)```", PAGE, re.DOTALL)
    contract = re.search(
        r"^layers = \[\n(.*?)^\]", (PACKAGE.parent / "pyproject.toml").read_text("utf-8"), re.DOTALL | re.M
    )
    assert drawn is not None
    assert contract is not None
    layers = [re.findall(r"smtptui\.(\w+)", line) for line in contract[1].splitlines()]
    assert [line.split(" | ") for line in drawn[1].splitlines() if not line.startswith("-")] == layers


def test_every_file_it_names_exists() -> None:
    where = PAGE[PAGE.index("## Where is what") : PAGE.index("## The way of the data")]
    rows = re.findall(r"^\| (?!to change|---)([^|]+) \| ([^|]+) \|$", where, re.MULTILINE)
    assert len(rows) >= 30
    named = {name for _, places in rows for name in re.findall(r"`([^`]+)`", places)}
    assert [name for name in sorted(named) if not (PACKAGE / name).exists()] == []
    # Elsewhere on the page a name may begin in its room.
    said = set(re.findall(r"`([a-z_]+/[a-z_/]+\.(?:py|toml|yaml|tcss))`", PAGE))
    there = [f"/{path.relative_to(PACKAGE)}" for path in PACKAGE.rglob("*.*")]
    assert [name for name in sorted(said) if not any(path.endswith(f"/{name}") for path in there)] == []
