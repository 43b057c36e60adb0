"""Tests of drafts and the files they carry."""

from pathlib import Path

import pytest

from smtptui.config import Intake
from smtptui.message import Attachment


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("photo.png", "image/png"),
        ("report.PDF", "application/pdf"),
        ("notes.txt", "text/plain"),
        ("old.eml", "message/rfc822"),
        ("dump.tar.gz", "application/gzip"),
        ("README", "application/octet-stream"),
        ("data:text,html.png", "image/png"),
    ],
)
def test_the_name_tells_the_type(tmp_path: Path, name: str, media_type: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x00\xff\r\n")
    assert Attachment.from_path(path, Intake()) == Attachment(name, b"\x00\xff\r\n", media_type)


def test_a_missing_file_is_the_callers_to_report(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Attachment.from_path(tmp_path / "nothing.txt", Intake())
