"""The process that composes the letters of a large batch while another one sends them."""

import sys
from pathlib import Path

from smtptui.batch import Journal, serve
from smtptui.cli.batch.crafting import crafted

_SCRIPT = "import sys; from smtptui.cli.batch.composing import main; main(sys.argv[1])"


def composer_command(path: Path) -> tuple[str, ...]:
    """The command that composes what is asked of it for the batch at ``path``. Modules of the directory it is called
    in are not looked at (``-P``)."""
    return (sys.executable, "-P", "-c", _SCRIPT, str(path))


def main(path: str) -> None:
    """Compose until standard input ends."""
    with Journal.open(Path(path), readonly=True) as journal:
        _, _, composing = crafted(journal)
    serve(composing, sys.stdin.buffer, sys.stdout.buffer)
