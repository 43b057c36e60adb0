"""Signatures that another implementation, dkimpy, takes for good, whatever the message looks like."""

import re
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.message import Canonical, DkimError, DkimKey, Signer, read_dkim_key

MESSAGE = (
    b"From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: Hello\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
    b"List-Unsubscribe: <https://example.org/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n"
    b"Hello Bob.\r\n"
)


@cache
def pem(kind: str) -> bytes:
    """A private key."""
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if kind == "ed25519":
        return Ed25519PrivateKey.generate().private_bytes(*form)
    return rsa(65537, int(kind)).private_bytes(*form)


def key(kind: str, selector: str = "s1") -> DkimKey:
    return read_dkim_key(pem(kind), domain="Example.org", selector=selector)


def verified(message: bytes, keys: list[DkimKey]) -> list[bool]:
    """What dkimpy says of each signature, the first one first."""
    records = {f"{each.selector}._domainkey.{each.domain}.": each.record for each in keys}

    def found(name: bytes, timeout: int = 5) -> bytes:
        return records[name.decode()].encode()

    def good(place: int) -> bool:
        try:
            return bool(dkim.DKIM(message).verify(idx=place, dnsfunc=found))
        except dkim.ValidationError:
            return False

    return [good(place) for place in range(len(keys))]


@pytest.mark.parametrize("header", list(Canonical))
@pytest.mark.parametrize("body", list(Canonical))
@pytest.mark.parametrize("kind", ["2048", "ed25519"])
def test_every_form_is_verified(kind: str, header: Canonical, body: Canonical) -> None:
    signer = Signer([key(kind)], header=header, body=body)
    message = signer.signed(MESSAGE, 1_700_000_000.0)
    assert message.endswith(MESSAGE)
    assert f"c={header}/{body};".encode() in message
    assert verified(message, [key(kind)]) == [True]
    assert verified(message.replace(b"Hello Bob", b"Hello Eve"), [key(kind)]) == [False]
    assert max(map(len, message.split(b"\r\n"))) <= 78


def test_two_keys_give_two_signatures() -> None:
    keys = [key("2048", "rsa"), key("ed25519", "ed")]
    message = Signer(keys).signed(MESSAGE, 0.0)
    assert message.count(b"DKIM-Signature:") == 2
    assert verified(message, keys) == [True, True]


def test_unsubscribing_is_covered_and_no_second_author_can_be_added() -> None:
    message = Signer([key("2048")]).signed(MESSAGE, 0.0)
    names = re.sub(rb"\s", b"", message.partition(b"h=")[2].partition(b";")[0]).decode().lower().split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post", "subject", "to", "date"} <= set(names)
    assert names.count("from") == 2
    assert verified(b"From: Eve <eve@example.com>\r\n" + message, [key("2048")]) == [False]


_TEXT = st.text(st.sampled_from("ab :;=\täé."), max_size=30).map(lambda text: text.encode())
_BODY = st.lists(st.sampled_from([b"", b" ", b"a  b", b"\t", b"x \t ", b".", "é".encode(), b"a" * 80]), max_size=8)


@settings(deadline=None, max_examples=60)
@given(subject=_TEXT, folded=_TEXT, body=_BODY, header=st.sampled_from(Canonical), form=st.sampled_from(Canonical))
def test_any_message_is_verified(
    subject: bytes, folded: bytes, body: list[bytes], header: Canonical, form: Canonical
) -> None:
    head = b"from: a@example.org\r\nSubject:" + subject + b"\r\n\tx" + folded + b"\r\nTo:b@example.net\r\n"
    message = head + b"\r\n" + b"".join(line + b"\r\n" for line in body)
    signed = Signer([key("ed25519")], header=header, body=form).signed(message, 1.0)
    assert verified(signed, [key("ed25519")]) == [True]


def test_the_record_is_the_public_key() -> None:
    record = key("ed25519").record
    assert re.fullmatch(r"v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=", record)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "no private DKIM key"),
        (b"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n", "no private DKIM key"),
        (elliptic(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "another kind"),
        (
            elliptic(SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "the public DKIM key",
        ),
    ],
    ids=["nothing", "garbage", "elliptic", "public"],
)
def test_what_is_no_key_is_told_without_repeating_it(octets: bytes, said: str) -> None:
    with pytest.raises(DkimError) as caught:
        read_dkim_key(octets, domain="example.org", selector="s1")
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_key_of_1024_bits_is_one_to_replace() -> None:
    assert "2048" in key("1024").notes[0]
    assert key("2048").notes == ()


def test_a_message_without_author_is_not_signed() -> None:
    with pytest.raises(DkimError, match="no From"):
        Signer([key("ed25519")]).signed(b"To: a@b.test\r\n\r\nx\r\n", 0.0)
