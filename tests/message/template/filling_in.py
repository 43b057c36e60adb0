"""Templates and rows, for the tests of templates."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

from smtptui.message import Composer, Facts, Fault, Message, Options, read_template

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
ME = "FROM: Ann <ann@example.org>\n"


def facts(address: str = "bob@example.org", number: int = 0) -> Facts:
    """Those of the recipient with this number."""
    return Facts(address, f"<m{number}.x@example.org>", f"Tok-{number:_>20}".replace("_", "a"), NOW + timedelta(number))


def composer(
    template: str,
    columns: Sequence[str] = (),
    *,
    html: str | None = None,
    files: Path | None = None,
    folder: Path | None = None,
    options: Options | None = None,
) -> Composer:
    """A composer of a template that is written with indentation."""
    source = dedent(template).encode("utf-8", "surrogateescape")
    rich = html.encode("utf-8", "surrogateescape") if html is not None else None
    made = read_template(source, name="template.txt", html=rich, files=files, folder=folder)
    return Composer(made, columns, options or Options())


def composed(maker: Composer, values: Sequence[Any] = (), address: str = "bob@example.org") -> Message:
    """The message of a row, which is the same by both ways."""
    message = maker.compose(values, facts(address))
    assert message == maker.build(values, facts(address))
    return message


def of(template: str, row: Mapping[str, Any] | None = None, **more: Any) -> Message:
    """The message of a template for one row."""
    row = row or {}
    return composed(composer(template, tuple(row), **more), tuple(row.values()))


def faults(template: str, row: Mapping[str, Any], address: str = "", **more: Any) -> list[Fault]:
    """What is wrong with a row."""
    return composer(template, tuple(row), **more).check(tuple(row.values()), address)
