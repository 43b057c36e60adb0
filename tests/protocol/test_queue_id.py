"""The queue id is found in what real servers say after the dot, and nowhere else."""

import pytest

from smtptui.protocol import ReplyParser, queue_id_of

KNOWN = {
    "Postfix": ("250 2.0.0 Ok: queued as 4XfGq12Y3Zz9t", "4XfGq12Y3Zz9t"),
    "Postfix, short ids": ("250 2.0.0 Ok: queued as 6C0E120A2B", "6C0E120A2B"),
    "Exim": ("250 OK id=1rAbCd-0003Xy-2Z", "1rAbCd-0003Xy-2Z"),
    "Exim 4.97 and later": ("250 OK id=1rAbCd-0000000A1bC-2dEf", "1rAbCd-0000000A1bC-2dEf"),
    "Sendmail": ("250 2.0.0 3AN8sBCd012345 Message accepted for delivery", "3AN8sBCd012345"),
    "Exchange and Microsoft 365": (
        "250 2.6.0 <f81d4fae@mail.example.org> [InternalId=40222134894734, Hostname=AM0PR01MB1234.eurprd01.prod."
        "exchangelabs.com] 9123 bytes in 0.198, 44.9 KB/sec Queued mail for delivery",
        "f81d4fae@mail.example.org",
    ),
    "Gmail": (
        "250 2.0.0 OK  1700000000 a640c23a62f3a-9e5c1d2b3f4si123456766b.42 - gsmtp",
        "a640c23a62f3a-9e5c1d2b3f4si123456766b.42",
    ),
    "Amazon SES": (
        "250 Ok 0102018c7f1e2d3c-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d-000000",
        "0102018c7f1e2d3c-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d-000000",
    ),
    "qmail": ("250 ok 1700000000 qp 12345", "1700000000 qp 12345"),
    "OpenSMTPD": ("250 2.0.0 4f2a1b9c Message accepted for delivery", "4f2a1b9c"),
    "Haraka": (
        "250 Message Queued (F3A1B2C3-1234-4D5E-8F90-A1B2C3D4E5F6.1)",
        "F3A1B2C3-1234-4D5E-8F90-A1B2C3D4E5F6.1",
    ),
    "Dovecot LMTP": ("250 2.0.0 <alice@example.org> kJc1GUd2Y2VxMAAA9K2Zxw Saved", "kJc1GUd2Y2VxMAAA9K2Zxw"),
    "SendGrid": ("250 Ok: queued as ldL0kzdnTsqPwBUxFAAAAg", "ldL0kzdnTsqPwBUxFAAAAg"),
    "a sentence": ("250 2.0.0 Ok: queued as 4XYZ.", "4XYZ"),
}


@pytest.mark.parametrize("server", KNOWN)
def test_known_servers(server: str) -> None:
    text, expected = KNOWN[server]
    [reply] = ReplyParser().feed(text.encode() + b"\r\n")
    assert queue_id_of(reply) == expected


@pytest.mark.parametrize(
    "text",
    [
        "250 OK",
        "250 2.0.0 Ok",
        "250 ok dirdel",
        "250 Message received",
        "250 2.6.0 Queued mail for delivery",
        "250 2.0.0 Message accepted for delivery",
        "250 Queued (0.123 seconds)",
    ],
)
def test_no_id_is_made_up(text: str) -> None:
    [reply] = ReplyParser().feed(text.encode() + b"\r\n")
    assert queue_id_of(reply) is None


def test_it_may_be_in_any_line() -> None:
    [reply] = ReplyParser().feed(b"250-2.0.0 Ok: queued as 4ABC\r\n250 2.0.0 Have a nice day\r\n")
    assert queue_id_of(reply) == "4ABC"


@pytest.mark.parametrize("code", [354, 451, 554])
def test_only_an_acceptance_has_one(code: int) -> None:
    [reply] = ReplyParser().feed(b"%d 2.0.0 Ok: queued as 4ABC\r\n" % code)
    assert queue_id_of(reply) is None
