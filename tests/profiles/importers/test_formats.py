"""Which program a file is for."""

from pathlib import Path

import pytest

from smtptui.profiles import Format, guess_format, import_text


@pytest.mark.parametrize(
    ("text", "path", "form"),
    [
        ("", ".msmtprc", Format.MSMTP),
        ("", ".swaksrc", Format.SWAKS),
        ("", "/home/ann/.config/msmtp/config", Format.MSMTP),
        ("account a\nhost b", "", Format.MSMTP),
        ("# x\n\ndefaults\nport 25", "", Format.MSMTP),
        ("tls_starttls off", "", Format.MSMTP),
        ("host a.example\nfrom ann@example.org", "", Format.MSMTP),
        ("$ swaks --to ann@example.org", "notes.txt", Format.SWAKS),
        ("server mail.example.org", "", Format.SWAKS),
        ("--from ann@example.org", "", Format.SWAKS),
        ("from ann@example.org\nport 587", "", Format.SWAKS),
        ("Dear Ann,\nhow are you?", "", None),
        ("", "", None),
        ("\x00\n\ufeff", "", None),
    ],
)
def test_the_format_is_guessed(text: str, path: str, form: Format | None) -> None:
    assert guess_format(text, Path(path) if path else None) is form


def test_each_is_read_as_what_it_is() -> None:
    (msmtp,) = import_text("host a.example\ntls_trust_file ca.pem", Format.MSMTP, Path("/x"), "one").profiles
    (swaks,) = import_text("server a.example\ntls-ca-path ca.pem", Format.SWAKS, Path("/x"), "one").profiles
    assert (msmtp.name, msmtp.ca_file) == (swaks.name, swaks.ca_file) == ("one", Path("/x/ca.pem"))
