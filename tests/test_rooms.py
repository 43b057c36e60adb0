"""Rooms are entered through their doors: code outside a room imports only what its ``__init__`` gives."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import smtptui

PACKAGE = Path(smtptui.__file__).parent
ROOMS = frozenset(module.name for module in pkgutil.iter_modules([str(PACKAGE)]) if module.ispkg)


def trespasses(source: str, room: str) -> Iterator[str]:
    """Imports in a module of ``room`` (empty for the package itself) that go past another room's ``__init__``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        for module, name in names:
            top, _, rest = module.partition(".")
            other, _, inside = rest.partition(".")
            if top != "smtptui" or other == room or other not in ROOMS:
                continue
            if inside or (name and name not in importlib.import_module(module).__all__):
                yield f"{module}: {name}" if name else module


@pytest.mark.parametrize("room", ["", *sorted(ROOMS)])
def test_no_module_goes_past_the_door_of_another_room(room: str) -> None:
    files = (PACKAGE / room).rglob("*.py") if room else PACKAGE.glob("*.py")
    found = {
        str(path.relative_to(PACKAGE)): inside
        for path in files
        if (inside := list(trespasses(path.read_text(encoding="utf-8"), room)))
    }
    assert not found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from smtptui.session import SessionRun", []),
        ("import smtptui.session", []),
        ("from smtptui.cli.errors import CommandError", []),
        ("from smtptui.session.run import SessionRun", ["smtptui.session.run: SessionRun"]),
        ("from smtptui.session import run", ["smtptui.session: run"]),
        ("import smtptui.session.run as run", ["smtptui.session.run"]),
        ("def late():\n    from smtptui.tui.app.app import Workbench", ["smtptui.tui.app.app: Workbench"]),
    ],
)
def test_a_trespass_is_seen(source: str, found: list[str]) -> None:
    assert list(trespasses(source, "cli")) == found


PACKAGES = ["smtptui", *(m.name for m in pkgutil.walk_packages([str(PACKAGE)], "smtptui.") if m.ispkg)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_export_is_named_like_a_module(package: str) -> None:
    """Else the name is the function until the module is first imported, and the module from then on."""
    door = importlib.import_module(package)
    modules = {module.name for module in pkgutil.iter_modules(door.__path__)}
    assert not modules & {name for name in vars(door) if not isinstance(vars(door)[name], ModuleType)}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_door_gives_all_that_it_lists(package: str) -> None:
    """A name that is loaded when it is first asked for is a string until then, which no type checker looks at."""
    door = importlib.import_module(package)
    listed = {name for names in getattr(door, "_HOMES", {}).values() for name in names}
    assert [name for name in (*getattr(door, "__all__", ()), *listed) if not hasattr(door, name)] == []
    assert listed <= set(getattr(door, "__all__", ()))
