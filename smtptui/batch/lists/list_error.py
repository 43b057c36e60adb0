"""The error of a list that cannot be read."""

from smtptui.protocol import visible


class ListError(ValueError):
    """A list that cannot be read, or not beyond a line: a sentence with the file, the line, and what to do."""

    def __init__(self, name: str, problem: str, *, line: int | None = None) -> None:
        place = visible(name) if line is None else f"{visible(name)} line {line}"
        super().__init__(f"{place}: {problem}")
        self.line = line
