"""A way to unsubscribe for each recipient, which mail programs find (RFC 2369, RFC 8058)."""

import pytest

from smtptui.message import Message, Options, TemplateError
from tests.message.making import parsed
from tests.message.template.filling_in import ME, of

WEB = "https://example.org/u?t={token}"


def fields(message: Message) -> tuple[str | None, str | None]:
    found = parsed(message)
    return found["List-Unsubscribe"], found["List-Unsubscribe-Post"]


@pytest.mark.parametrize(
    ("unsubscribe", "one_click", "listed", "post"),
    [
        (None, True, None, None),
        (WEB, True, "<https://example.org/u?t={}>", "List-Unsubscribe=One-Click"),
        ("HTTPS" + WEB[5:], True, "<HTTPS://example.org/u?t={}>", "List-Unsubscribe=One-Click"),
        (WEB, False, "<https://example.org/u?t={}>", None),
        ("https://example.org/u/{{ token }}", True, "<https://example.org/u/{}>", "List-Unsubscribe=One-Click"),
        ("https://example.org/u", True, "<https://example.org/u>", None),
        ("mailto:u+{token}@example.org", True, "<mailto:u+{}@example.org>", None),
        (
            f"<{WEB}>, <mailto:u@example.org?subject={{token}}>",
            True,
            "<https://example.org/u?t={}>, <mailto:u@example.org?subject={}>",
            "List-Unsubscribe=One-Click",
        ),
    ],
)
def test_what_a_message_offers(unsubscribe: str | None, one_click: bool, listed: str | None, post: str | None) -> None:
    message = of(ME + "\nHi\n", options=Options(unsubscribe=unsubscribe, one_click=one_click))
    token = "Tok-aaaaaaaaaaaaaaaaaaa0"
    assert fields(message) == (listed.replace("{}", token) if listed else None, post)


def test_the_text_can_name_it_too() -> None:
    message = of(ME + "\nLeave: {{ unsubscribe }}\n", options=Options(unsubscribe=WEB))
    assert b"Leave: https://example.org/u?t=Tok-aaaaaaaaaaaaaaaaaaa0\r\n" in message.content


def test_an_address_in_it_is_written_as_urls_are() -> None:
    message = of(ME + "\nHi\n", options=Options(unsubscribe="https://example.org/u?a={address}&t={token}"))
    assert b"<https://example.org/u?a=bob%40example.org&t=Tok-" in message.content


@pytest.mark.parametrize(
    "unsubscribe",
    [
        "http://example.org/{token}",
        "example.org/{token}",
        "mailto:nobody",
        "https:///{token}",
        "https://e.org/{tokn}",
        "ö:x",
    ],
)
def test_what_is_no_address_is_refused(unsubscribe: str) -> None:
    with pytest.raises(TemplateError, match="unsubscribe"):
        of(ME + "\nHi\n", options=Options(unsubscribe=unsubscribe))
