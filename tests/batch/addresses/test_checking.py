"""Rows become recipients; who is not to be sent to is told with the reason."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch import NewRecipient, Ragged, RecipientState, Row, check_rows, destination_of
from smtptui.batch.addresses import AddressRules
from smtptui.batch.addresses.known_keys import KnownKeys
from smtptui.batch.addresses.typos import meant_domain, one_slip

SKIPPED, PENDING = RecipientState.SKIPPED, RecipientState.PENDING


def checked(*addresses: str, rules: AddressRules | None = None, held: Iterable[str] = ()) -> list[NewRecipient]:
    rows = [Row(line, (address, "x")) for line, address in enumerate(addresses, 2)]
    return list(
        check_rows(rows, 0, 2, rules=rules or AddressRules(), suppressed=lambda keys: set(held).intersection(keys))
    )


def test_the_first_of_equal_addresses_is_sent_to() -> None:
    first, second, third = checked("Ada@example.org", "ada@EXAMPLE.org", "bob@example.org")
    assert (first.state, second.state, third.state) == (PENDING, SKIPPED, PENDING)
    assert second.reason == "duplicate of line 2"
    assert [one.state for one in checked("a@b.org", "a@b.org", rules=AddressRules(allow_duplicates=True))] == [
        PENDING
    ] * 2


def test_who_is_suppressed_is_not_sent_to() -> None:
    (one,) = checked("Ada@example.org", held=["ada@example.org"])
    assert one.state is RecipientState.SUPPRESSED
    assert one.reason


def test_an_office_is_left_out_unless_wanted() -> None:
    (one,) = checked("NoReply@example.org")
    assert one.state is SKIPPED
    assert "--allow-roles" in one.reason
    assert checked("noreply@example.org", rules=AddressRules(allow_roles=True))[0].state is PENDING


def test_a_mistyped_domain_is_left_out_with_what_was_meant() -> None:
    (one,) = checked("ada@gmial.com")
    assert one.state is SKIPPED
    assert "gmail.com" in one.reason


def test_every_row_is_somebody() -> None:
    rows: list[Row | Ragged] = [
        Row(2, ("a@b.org", "x")),
        Ragged(3, "1 field where …"),
        Row(4, ("nobody", "x")),
        Row(5, (None, "x")),
    ]
    found = list(check_rows(rows, 0, 2))
    assert [one.line for one in found] == [2, 3, 4, 5]
    assert [one.state for one in found] == [PENDING, SKIPPED, SKIPPED, SKIPPED]
    assert found[1].reason == "bad row: 1 field where …"
    assert found[1].values == (None, None)
    assert found[2].address == "nobody"


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.ocm", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmial.con", "gmail.com"),
        ("gmal.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("hotmal.com", "hotmail.com"),
        ("hotnail.com", "hotmail.com"),
        ("yaho.com", "yahoo.com"),
        ("yahooo.co.uk", "yahoo.co.uk"),
        ("outlok.com", "outlook.com"),
        ("icoud.com", "icloud.com"),
        ("icould.com", "icloud.com"),
        ("example.con", "example.com"),
    ],
)
def test_slips_are_known(domain: str, meant: str) -> None:
    assert meant_domain(domain) == meant


@pytest.mark.parametrize(
    "domain",
    [
        *(
            "gmail.com",
            "googlemail.com",
            "mail.com",
            "email.com",
            "ymail.com",
            "fmail.com",
            "hotmail.co.uk",
            "live.com",
        ),
        *(
            "hotmail.de",
            "outlook.de",
            "yahoo.co.jp",
            "yahoo.com.mx",
            "cloud.com",
            "gmx.de",
            "gmx.com",
            "web.de",
            "me.com",
        ),
        *("aol.com", "msn.com", "mac.com", "pm.me", "mail.ru", "horizon.net", "example.com", "example.co", "life.com"),
        *("liberto.it", "hitmail.com", "yandex.ru", "orange.fr", "company.com", "localhost", "a.test"),
    ],
)
def test_real_domains_are_no_slips(domain: str) -> None:
    assert meant_domain(domain) is None


@given(st.text("abc", min_size=2, max_size=6), st.data())
def test_one_slip_is_one_letter_or_two_that_changed_places(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 2))
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    for other in (text[:place] + text[place + 1 :], text[:place] + "x" + text[place:], swapped):
        assert one_slip(other, text) is (other != text)
    assert not one_slip(text + "xx", text)


def test_domains_of_a_provider_are_one_destination() -> None:
    assert destination_of("gmail.com") == destination_of("googlemail.com") == "google"
    assert destination_of("hotmail.co.uk") == destination_of("msn.com") == destination_of("outlook.com") == "microsoft"
    assert destination_of("example.org") == "example.org"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=3), max_size=60))
def test_a_key_is_known_by_the_line_it_was_first_in(keys: list[str]) -> None:
    wanted: dict[str, int] = {}
    with KnownKeys() as known:
        for line, key in enumerate(keys):
            assert known.add(key, line) == wanted.get(key)
            wanted.setdefault(key, line)


def test_thousands_of_keys_are_kept_apart() -> None:
    with KnownKeys() as known:
        for line in range(5000):
            assert known.add(f"a{line}@example.org", line) is None
        assert [known.add(f"a{line}@example.org", 0) for line in range(5000)] == list(range(5000))
