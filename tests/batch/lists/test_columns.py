"""The column with the addresses is found by its name and by what it holds, or the user is asked for it."""

import io

import pytest

from smtptui.batch import ListError, address_column, open_list


def column(text: str, named: str | None = None) -> str:
    with open_list(io.BytesIO(text.encode())) as reader:
        return reader.columns[address_column(reader, named)]


def refused(text: str, named: str | None = None) -> str:
    with pytest.raises(ListError) as error:
        column(text, named)
    return str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        *("email", "E-Mail", "EMAIL", "e_mail", "Email Address", "Mail", "To", "recipient", "Adresse", "Courriel"),
        *("Adresse électronique", "Correo electrónico", "Indirizzo e-mail", "E-postadress", "Sähköposti", "Poczta"),
        *("Электронная почта", "メールアドレス", "电子邮箱", "이메일", "דוא״ל".replace("״", '"')),
    ],
)
def test_it_is_found_by_its_name_in_many_languages(name: str) -> None:
    quoted = name.replace('"', '""')
    assert column(f'name,"{quoted}",note\nAda,ada@example.org,friend@example.org\nBob,bob@example.org,x\n') == name


def test_it_is_found_by_what_it_holds() -> None:
    assert column("a,b\nAda,ada@example.org\nBob,Bob <bob@example.org>\n") == "b"


def test_a_postal_address_is_none() -> None:
    assert column("address,contact_mailbox\n1 High Street,ada@example.org\n2 High Street,bob@example.org\n") == (
        "contact_mailbox"
    )


def test_a_sure_name_goes_before_another_column_with_addresses() -> None:
    assert column("owner,email\nboss@example.org,ada@example.org\nboss@example.org,bob@example.org\n") == "email"


def test_several_that_fit_are_asked_about() -> None:
    said = refused("email,e-mail\na@example.org,b@example.org\n")
    assert "email, e-mail" in said
    assert "--column" in said


def test_none_that_fits_is_told_with_what_there_is() -> None:
    assert "It has: name, city." in refused("name,city\nAda,London\n")


@pytest.mark.parametrize(("named", "wanted"), [("b", "b"), ("B", "b"), ("2", "b"), (" b ", "b")])
def test_it_can_be_named(named: str, wanted: str) -> None:
    assert column("a,b\nx@example.org,y@example.org\n", named) == wanted


@pytest.mark.parametrize("named", ["c", "0", "3", ""])
def test_a_name_that_is_not_there_is_told_with_those_that_are(named: str) -> None:
    assert "it has: a, b." in refused("a,b\nx@example.org,y@example.org\n", named)
