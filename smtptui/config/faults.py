"""What is wrong with a file, each fault a sentence with its place."""

from dataclasses import dataclass
from pathlib import Path

from smtptui.protocol import visible


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file."""

    line: int | None
    """Counted from 1; None where it is about the file as a whole."""
    problem: str
    """What is wrong and what is allowed, as the end of a sentence."""
    profile: str = ""
    """Name of the profile it is in; empty outside of one."""
    field: str = ""
    """The field, nested ones with dots, as in ``limits.per_day``."""
    value: str | None = None
    """What the file says there, printable and shortened; None where it is not to be shown."""

    @property
    def words(self) -> str:
        """The sentence without its place, and without the full stop; harmless to show."""
        said = "" if self.value is None else f"{self.value or 'an empty text'} "
        return visible(": ".join(part for part in (self.profile, self.field, f"{said}{self.problem}") if part))

    def sentence(self, path: Path | str) -> str:
        """The whole sentence, with the file and the line."""
        where = f"{path} line {self.line}" if self.line is not None else str(path)
        return f"{where}: {self.words}{'' if self.problem.endswith('?') else '.'}"


class FileFaults(Exception):
    """A file does not mean what it should; ``faults`` has all there is to mend, in the order of the lines."""

    def __init__(self, path: Path, faults: tuple[Fault, ...]) -> None:
        super().__init__(path, faults)
        self.path = path
        self.faults = faults

    @property
    def sentences(self) -> tuple[str, ...]:
        """One for each fault."""
        return tuple(fault.sentence(self.path) for fault in self.faults)

    def __str__(self) -> str:
        return "\n".join(self.sentences)
