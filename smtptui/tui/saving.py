"""Writes a file that only its owner can read."""

import os
import secrets
from pathlib import Path


def write_private(path: Path, content: str | bytes, *, overwrite: bool = False) -> None:
    """Create ``path`` with mode 0600. A file that exists raises :class:`FileExistsError` unless ``overwrite``
    is set; it is then replaced as a whole, never written into. Other :class:`OSError` pass through."""
    data = content.encode() if isinstance(content, str) else content
    target = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part") if overwrite else path
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        if overwrite:
            os.replace(target, path)
    except OSError:
        target.unlink(missing_ok=True)
        raise
