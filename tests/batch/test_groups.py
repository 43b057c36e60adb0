"""Replies that differ only in what is one recipient's own are one group; others are not."""

import string
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch.groups import MOST, OTHERS, ReplyGroup, grouped, normalise
from smtptui.batch.journal import Standing
from smtptui.batch.model import RecipientState
from smtptui.protocol import Stage

SAID = (
    "<{address}>: Recipient address rejected: User unknown in virtual mailbox table",
    "5.1.1 {address} user unknown; see {url}",
    "{address}... User unknown",
    "no mailbox here by that name ({local})",
    "5.2.2 mailbox '{local}' is over quota: {count} of {count} MB",
    "{local}: no such user here",
    "The domain {domain} is not hosted on {host}",
    "4.7.1 Greylisted, please try again in {count} seconds",
    "4.7.1 Greylisted, see {url}",
    "too many connections from {ip} to {host} at {time}",
    "Service unavailable; Client host [{ip}] blocked using zen.spamhaus.org; {url}",
    "Service unavailable; Client host [{ip}] blocked using bl.spamcop.net; {url}",
    "4.3.0 local error in processing, id={queue}",
    "4.3.0 {host} said: try later (session {hex})",
    "5.7.1 message {hex} looks like spam, {count} points",
    "rate limited: {count} messages in {count}s, next at {time}",
    "{url} {hex} - gsmtp",
    "5.7.1 [TSS04] Messages from {ip} deferred",
    "5.7.1 [TSS09] Messages from {ip} deferred",
    "blocked (S3150) {ip}",
)

_hex = st.text("0123456789abcdef", min_size=8, max_size=40)
_letter = st.sampled_from(string.ascii_lowercase)
_label = st.builds(str.__add__, _letter, st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8))
_host = st.builds(
    lambda labels, top: ".".join([*labels, top]), st.lists(_label, min_size=1, max_size=3), st.just("test")
)
_local = st.builds(
    lambda first, rest: "xq" + first + rest,
    _letter,
    st.text(string.ascii_lowercase + string.digits + ".-_+", max_size=8),
).map(lambda name: name.rstrip(".-+") + "z")
_number = st.integers(0, 255)
_time = st.datetimes(min_value=datetime(1900, 1, 1)).flatmap(
    lambda at: st.sampled_from(
        [f"{at:%a, %d} Nov {at:%Y %H:%M:%S} +0000 (UTC)".replace(f"{at:%a}", "Mon"), f"Mon Nov {at:%d %H:%M:%S} 2026",
         f"{at:%Y-%m-%d %H:%M:%S}" , f"{at:%H:%M:%S}",
         "2026-11-25T05:13:03.123Z"]
    )
)  # fmt: skip
_fields = st.fixed_dictionaries(
    {
        "local": _local,
        "domain": _host,
        "host": _host,
        "ip": st.one_of(
            st.builds("{}.{}.{}.{}".format, _number, _number, _number, _number), st.ip_addresses(v=6).map(str)
        ),
        "time": _time,
        "url": st.builds(
            "https://{}/{}".format, _host, st.text(string.ascii_letters + string.digits + "/?=&", max_size=20)
        ),
        "count": st.one_of(st.integers(0, 10**9).map(str), st.decimals(0, 1000, places=1).map(str)),
        "hex": _hex.filter(lambda text: not text.isdigit()),
        "queue": st.text(string.ascii_letters + string.digits, min_size=6, max_size=16),
    }
)


@given(said=st.sampled_from(SAID), first=_fields, second=_fields)
def test_what_differs_only_in_ones_own_is_one_group(said: str, first: dict[str, str], second: dict[str, str]) -> None:
    assert one(said, first) == one(said, second)


@given(first=_fields, second=_fields)
def test_what_says_something_else_is_another_group(first: dict[str, str], second: dict[str, str]) -> None:
    assert len({one(said, first) for said in SAID} | {one(said, second) for said in SAID}) == len(SAID)


def one(said: str, fields: dict[str, str]) -> str:
    address = f"{fields['local']}@{fields['domain']}"
    return normalise(said.format(address=address, **fields), address)


@given(st.text(), st.text())
def test_any_text_has_a_group_and_a_group_is_its_own(reply: str, address: str) -> None:
    once = normalise(reply, address)
    assert normalise(reply, address) == once
    assert len(once) <= 300


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", ["a.", "1.", ":", "a@", "<", '"', "0:", "a1-", " ", "://", "0" * 9 + "x", "xn--"])
def test_no_reply_takes_long(part: str) -> None:
    normalise(part * 60_000, "a.a@a.a")


@pytest.mark.parametrize(
    ("reply", "address", "shown"),
    [
        ("5.1.1 <kim@corp.test>: Recipient address rejected", "kim@corp.test", "<ADDRESS>: Recipient address rejected"),
        ("5.1.1 User unknown", "user@corp.test", "User unknown"),
        ("#5.1.0 Address rejected", "a@b.test", "Address rejected"),
        ("there is no “@”; write it as name@domain", "x", "there is no “@”; write it as name@domain"),
        ("mailbox `jörg@bücher.test' is full", "jörg@bücher.test", "mailbox `ADDRESS' is full"),
        ("blocked (S3150), see RFC 5321", "a@b.test", "blocked (S3150), see RFC 5321"),
        ("Client host blocked using zen.spamhaus.org", "a@b.test", "Client host blocked using spamhaus"),
        ("try again in 300s", "a@b.test", "try again in Ns"),
    ],
)
def test_what_is_left_reads_as_a_sentence(reply: str, address: str, shown: str) -> None:
    assert normalise(reply, address) == shown


def standing(number: int, reply: str, **changes: object) -> Standing:
    address = f"person{number}@d{number % 3}.test"
    usual: dict[str, object] = {
        "seq": number, "line": number, "address": address, "key": address, "destination": f"d{number % 3}.test",
        "token": "", "state": RecipientState.FAILED, "reason": "", "attempts": 1, "next_at": 0.0, "stage": Stage.RCPT,
        "code": 550, "enhanced": "5.1.1", "reply": reply, "queue_id": "", "host": "", "ended": 0.0,
    }  # fmt: skip
    return Standing(**{**usual, **changes})  # type: ignore[arg-type]


def test_groups_come_with_the_largest_first() -> None:
    unknown = [standing(number, f"5.1.1 <person{number}@d{number % 3}.test>: no such user") for number in range(30)]
    full = [
        standing(number, f"4.2.2 {number} MB is over quota", code=452, enhanced="4.2.2", state=RecipientState.DEFERRED)
        for number in range(20)
    ]
    aged = standing(90, "4.2.2 7 MB is over quota", code=452, enhanced="4.2.2", reason="expired")
    silent = standing(91, "the connection was closed", code=None, enhanced="", stage=Stage.DOT, reason="")
    summaries = grouped([*full, *unknown, aged, silent])
    assert [(summary.count, summary.group.label) for summary in summaries] == [
        (30, "550 5.1.1 (rcpt) <ADDRESS>: no such user"),
        (20, "452 4.2.2 (rcpt) N MB is over quota"),
        (1, "(dot) the connection was closed"),
        (1, "expired: 452 4.2.2 (rcpt) N MB is over quota"),
    ]
    first = summaries[0]
    assert first.example == "5.1.1 <person0@d0.test>: no such user"
    assert dict(first.states) == {RecipientState.FAILED: 30}
    assert dict(first.destinations) == {f"d{number}.test": 10 for number in range(3)}
    assert len({summary.group.id for summary in summaries}) == 4


def test_a_server_that_never_says_the_same_twice_fills_no_memory() -> None:
    letters = (
        f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}q is not wanted" for n in range(MOST + 500)
    )
    summaries = grouped(standing(number, text) for number, text in enumerate(letters))
    assert len(summaries) == MOST + 1
    assert (summaries[0].group, summaries[0].count) == (OTHERS, 500)


def test_a_long_text_is_cut_at_a_word() -> None:
    label = ReplyGroup(None, 550, "", "word " * 50).label
    assert label.endswith("word …")
    assert len(label) < 120
