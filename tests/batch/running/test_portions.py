"""Orders and letters survive the way to the composing process and back."""

import io
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch import Recipient, RecipientState, UnsendableError, serve
from smtptui.batch.model import Value
from smtptui.batch.running.portions import HEAD, framed, ordered, packed, read_portion, size_of, unpacked
from smtptui.protocol import Body, Envelope, Notify, Ret
from smtptui.protocol import Recipient as EnvelopeRecipient
from smtptui.session import Prepared, prepare
from tests.batch.running.making import plain

ENVELOPES = st.builds(
    Envelope,
    st.sampled_from(["", "list@good.test", "list@bücher.test"]),
    st.tuples(
        st.builds(
            EnvelopeRecipient,
            st.sampled_from(["a@good.test", "a@bücher.test", "ä@good.test"]),
            st.sampled_from([(), (Notify.NEVER,), (Notify.SUCCESS, Notify.FAILURE)]),
            st.sampled_from([None, "rfc822;a@good.test"]),
        )
    ),
    st.sampled_from([None, *Ret]),
    st.sampled_from([None, "0123456789"]),
    st.sampled_from([None, Body.EIGHT_BIT]),
    st.booleans(),
)
CONTENTS = st.sampled_from([b"A: b\r\n\r\nText.\r\n", b"A: b\r\n\r\n.\r\n", "A: b\r\n\r\nGrüße\r\n".encode()])


def somebody(seq: int, address: str = "a@good.test") -> Recipient:
    values: tuple[Value, ...] = (address, 1, 2.5, None, True, ["x"], {"y": "z"})
    state = RecipientState.PENDING
    return Recipient(seq, seq + 1, address, address, "good.test", values, "t0ken", state, "", 0, 0.0, 0.0)


def answers(said: bytes) -> list[tuple[int, object]]:
    """What was answered, all portions one after the other."""
    stream, found = io.BytesIO(said), []
    while head := stream.read(HEAD):
        found += read_portion(stream.read(size_of(head)))
    return found


@given(ENVELOPES, CONTENTS)
def test_a_letter_is_the_same_on_the_other_side(envelope: Envelope, content: bytes) -> None:
    prepared = prepare(envelope, content)
    [plain_values] = read_portion(framed([packed(prepared)])[HEAD:])
    carried = unpacked(plain_values)
    assert carried == prepared
    assert (carried.stuffed is carried.content) == (prepared.stuffed is prepared.content)
    assert list(map(type, carried.envelope.recipients[0].notify)) == [Notify] * len(envelope.recipients[0].notify)


def test_each_order_is_answered_in_its_order() -> None:
    seen: list[Recipient] = []

    def compose(recipient: Recipient) -> Prepared:
        seen.append(recipient)
        if recipient.seq == 2:
            raise UnsendableError("Row 2: there is no column “name”.")
        prepared = plain(recipient)
        return prepared if recipient.seq != 3 else replace(prepared, content=b"x" * 2_000_000)

    orders, said = framed([ordered(somebody(1)), ordered(somebody(2))]) + framed([ordered(somebody(3))]), io.BytesIO()
    serve(compose, io.BytesIO(orders), said)
    (one, letter), two, three = answers(said.getvalue())
    assert one == 1
    assert unpacked(letter) == plain(somebody(1))  # type: ignore[arg-type]
    assert two == (2, "Row 2: there is no column “name”.")
    # Carrying it over would take as long as composing it once more.
    assert three == (3, None)
    assert [(each.line, each.address, each.token, each.values) for each in seen] == [
        (each.line, each.address, each.token, each.values) for each in map(somebody, (1, 2, 3))
    ]


def test_an_order_that_breaks_off_ends_it() -> None:
    said = io.BytesIO()
    serve(plain, io.BytesIO(framed([ordered(somebody(1))])[:3]), said)
    assert said.getvalue() == b""
