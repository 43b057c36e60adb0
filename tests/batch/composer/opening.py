"""Templates that are open in a process of their own, and rows for them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from smtptui.batch import (
    BatchSettings,
    ComposerProcess,
    MessageSettings,
    Recipient,
    RecipientState,
    Relay,
    SourceFile,
    Value,
)
from smtptui.protocol import Connection

HEAD = "To: {{ email }}\nFrom: Me <me@sender.test>\nSubject: Hello\n\n"


def settings(folder: Path = Path("/nowhere")) -> BatchSettings:
    """Those of a batch whose template is in ``folder``."""
    template = SourceFile(path=folder / "letter.txt", sha256="0" * 64)
    message = MessageSettings(template=template, files=folder, domain="sender.test")
    return BatchSettings(message=message, relay=Relay(connection=Connection("127.0.0.1")))


def somebody(seq: int = 1, address: str = "ann@good.test", *more: Value) -> Recipient:
    """A recipient whose row begins with the address."""
    state = RecipientState.PENDING
    return Recipient(seq, seq + 1, address, address, "good.test", (address, *more), "t0ken" * 4, state, "", 0, 0.0, 0.0)


@contextmanager
def opened(
    text: str, columns: Sequence[str] = ("email",), *, head: str = HEAD, folder: Path = Path("/nowhere")
) -> Iterator[ComposerProcess]:
    """A process in which a template with this text is open."""
    with ComposerProcess() as process:
        process.open(settings(folder), columns, {"template": (head + text).encode()})
        yield process
