"""Orders and letters survive the way to the composing process and back; what is no letter to this row does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.batch.composer.frames import Frame, FrameError, framed, lengths, read_frame
from smtptui.batch.composer.letters import packed, unpacked
from smtptui.protocol import Body, Envelope, Notify, Ret
from smtptui.protocol import Recipient as EnvelopeRecipient
from smtptui.session import prepare
from tests.batch.composer.opening import somebody

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


@settings(deadline=None)
@given(ENVELOPES, CONTENTS)
def test_a_letter_is_the_same_on_the_other_side(envelope: Envelope, content: bytes) -> None:
    prepared = prepare(envelope, content)
    plain, octets = packed(prepared)
    head, text, *parts = framed(Frame({"letter": plain}, octets))
    assert lengths(head) == (len(text), sum(map(len, parts)))
    frame = read_frame(text, b"".join(parts))
    carried = unpacked(frame.document["letter"], frame.octets, somebody(1, envelope.recipients[0].address))
    assert carried == prepared
    assert (carried.stuffed is carried.content) == (prepared.stuffed is prepared.content)
    assert list(map(type, carried.envelope.recipients[0].notify)) == [Notify] * len(envelope.recipients[0].notify)


LETTER = packed(prepare(Envelope.of("list@good.test", "ann@good.test"), b"A: b\r\n\r\nText.\r\n"))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, ["list@good.test", "eve@good.test", [], None, None, None, None, False]),
        (0, ["list@good.test", "ann@good.test", ["ALWAYS"], None, None, None, None, False]),
        (0, ["list@good.test"]),
        (1, "list@good.test> SIZE=1\r\nRCPT TO:<eve@good.test"),
        (1, "eve@good.test"),
        (2, ["eve@good.test"]),
        (2, ["ann@good.test", "eve@good.test"]),
        (2, []),
        (7, ["NOTIFY=NEVER\r\nRCPT TO:<eve@good.test>"]),
        (8, " RET=FULL\r\nRCPT TO:<eve@good.test>"),
        (8, 7),
    ],
)
def test_a_letter_that_would_go_elsewhere_is_refused(place: int, value: object) -> None:
    """The process that composes works on templates that others wrote."""
    plain, octets = list(LETTER[0]), LETTER[1]
    assert unpacked(plain, octets, somebody()).recipients == ("ann@good.test",)
    plain[place] = value
    with pytest.raises(FrameError):
        unpacked(plain, octets, somebody())


def test_a_letter_without_octets_is_refused() -> None:
    with pytest.raises(FrameError):
        unpacked(LETTER[0], (), somebody())


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        (b"", b""),
        (b"[]", b""),
        (b"{}", b""),
        (b'{"sizes": 1}', b"x"),
        (b'{"sizes": [-1]}', b""),
        (b'{"sizes": [true]}', b"x"),
        (b'{"sizes": [2]}', b"x"),
        (b"[" * 100_000, b""),
        (b"\xff", b""),
    ],
)
def test_what_is_no_frame_is_refused(text: bytes, octets: bytes) -> None:
    with pytest.raises(FrameError):
        read_frame(text, octets)


@pytest.mark.parametrize("head", [b"\xff" * 12, b"\0\0\0\1" + b"\xff" * 8, b"\xff" * 4 + b"\0" * 8])
def test_a_frame_that_says_it_is_huge_is_not_waited_for(head: bytes) -> None:
    with pytest.raises(FrameError):
        lengths(head)
