"""The form kept between two starts: everything comes back, and nothing breaks it."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from smtptui.message import Encoding
from smtptui.protocol import Notify, Ret, Stage
from smtptui.tui.message.model import File, Filled, Format, Handling, Leave, Letter
from smtptui.tui.message.state import from_state, lost_of, to_state, whole_of

line = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), max_size=20)
name = line.filter(bool)
files = st.builds(
    File,
    name=name,
    media_type=name,
    size=st.integers(0, 2**40),
    path=name.map(lambda text: Path("/") / text.replace("/", "_")),
    changed=st.integers(0, 2**62),
    inline=st.booleans(),
)
letters = st.builds(
    Letter,
    sender=line,
    to=line,
    cc=line,
    bcc=line,
    reply_to=line,
    subject=line,
    body=st.text(st.characters(codec="utf-8"), max_size=60),
    format=st.sampled_from(Format),
    alternative=line,
    headers=st.lists(st.tuples(name, line), max_size=3).map(tuple),
    files=st.lists(files, max_size=3).map(tuple),
)
handlings = st.builds(
    Handling,
    envelope_from=line,
    envelope_to=line,
    notify=st.sampled_from([(), (Notify.NEVER,), (Notify.SUCCESS, Notify.DELAY)]),
    ret=st.sampled_from([None, *Ret]),
    envid=line,
    encoding=st.sampled_from(Encoding),
    smtputf8=st.booleans(),
    leave=st.sampled_from(Leave),
    leave_after=st.sampled_from(Stage),
)


@given(letters, handlings)
def test_everything_comes_back(letter: Letter, handling: Handling) -> None:
    filled = Filled(letter, handling)
    assert from_state(json.loads(json.dumps(to_state(filled)))) == filled


def test_files_without_a_path_are_counted_and_their_octets_are_not_kept() -> None:
    filled = Filled(Letter(files=(File("a.png", "image/png", 3, content=b"top secret"),)))
    state = to_state(filled)
    assert "secret" not in json.dumps(state)
    assert lost_of(state) == 1
    assert from_state(state).letter.files == ()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted(to_state(Filled()))


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), anything))
def test_whatever_stands_there_gives_a_form(state: dict[str, object]) -> None:
    filled = from_state(state)
    lost_of(state)
    whole_of(state)
    assert from_state(to_state(filled)) == filled
