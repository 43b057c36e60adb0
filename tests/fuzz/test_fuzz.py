"""Whatever is in a file or comes from a server, it is read, or a sentence says why not."""

import os

import pytest

from smtptui.message import letter_text, parts_of, read_draft
from tests.fuzz.fuzzing import corpus, failure, fuzz
from tests.fuzz.readers import READERS

SECONDS = float(os.environ.get("SMTPTUI_FUZZ_SECONDS", "300"))
SEED = int(os.environ.get("SMTPTUI_FUZZ_SEED", "1"))


@pytest.mark.parametrize("name", READERS)
def test_what_once_broke_a_reader_and_what_is_whole(name: str) -> None:
    found = [failure(READERS[name], data) for data in corpus(name)]
    assert found
    assert not any(found), "\n".join(found)


@pytest.mark.parametrize("name", READERS)
def test_a_few_broken_inputs(name: str) -> None:
    count, failures = fuzz(name, seconds=20, seed=20261201, most=25)
    assert count
    assert not failures, "\n".join(words for _, words in failures)


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", READERS)
def test_broken_inputs_for_minutes(name: str) -> None:
    """SMTPTUI_FUZZ_SECONDS and SMTPTUI_FUZZ_SEED change how long, and which."""
    count, failures = fuzz(name, SECONDS, SEED)
    assert count
    assert not failures, "\n".join(f"{data[:2000]!r}\n{words}" for data, words in failures)


@pytest.mark.parametrize(
    "line",
    [
        "Content-Type: text/plain; format*=utf-8''flowed",
        "Content-Type: text/plain; format*0*=utf-8''flo; format*1=wed",
        "Content-Type: text/plain; format*=no-such-charset''flowed",
        "Content-Type: text/plain; charset*=x''utf-8; format=flowed",
        "Content-Type*=text/plain",
        "Content-Disposition*=utf-8''attachment",
        "Content-Disposition: attachment; filename*0*=utf-8''a; filename*2*=b",
        "Content-Type: multipart/mixed; boundary*=utf-8''b",
        "Content-Transfer-Encoding*=utf-8''base64",
        "Content-ID: =?x?b?!!?=",
        "Content-Type: text/plain; charset=idna",
        "Content-Type: text/plain; charset=rot13",
        "Content-Type: text/plain; charset=\ud800",
    ],
)
def test_parameters_in_any_form_open_as_a_draft(line: str) -> None:
    data = f"From: ann@example.org\nSubject: x\n{line}\n\nHello\n".encode("utf-8", "surrogatepass")
    draft, _ = read_draft(data)
    assert draft.sender == "ann@example.org"
    assert "Hello" in draft.text or any(b"Hello" in file.content for file in draft.attachments)


def test_a_parameter_in_rfc_2231_form_is_kept_as_it_is_meant() -> None:
    data = b"From: a@b.org\nContent-Type: application/x-y; mode*=utf-8''strict; name*=utf-8''f%C3%BCr.bin\n\nx\n"
    (file,) = read_draft(data)[0].attachments
    assert (file.name, file.content_type) == ("für.bin", "application/x-y; mode=strict")


@pytest.mark.parametrize(
    "value",
    [
        b"text/plain; name=" + b"\"';" * 60_000,
        b'text/plain; name="' + b"\\" * 100_000,
        b"text/plain" + b"; a*0*=x''y" * 20_000,
    ],
)
def test_a_field_of_any_length_does_not_hold_up_the_reader(value: bytes) -> None:
    """Its parameters would take the square of their number: minutes for a megabyte."""
    data = b"From: a@b.org\nContent-Type: " + value + b"\n\nHello\n"
    assert len(parts_of(data)) == 1
    assert "Hello" in letter_text(data)
    read_draft(data)


def test_many_columns_of_one_name_take_no_time() -> None:
    header = ",".join(["email", *["n"] * 16_000])
    assert failure(READERS["csv"], f"{header}\na@b.org{',x' * 16_000}\n".encode()) == ""
