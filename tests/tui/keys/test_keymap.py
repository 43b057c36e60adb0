"""The user's own keys: how they may be written, which cannot be, and that they then hold everywhere."""

import contextlib
import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.tui.keys.keymap import overlap, read_keymap, remapped
from smtptui.tui.keys.names import KeyNameError, key_named, shown, shown_all, types
from smtptui.tui.keys.registry import KEYS, Where, within


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("f9", "f9"),
        ("F9", "f9"),
        ("ctrl+R", "ctrl+r"),
        ("Control+r", "ctrl+r"),
        ("^r", "ctrl+r"),
        (" alt+X ", "alt+x"),
        ("PgUp", "pageup"),
        ("Del", "delete"),
        ("?", "question_mark"),
        ("question_mark", "question_mark"),
        (":", "colon"),
        ("/", "slash"),
        ("+", "plus"),
        ("é", "é"),
        ("space", "space"),
        ("shift+Up", "shift+up"),
        ("shift+ctrl+left", "ctrl+shift+left"),
    ],
)
def test_a_key_may_be_written_as_people_do(written: str, key: str) -> None:
    assert key_named(written) == (key,)
    assert key_named(shown(key)) == (key,)


def test_a_capital_is_also_the_letter_with_shift() -> None:
    assert key_named("G") == key_named("shift+g") == ("G", "shift+g")
    assert shown_all(("end", "G", "shift+g")) == "End G"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("ctrl+h", "arrives as backspace"),
        ("ctrl+i", "arrives as tab"),
        ("ctrl+m", "arrives as enter"),
        ("ctrl+j", "arrives as a line feed"),
        ("ctrl+[", "arrives as escape"),
        ("ctrl+enter", "most terminals do not deliver it"),
        ("ctrl+shift+a", "most terminals do not deliver it"),
        ("ctrl+1", "most terminals do not deliver it"),
        ("shift+enter", "do not tell it from enter"),
        ("alt+1", "keep it for their tabs"),
        ("alt+:", "most terminals do not deliver it"),
        ("shift+:", "write the character that shift+: gives"),
        ("SHIFT+colon", "write the character"),
        ("super+x", "few terminals tell programs of super"),
        ("f99", "there is no such key"),
        ("nonsense", "there is no such key"),
        ("", "there is no such key"),
        ("hyperdrive+x", "there is no such key"),
    ],
)
def test_a_key_that_cannot_be_says_why(written: str, why: str) -> None:
    with pytest.raises(KeyNameError, match=re.escape(why)):
        key_named(written)


@given(st.text(max_size=12) | st.lists(st.sampled_from(["ctrl", "alt", "shift", "+", "x", "F1", " "])).map("+".join))
def test_any_text_is_a_key_or_a_sentence(text: str) -> None:
    with contextlib.suppress(KeyNameError):
        keys = key_named(text)
        assert all(keys)
        assert key_named(keys[0]) == keys


def test_entries_that_can_be_hold_and_the_rest_of_the_registry_stays() -> None:
    keymap, faults = read_keymap({"send": "f9, ctrl+r", "quit": "ctrl+x", "start-sandbox": "f8"})
    assert not faults
    now = {key.id: key for key in remapped(keymap)}
    assert now["send"].keys == ("f9", "ctrl+r")
    assert now["send"].display == "F9"
    assert now["quit"].display == "^x"
    assert now["start-sandbox"].keys == ("f8",)
    assert [key for key in remapped(keymap) if key.id not in keymap] == [key for key in KEYS if key.id not in keymap]


@pytest.mark.parametrize(
    ("entries", "id", "why"),
    [
        ({"sende": "f9"}, "sende", "did you mean send?"),
        ({"xyzzy": "f9"}, "xyzzy", "there is no such action"),
        ({"send": "ctrl+m"}, "send", "arrives as enter"),
        ({"send": ""}, "send", "an empty key"),
        ({"send": "f9,"}, "send", "an empty key"),
        ({"send": "f1"}, "send", "F1 is taken by help"),
        ({"copy-line": "k"}, "copy-line", "k is taken by up"),
        ({"send": "tab"}, "send", "needed for moving about"),
        ({"send": "ctrl+a"}, "send", "fields need ctrl+a for editing"),
        ({"quit": "space"}, "quit", "would do nothing else any more"),
        ({"send": "f9", "jump": "f9"}, "jump", "F9 is taken by send"),
    ],
)
def test_an_entry_that_cannot_be_is_told_and_its_action_keeps_its_keys(
    entries: dict[str, str], id: str, why: str
) -> None:
    keymap, faults = read_keymap(entries)
    assert [fault.id for fault in faults] == [id]
    assert why in faults[0].problem
    assert id not in keymap
    assert set(keymap) == set(entries) - {id}


def test_two_may_change_places_but_not_one_alone() -> None:
    keymap, faults = read_keymap({"quit": "ctrl+p", "palette": "ctrl+q"})
    assert not faults
    assert keymap == {"quit": ("ctrl+p",), "palette": ("ctrl+q",)}
    # The second half is no key, so the palette keeps ctrl+p, and quit cannot have it.
    keymap, faults = read_keymap({"quit": "ctrl+p", "palette": "ctrl+m"})
    assert not keymap
    assert {fault.id for fault in faults} == {"quit", "palette"}


def test_one_key_may_do_two_things_where_these_never_meet() -> None:
    keymap, faults = read_keymap({"copy-line": "v"})
    assert not faults
    assert keymap["copy-line"] == ("v",), "v is the Sandbox screen's"


IDS = st.sampled_from([key.id for key in KEYS])
NAMES = st.sampled_from(["f1", "f5", "f9", "ctrl+p", "ctrl+x", "k", "y", "ctrl+h", "?", "G", "alt+x", "tab", "zzz"])


@given(st.dictionaries(IDS, st.lists(NAMES, min_size=1, max_size=3).map(",".join), max_size=6))
def test_whatever_is_wanted_no_key_does_two_things_at_one_place(entries: dict[str, str]) -> None:
    keymap, faults = read_keymap(entries)
    assert set(keymap) | {fault.id for fault in faults} == set(entries)
    assert not set(keymap) & {fault.id for fault in faults}
    before = {frozenset((one.id, other.id)) for one, other in combinations(KEYS, 2) if set(one.keys) & set(other.keys)}
    for one, other in combinations(remapped(keymap), 2):
        if overlap(one.where, other.where) and set(one.keys) & set(other.keys):
            assert frozenset((one.id, other.id)) in before


def test_every_place_leads_to_the_app_or_is_any_list() -> None:
    for where in Where:
        assert where is Where.LIST or Where.APP in within(where)
    assert overlap(Where.LOG, Where.SESSION)
    assert overlap(Where.LIST, Where.CAUGHT)
    assert not overlap(Where.LOG, Where.CAUGHT)


def test_what_writes_a_character_is_known() -> None:
    assert [name for name in ("a", "G", "question_mark", "slash", "f1", "ctrl+a", "shift+g", "up") if types(name)] == [
        "a",
        "G",
        "question_mark",
        "slash",
    ]
