"""Replies come out of the stream the same however the octets arrive, and nothing can flood them."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtptui.protocol import REPLY_KEPT, REPLY_LIMIT, EnhancedCode, Reply, ReplyError, ReplyParser

CODES = st.sampled_from([b"220", b"250", b"334", b"354", b"421", b"550", b"599"])
ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\n"])
TEXTS = st.binary(max_size=30).map(lambda text: text.replace(b"\n", b" "))


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    """A reply as a server may send it: any text, any line ends, codes that need not agree."""
    wire = b""
    for _ in range(draw(st.integers(0, 3))):
        wire += draw(CODES) + b"-" + draw(TEXTS) + draw(ENDS)
    rest = draw(st.one_of(st.just(b""), st.tuples(st.sampled_from([b" ", b"\t"]), TEXTS).map(b"".join)))
    return wire + draw(CODES) + rest + draw(ENDS)


def parse(pieces: list[bytes]) -> tuple[list[Reply], bool]:
    """What a parser makes of octets that come in pieces: the replies, and whether a fault ended them."""
    parser = ReplyParser()
    found: list[Reply] = []
    try:
        for piece in pieces:
            found += parser.feed(piece)
        parser.feed(b"")
    except ReplyError:
        return found, True
    return found, False


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[start:end] for start, end in pairwise(edges)]


@given(st.lists(replies(), min_size=1, max_size=4), st.lists(st.integers(0, 1000), max_size=6))
def test_replies_parse_the_same_wherever_the_stream_is_cut(sent: list[bytes], places: list[int]) -> None:
    wire = b"".join(sent)
    found, fault = parse(cut(wire, places))
    assert not fault
    assert [reply.raw for reply in found] == sent
    assert [reply.size for reply in found] == [len(raw) for raw in sent]
    assert [reply.code for reply in found] == [int(raw.rstrip(b"\r\n").split(b"\n")[-1][:3]) for raw in sent]


@given(replies())
def test_a_reply_parses_octet_by_octet(wire: bytes) -> None:
    assert parse([bytes([octet]) for octet in wire]) == parse([wire])


@given(
    st.lists(st.one_of(replies(), st.binary(max_size=12), st.sampled_from([b"250\r", b"250\r\r\n", b"25", b"\n"]))),
    st.lists(st.integers(0, 1000), max_size=6),
)
@example([b"250\r", b"\n"], [4])
@example([b"250\rX"], [4])
def test_garbage_is_a_fault_wherever_the_stream_is_cut(sent: list[bytes], places: list[int]) -> None:
    wire = b"".join(sent)
    assert parse(cut(wire, places)) == parse([wire])


def test_a_line_that_cannot_become_a_reply_is_refused_before_it_ends() -> None:
    with pytest.raises(ReplyError, match="“HTTP…”") as caught:
        ReplyParser().feed(b"HTTP/1.1 400 Bad Re")
    assert caught.value.seen == b"HTTP/1.1 400 Bad Re"


@pytest.mark.parametrize(
    "line",
    [b"999 x", b"2x0 Ok", b"-25 Ok", b"", b"25", b"250x", b"199 x", b"600 x", b"\x00\x01", b"\xff\xfe\xfd ", b"2 50"],
)
def test_lines_that_are_no_replies(line: bytes) -> None:
    parser = ReplyParser()
    with pytest.raises(ReplyError, match="no SMTP reply") as caught:
        parser.feed(line + b"\r\n")
    assert str(caught.value).isprintable()
    assert caught.value.seen == line + b"\r\n"
    with pytest.raises(ReplyError):
        parser.feed(b"250 Ok\r\n")


def test_replies_before_a_fault_are_kept() -> None:
    parser = ReplyParser()
    assert [reply.code for reply in parser.feed(b"250 Ok\r\ngarbage\r\n")] == [250]
    assert parser.broken
    with pytest.raises(ReplyError):
        parser.feed(b"")


def test_a_reply_without_text_and_one_with_a_tab() -> None:
    alone, tabbed = ReplyParser().feed(b"250\r\n250\tOk\r\n")
    assert (alone.code, alone.text, str(alone)) == (250, "", "250")
    assert tabbed.text == "Ok"


def test_bare_lf_ends_a_line_and_stays_visible_in_raw() -> None:
    [reply] = ReplyParser().feed(b"250-one\n250 two\n")
    assert reply.lines == ("one", "two")
    assert reply.raw == b"250-one\n250 two\n"


def test_lines_of_several_codes() -> None:
    [reply] = ReplyParser().feed(b"250-yes\r\n550 no\r\n")
    assert reply.code == 550
    assert reply.codes == {250, 550}
    assert reply.permanent
    assert not reply.positive


@pytest.mark.parametrize(
    ("code", "positive", "temporary", "permanent"),
    [
        (220, True, False, False),
        (354, True, False, False),
        (421, False, True, False),
        (499, False, True, False),
        (550, False, False, True),
    ],
)
def test_the_class_of_a_reply(code: int, positive: bool, temporary: bool, permanent: bool) -> None:
    reply = Reply(code, b"%d x\r\n" % code, 7)
    assert (reply.positive, reply.temporary, reply.permanent) == (positive, temporary, permanent)


def test_text_repeats_an_enhanced_code_once() -> None:
    [reply] = ReplyParser().feed(b"550-5.1.1 No such\r\n550-5.1.1 user  \r\n550 5.1.1 here\r\n")
    assert str(reply) == "550 5.1.1 No such user here"
    assert reply.enhanced == EnhancedCode(5, 1, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.7.1 no", "5.7.1"),
        ("4.2.1", "4.2.1"),
        ("2.0.0\tok", "2.0.0"),
        ("5.7.26 x", "5.7.26"),
        ("3.1.1 x", None),
        ("5.7.1: x", None),
        ("5.7 x", None),
        ("10.5.7.1 x", None),
        ("5.7.1234 x", None),
    ],
)
def test_enhanced_codes(text: str, code: str | None) -> None:
    found = EnhancedCode.parse(text)
    assert (str(found) if found else None) == code


def test_a_long_reply_keeps_its_beginning_and_its_last_line() -> None:
    wire = b"250-" + b"x" * 994 + b"\r\n"
    [reply] = ReplyParser().feed(wire * 1000 + b"550 at last\r\n")
    assert reply.code == 550
    assert reply.size == 1000 * len(wire) + len(b"550 at last\r\n")
    assert len(reply.raw) <= REPLY_KEPT + 100
    assert reply.raw.startswith(wire)
    assert reply.raw.endswith(b"\r\n550 at last\r\n")
    assert reply.codes == {250, 550}


def flood(parser: ReplyParser, piece: bytes) -> None:
    """Feed a piece again and again, until more than a mebibyte has gone in."""
    for _ in range(REPLY_LIMIT // len(piece) + 2):
        assert parser.feed(piece) == []
        assert len(parser.pending) <= REPLY_KEPT


@pytest.mark.parametrize("piece", [b"250-" + b"x" * 995 + b"\r\n", b"250-xx\r\n", b"2", b"250 " + b"y" * 60_000])
def test_a_reply_longer_than_a_mebibyte_is_a_fault(piece: bytes) -> None:
    parser = ReplyParser()
    with pytest.raises(ReplyError, match="longer than 1 MiB" if len(piece) > 1 else "no SMTP reply") as caught:
        flood(parser, piece)
    assert len(caught.value.seen) <= REPLY_KEPT


def test_a_reply_of_just_a_mebibyte_is_none() -> None:
    line = b"250-" + b"x" * (REPLY_LIMIT // 2 - 16) + b"\r\n"
    last = b"250 end\r\n"
    [reply] = ReplyParser().feed(line * 2 + last)
    assert reply.size == 2 * len(line) + len(last)


def test_a_huge_single_line_is_cut() -> None:
    [reply] = ReplyParser().feed(b"250 " + b"z" * 500_000 + b"\r\n")
    assert reply.size == 500_006
    assert len(reply.raw) <= 2 * REPLY_KEPT
    assert reply.raw.startswith(b"250 zzz")
    assert len(reply.lines) == 1


def test_pending_and_clear() -> None:
    parser = ReplyParser()
    assert parser.feed(b"250-one\r\n250-tw") == []
    assert parser.pending == b"250-one\r\n250-tw"
    assert parser.pending_size == 15
    assert parser.clear() == b"250-one\r\n250-tw"
    assert parser.pending_size == 0
    assert [reply.text for reply in parser.feed(b"220 fresh\r\n")] == ["fresh"]
