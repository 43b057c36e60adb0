"""A change to any field of any profile touches no other octet, however the file is laid out."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from smtptui.profiles import LIMIT_FIELDS, PROFILE_FIELDS, Profile, ProfileStore
from tests.profiles.laid_out import LIMITS, TRAILING, VALUES, Entry, File, files

OFTEN = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SEPARATORS = ", \t\r\n"


class Shelf:
    """A file on disk, and its store loaded from it."""

    def __init__(self, directory: str, text: str) -> None:
        self.path = Path(directory) / "profiles.yaml"
        self.path.write_bytes(text.encode())
        self.store = ProfileStore(self.path)
        self.store.load()

    @property
    def text(self) -> str:
        return self.path.read_bytes().decode()

    def reread(self, name: str) -> Profile:
        store = ProfileStore(self.path)
        store.load()
        return store.profile(name)


def meant(entry: Entry, **changes: str | None) -> Profile:
    """The profile an entry stands for; None leaves a field out."""
    profile = possible(entry, **changes)
    assert profile is not None
    return profile


def possible(entry: Entry, **changes: str | None) -> Profile | None:
    """The same; None where the changes do not go with the rest."""
    fields: dict[str, Any] = {each.name: each.text for each in entry.fields} | changes
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return Profile.model_validate({"name": entry.name, **given})
    except ValidationError:
        return None


def default_of(field: str) -> object:
    return getattr(Profile(name="x", host="x"), "from_address" if field == "from" else field)


def value_of(profile: Profile, field: str) -> object:
    return getattr(profile, "from_address" if field == "from" else field)


def insertions(old: str, new: str) -> list[tuple[int, str]]:
    """Where ``new`` has something that ``old`` has not, and what; all else is the same.

    Several places do where the inserted text begins as the text behind it does.
    """
    size = len(new) - len(old)
    assert size > 0
    start = next((index for index, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    places = range(start, -1, -1)
    found = [(place, new[place : place + size]) for place in places if new[:place] + new[place + size :] == old]
    assert found, f"more than an insertion: {old!r} became {new!r}"
    return found


@given(files())
@OFTEN
def test_a_file_says_the_same_in_every_layout(file: File) -> None:
    with tempfile.TemporaryDirectory() as directory:
        assert Shelf(directory, file.text).store.readable == tuple(meant(entry) for entry in file.entries)


@given(files(), st.data())
@OFTEN
def test_a_value_is_changed_in_its_place(file: File, data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(file.entries))
    name = data.draw(st.sampled_from([each.name for each in entry.fields]))
    value = data.draw(st.sampled_from(VALUES[name]))
    wanted = possible(entry, **{name: value})
    assume(wanted is not None and wanted != meant(entry) and value_of(wanted, name) != default_of(name))
    assert wanted is not None
    with tempfile.TemporaryDirectory() as directory:
        shelf = Shelf(directory, file.text)
        shelf.store.replace(entry.name, wanted)
        before, after = file.around_value(entry, name)
        assert shelf.text.startswith(before)
        assert shelf.text.endswith(after)
        assert shelf.reread(entry.name) == wanted
        assert shelf.store.readable == ProfileStore(shelf.path).load()


@given(files(), st.data())
@OFTEN
def test_a_field_is_removed_with_its_line(file: File, data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(file.entries))
    name = data.draw(st.sampled_from([each.name for each in entry.fields]))
    wanted = possible(entry, **{name: None})
    assume(wanted is not None and wanted != meant(entry))
    assert wanted is not None
    with tempfile.TemporaryDirectory() as directory:
        shelf = Shelf(directory, file.text)
        shelf.store.replace(entry.name, wanted)
        before, after = file.around_field(entry, name)
        if entry.flow:
            # Which comma and which space goes is a matter of taste; nothing else may.
            assert shelf.text.startswith(start := before.rstrip(SEPARATORS))
            assert shelf.text.endswith(end := after.lstrip(SEPARATORS))
            assert not shelf.text[len(start) : len(shelf.text) - len(end)].strip(SEPARATORS)
        else:
            assert shelf.text == before + after
        assert shelf.reread(entry.name) == wanted


@given(files(), st.data())
@OFTEN
def test_a_field_is_added_among_its_neighbours(file: File, data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(file.entries))
    name = data.draw(st.sampled_from(sorted(set(VALUES) - {each.name for each in entry.fields})))
    wanted = possible(entry, **{name: data.draw(st.sampled_from(VALUES[name]))})
    assume(wanted is not None and value_of(wanted, name) != default_of(name))
    assert wanted is not None
    with tempfile.TemporaryDirectory() as directory:
        shelf = Shelf(directory, file.text)
        shelf.store.replace(entry.name, wanted)
        start = file.text.index(file.entry_text(entry))
        end = start + len(file.entry_text(entry))
        assert any(start < place <= end and name in new for place, new in insertions(file.text, shelf.text))
        assert shelf.reread(entry.name) == wanted


@given(files(), st.data())
@OFTEN
def test_a_profile_is_removed_and_nothing_around_it(file: File, data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(file.entries))
    with tempfile.TemporaryDirectory() as directory:
        shelf = Shelf(directory, file.text)
        shelf.store.remove(entry.name)
        # Comments above it stay: nobody can tell whose they are.
        start = file.text.index(file.entry_text(entry)) + len(entry.lead)
        end = file.text.index(file.entry_text(entry)) + len(file.entry_text(entry))
        empty = len(entry.lead) - len(entry.lead.rstrip())
        places = insertions(shelf.text, file.text)
        assert any(start - empty <= place and place + len(gone) <= end for place, gone in places)
        others = tuple(meant(each) for each in file.entries if each is not entry)
        assert ProfileStore(shelf.path).load() == others


@given(files(), st.sampled_from(["new", "null", "a: b", '"', "~", "1"]))
@OFTEN
def test_a_profile_is_added_renamed_and_copied(file: File, name: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        shelf = Shelf(directory, file.text)
        first = shelf.store.readable[0]
        new = Profile.model_validate({**dict(first), "name": name})
        shelf.store.add(new)
        added = shelf.text
        insertions(file.text, added)
        assert [each.name for each in ProfileStore(shelf.path).load()] == [*(e.name for e in file.entries), name]
        shelf.store.copy(first.name, "copy")
        insertions(added, shelf.text)
        assert [each.name for each in ProfileStore(shelf.path).load()][:2] == [first.name, "copy"]
        before = shelf.text
        shelf.store.replace("copy", shelf.store.profile("copy").model_copy(update={"name": "other"}))
        assert shelf.text == before.replace("copy:", "other:")


@st.composite
def limits(draw: st.DrawFn) -> tuple[str, dict[str, str], dict[str, tuple[int, int, int, int]], str]:
    """A file whose one profile has limits; for each where its line and its value begin and end."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    names = draw(st.lists(st.sampled_from(sorted(LIMITS)), min_size=1, unique=True))
    chosen = {name: draw(st.sampled_from(LIMITS[name])) for name in names}
    trailing, comments = (
        st.sampled_from(TRAILING),
        st.sampled_from(["", f"  # c{newline}", f"{newline}", f"#{newline}"]),
    )
    flow = draw(st.booleans())
    text = f"profiles:{newline}  office:{newline}    host: x{newline}    limits:" + (" {" if flow else draw(trailing))
    text += "" if flow else newline
    places = {}
    for name, value in chosen.items():
        text += "" if flow else draw(comments)
        line = len(text)
        text += f"{'' if flow else '        '}{name}: "
        start = len(text)
        text += draw(st.sampled_from(["{}", "'{}'", '"{}"'])).format(value)
        end = len(text)
        text += (", " if name != names[-1] else "") if flow else draw(trailing) + newline
        places[name] = (line, start, end, len(text))
    text += "}" + draw(trailing) + newline if flow else ""
    return text, chosen, places, "flow" if flow else "block"


@given(limits(), st.data())
@OFTEN
def test_a_limit_is_changed_removed_and_added_among_the_others(
    file: tuple[str, dict[str, str], dict[str, tuple[int, int, int, int]], str], data: st.DataObject
) -> None:
    text, chosen, places, layout = file
    text += data.draw(st.sampled_from(["", "  # end\n", "    note: after\n"]))
    note = "after" if text.endswith("after\n") else ""
    name = data.draw(st.sampled_from(sorted(LIMITS)))
    value = data.draw(st.sampled_from([None, *LIMITS[name]]))
    wanted = {key: each for key, each in {**chosen, name: value}.items() if each is not None}
    profile = Profile.model_validate({"name": "office", "host": "x", "limits": wanted, "note": note})
    with tempfile.TemporaryDirectory() as directory:
        shelf = Shelf(directory, text)
        assume(shelf.store.readable[0] != profile)
        shelf.store.replace("office", profile)
        assert shelf.reread("office") == profile
        if name in chosen and value is not None:
            _, start, end, _ = places[name]
            assert shelf.text.startswith(text[:start])
            assert shelf.text.endswith(text[end:])
        elif name in chosen:
            line, _, _, end = places[name]
            pieces = [gone for _, gone in insertions(shelf.text, text)]
            assert layout == "flow" or not wanted or text[line:end] in pieces
            assert wanted or any("limits" in gone for gone in pieces)
        else:
            assert any(name in new for _, new in insertions(text, shelf.text))


def test_every_field_of_the_model_is_laid_out() -> None:
    assert set(PROFILE_FIELDS) == {*VALUES, "limits"}
    assert set(LIMIT_FIELDS) == set(LIMITS)
