"""The file of profiles: what it says, what is wrong with it, and single changes to it."""

import contextlib
import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smtptui.config import ChangedMeanwhile, WriteError
from smtptui.profiles import (
    EditByHand,
    Limits,
    NameTaken,
    Profile,
    ProfilesError,
    ProfileStore,
    UnknownProfile,
    UnreadableProfiles,
)

Open = Callable[[str], ProfileStore]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Makes a file of a text, and its store, loaded as far as that goes."""

    def make(text: str) -> ProfileStore:
        path = tmp_path / "profiles.yaml"
        path.write_bytes(textwrap.dedent(text).encode())
        store = ProfileStore(path)
        with contextlib.suppress(ProfilesError):
            store.load()
        return store

    return make


def text_of(store: ProfileStore) -> str:
    return store.path.read_bytes().decode()


def change(store: ProfileStore, which: str, /, **fields: Any) -> None:
    store.replace(which, Profile.model_validate({**dict(store.profile(which)), **fields}))


TWO = """\
    # top
    profiles:   # all
      # the office
      office:
        host: mail.example.org   # the host
        port: 587
        # who
        user: 'me@example.org'
        note: |  # why
          hello
          world

        limits:
          per_minute: 30
      # home
      home: {host: a, port: 25,  user: "b"}   # flow
    """
NEW = Profile(name="new", host="x")


def test_a_missing_file_has_no_profiles_and_is_made_by_the_first(tmp_path: Path) -> None:
    store = ProfileStore(tmp_path / "smtptui" / "profiles.yaml")
    assert store.load() == ()
    assert not store.exists
    store.add(NEW)
    assert text_of(store) == "profiles:\n  new:\n    host: x\n"
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert store.path.parent.stat().st_mode & 0o777 == 0o700
    assert ProfileStore(store.path).load() == (NEW,)


def test_all_faults_at_once_and_the_good_profiles_beside(tmp_path: Path) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text(
        "profile: x\n"
        "profiles:\n"
        "  good:\n    host: a\n"
        "  bad:\n    host: b\n    port: 66000\n    passwort: hunter2\n"
        "  good:\n    host: c\n"
        "  worse: hunter2\n"
        "  empty:\n"
        "  both: {host: a, socket: /b, secret: ask, password_env: PW}\n"
        "x-mine: {anything: [goes]}\n"
    )
    store = ProfileStore(path)
    with pytest.raises(ProfilesError) as caught:
        store.load()
    said = [(fault.line, fault.profile, fault.field) for fault in caught.value.faults]
    assert said == [
        (1, "", "profile"),
        (7, "bad", "port"),
        (8, "bad", "passwort"),
        (9, "", "profiles.good"),
        (11, "worse", ""),
        (12, "empty", "host"),
        (13, "both", "socket"),
        (13, "both", "password_env"),
    ]
    assert f"{path} line 7: bad: port: 66000 is not allowed; allowed: a whole number from 1 to 65535." in str(
        caught.value
    )
    assert "hunter2" not in str(caught.value)
    assert [profile.name for profile in store.readable] == ["good"]
    assert store.names == ("good", "bad", "worse", "empty", "both")
    with pytest.raises(ProfilesError) as mine:
        store.profile("bad")
    assert [fault.line for fault in mine.value.faults] == [7, 8]
    with pytest.raises(UnknownProfile, match="no profile 'bat'"):
        store.profile("bat")


def test_a_file_that_is_no_yaml_or_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text("profiles:\n  a:\n   host: 'b\n")
    store = ProfileStore(path)
    with pytest.raises(ProfilesError, match="line 4: the quote that was opened is not closed"):
        store.load()
    with pytest.raises(ProfilesError):
        store.add(NEW)
    with pytest.raises(ProfilesError):
        store.profile("a")
    assert path.read_text() == "profiles:\n  a:\n   host: 'b\n"
    with pytest.raises(UnreadableProfiles, match="cannot be read: Is a directory"):
        ProfileStore(tmp_path).load()


def test_nothing_of_a_file_acts_on_a_terminal(opened: Open) -> None:
    store = opened('"\\e[31mx": 1\nprofiles:\n  "\\e[32my":\n    "\\e[33mz": 1\n    host: "\\e[34m"\n')
    with pytest.raises(ProfilesError) as caught:
        store.load()
    assert len(caught.value.sentences) == 4
    assert all(sentence.isprintable() for sentence in caught.value.sentences)
    assert "\\x1b[32my: \\x1b[33mz: there is no such field" in str(caught.value)


@pytest.mark.parametrize("text", ["- a\n", "profiles: [a]\n", "profiles: text\n", "text\n"])
def test_another_kind_of_file(text: str, opened: Open) -> None:
    store = opened(text)
    with pytest.raises(ProfilesError, match="line 1"):
        store.load()
    with pytest.raises(EditByHand, match=r"line 1 has to be edited by hand.*Nothing was written"):
        store.add(NEW)
    assert text_of(store) == text


def test_values_change_in_their_place(opened: Open) -> None:
    store = opened(TWO)
    change(store, "office", port=25, user="it's", note="single", limits=Limits(per_minute=31))
    changed = textwrap.dedent(TWO).replace("587", "25").replace("'me@example.org'", "'it''s'").replace("30", "31")
    assert text_of(store) == changed.replace("note: |  # why\n      hello\n      world\n", "note: single  # why\n")
    change(store, "home", port=26, user="c")
    assert '  home: {host: a, port: 26,  user: "c"}   # flow\n' in text_of(store)


def test_a_spelling_that_means_the_same_stays(opened: Open) -> None:
    fields = "    host: b\n    verify: YES\n    port: '0587'\n    timeout: 1e1\n"
    store = opened(f"profiles:\n  a:\n{fields}    auth: Login\n    user: u\n")
    change(store, "a", note="x")
    assert text_of(store) == f"profiles:\n  a:\n{fields}    note: x\n    auth: Login\n    user: u\n"


def test_lines_of_a_note(opened: Open) -> None:
    store = opened(TWO)
    change(store, "office", note="a\nb\n\nc")
    assert "    note: |-  # why\n      a\n      b\n\n      c\n\n    limits:\n" in text_of(store)
    change(store, "home", note="a\nb")
    assert 'user: "b", note: "a\\nb"}   # flow\n' in text_of(store)
    change(store, "office", note="")
    assert "note: |" not in text_of(store)
    assert "'me@example.org'\n\n    limits:\n" in text_of(store)


def test_fields_come_in_the_order_of_the_model_and_go_with_their_line(opened: Open) -> None:
    store = opened(TWO)
    change(store, "office", tls="starttls", color="blue", limits=Limits(per_minute=30, per_day=9))
    assert "    port: 587\n    tls: starttls\n    # who\n" in text_of(store)
    assert "      per_minute: 30\n      per_day: 9\n" in text_of(store)
    assert "      world\n    color: blue\n\n" in text_of(store)
    change(store, "office", tls=None, color="none", limits=Limits(per_minute=30))
    assert text_of(store) == textwrap.dedent(TWO)
    change(store, "office", limits=Limits())
    assert "limits" not in text_of(store)
    assert "world\n\n  # home\n" in text_of(store)


def test_a_host_gives_way_to_a_socket(opened: Open) -> None:
    store = opened("profiles:\n  a:\n    # where\n    host: b  # here\n")
    change(store, "a", host="", socket="/run/lmtp")
    assert text_of(store) == "profiles:\n  a:\n    # where\n    socket: /run/lmtp\n"
    change(store, "a", host="b", socket=None)
    assert text_of(store) == "profiles:\n  a:\n    host: b\n    # where\n"


def test_braces(opened: Open) -> None:
    store = opened("profiles: {a: {host: b, port: 25, user: c}}\n")
    change(store, "a", port=None, limits=Limits(per_day=1), ehlo="x, y".replace(", ", "-"))
    assert text_of(store) == "profiles: {a: {host: b, user: c, ehlo: x-y, limits: {per_day: 1}}}\n"
    change(store, "a", limits=Limits(), ehlo=None, user="{c}")
    assert text_of(store) == 'profiles: {a: {host: b, user: "{c}"}}\n'
    store.add(NEW)
    store.remove("a")
    assert text_of(store) == "profiles: {new: {host: x}}\n"
    store.remove("new")
    assert text_of(store) == "profiles: {}\n"


def test_json_stays_json(opened: Open) -> None:
    import json

    store = opened('{"profiles": {"a": {"host": "x", "port": 25}}}')
    store.add(Profile(name="new", host="y", verify=False, note="n", limits=Limits(per_day=1)))
    change(store, "a", port=26, user="u")
    assert json.loads(text_of(store)) == {
        "profiles": {
            "a": {"host": "x", "port": 26, "user": "u"},
            "new": {"host": "y", "verify": False, "note": "n", "limits": {"per_day": 1}},
        }
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "profiles:\n  new:\n    host: x\n"),
        ("# only\n", "# only\nprofiles:\n  new:\n    host: x\n"),
        ("# only", "# only\nprofiles:\n  new:\n    host: x\n"),
        ("---\n", "---\nprofiles:\n  new:\n    host: x\n"),
        ("profiles:", "profiles:\n  new:\n    host: x\n"),
        ("profiles: # none yet\n# end\n", "profiles: # none yet\n  new:\n    host: x\n# end\n"),
        ("profiles: {}\n", "profiles:\n  new:\n    host: x\n"),
        ("profiles: {}  # none\n", "profiles:   # none\n  new:\n    host: x\n"),
        ("profiles: ~\n", "profiles: {new: {host: x}}\n"),
        ("{}", "{profiles: {new: {host: x}}}"),
        ("x-a: 1\n", "x-a: 1\nprofiles:\n  new:\n    host: x\n"),
        (
            "profiles:\r\n    a:\r\n        host: b",
            "profiles:\r\n    a:\r\n        host: b\r\n    new:\r\n        host: x\r\n",
        ),
        ("profiles:\n a:\n  host: b\n\n# end\n", "profiles:\n a:\n  host: b\n new:\n  host: x\n\n# end\n"),
        (
            "profiles:\n  a:\n    host: b\n\n  b:\n    host: c\n# end\n",
            "profiles:\n  a:\n    host: b\n\n  b:\n    host: c\n\n  new:\n    host: x\n# end\n",
        ),
        ("\ufeffprofiles:\n  a:\n    host: b\n", "\ufeffprofiles:\n  a:\n    host: b\n  new:\n    host: x\n"),
        (
            "profiles:\n  a:\n    host: b\n    note: |+\n      x\n\n\n",
            "profiles:\n  a:\n    host: b\n    note: |+\n      x\n\n\n  new:\n    host: x\n",
        ),
    ],
)
def test_a_profile_is_added_to_any_file(before: str, after: str, opened: Open) -> None:
    store = opened("x")
    store.path.write_bytes(before.encode())
    store.load()
    old = store.readable
    store.add(NEW)
    assert text_of(store) == after
    assert ProfileStore(store.path).load() == (*old, NEW) == store.readable


def test_profiles_are_copied_renamed_and_removed(opened: Open) -> None:
    store = opened("profiles:\n  # one\n  a: # trailing\n    host: b\n\n  # two\n  c:\n    host: d\n")
    store.copy("a", "a: 2")
    assert text_of(store) == (
        'profiles:\n  # one\n  a: # trailing\n    host: b\n  "a: 2":\n    host: b\n\n  # two\n  c:\n    host: d\n'
    )
    store.replace("a: 2", Profile(name="A", host="b", port=26))
    assert '    host: b\n  "A":\n    host: b\n    port: 26\n\n' in text_of(store)
    store.remove("a")
    assert text_of(store).startswith('profiles:\n  # one\n  "A":\n')
    store.remove("A")
    store.remove("c")
    assert text_of(store) == "profiles:\n  # one\n\n  # two\n"
    assert store.load() == ()


def test_what_was_added_apart_goes_with_its_empty_line(opened: Open) -> None:
    text = "profiles:\n  a:\n    host: b\n\n  c:\n    host: d\n"
    store = opened(text)
    store.add(NEW)
    store.remove("new")
    assert text_of(store) == text


def test_names_are_taken_once(opened: Open) -> None:
    store = opened(TWO)
    with pytest.raises(NameTaken, match="a profile 'home' already"):
        store.add(Profile(name="home", host="x"))
    with pytest.raises(NameTaken):
        store.copy("office", "home")
    with pytest.raises(NameTaken):
        change(store, "office", name="home")
    for act in (store.remove, store.source, store.line, store.profile):
        with pytest.raises(UnknownProfile, match="Did you mean office"):
            act("ofice")
    assert text_of(store) == textwrap.dedent(TWO)


def test_where_a_profile_stands(opened: Open) -> None:
    store = opened(TWO)
    assert (store.line("office"), store.line("home")) == (4, 16)
    assert store.source("home") == '  home: {host: a, port: 25,  user: "b"}   # flow\n'
    assert store.source("office").startswith("  office:\n    host: mail.example.org   # the host\n")
    assert store.source("office").endswith("      per_minute: 30\n")


MERGED = """\
    x-a: &a {port: 25, user: ann}
    profiles:
      o:
        <<: *a
        host: b
      p: &p
        host: x
      q:
        <<: *p
        port: 26
      r: *p
    """


def test_merged_fields_are_overridden_where_they_are_used(opened: Open) -> None:
    store = opened(MERGED)
    assert store.profile("o").user == "ann"
    change(store, "o", port=26)
    assert "    host: b\n    port: 26\n  p: &p\n" in text_of(store)
    change(store, "o", port=None, user="")
    assert "    host: b\n    port: null\n    user: null\n  p: &p\n" in text_of(store)
    change(store, "o", port=25)
    assert "    port: null\n" not in text_of(store)
    assert store.profile("o").port == 25


@pytest.mark.parametrize(
    ("act", "line"),
    [
        (lambda store: change(store, "p", port=27), 6),
        (lambda store: store.remove("p"), 6),
        (lambda store: change(store, "r", port=27), 11),
    ],
)
def test_what_others_share_is_left_to_a_person(act: Callable[[ProfileStore], None], line: int, opened: Open) -> None:
    store = opened(MERGED)
    with pytest.raises(
        EditByHand, match=rf"profiles\.yaml line {line} has to be edited by hand: .*Nothing was written"
    ):
        act(store)
    assert text_of(store) == textwrap.dedent(MERGED)


def test_a_broken_neighbour_does_not_hinder_and_stays_as_it_is(opened: Open) -> None:
    broken = "  bad:\n    host: b\n    prot: 25\n"
    store = opened(f"profiles:\n  a:\n    host: a\n{broken}")
    change(store, "a", port=26)
    store.add(NEW)
    assert text_of(store) == f"profiles:\n  a:\n    host: a\n    port: 26\n{broken}  new:\n    host: x\n"
    assert [profile.name for profile in store.readable] == ["a", "new"]
    with pytest.raises(ProfilesError, match="prot"):
        store.profile("bad")


def test_a_broken_profile_can_be_mended_unless_something_of_the_users_would_be_lost(opened: Open) -> None:
    store = opened("profiles:\n  a:\n    host: a # c\n    port: 66000\n    note: x\n")
    store.replace("a", Profile(name="a", host="a", port=25, note="x"))
    assert text_of(store) == "profiles:\n  a:\n    host: a # c\n    port: 25\n    note: x\n"
    store = opened("profiles:\n  a:\n    host: a\n    prot: 25\n")
    with pytest.raises(EditByHand, match=r"line 4 .*prot: there is no such field"):
        store.replace("a", Profile(name="a", host="b"))


def test_comments_that_are_indented_further_belong_above(opened: Open) -> None:
    store = opened("profiles:\n  a:\n    limits:\n      per_day: 3\n      # a day\n    host: b\n    # of a\n# end\n")
    change(store, "a", note="x\ny", limits=Limits(per_day=3, per_minute=1))
    store.add(NEW)
    assert text_of(store) == (
        "profiles:\n  a:\n    limits:\n      per_minute: 1\n      per_day: 3\n      # a day\n"
        "    note: |-\n      x\n      y\n    host: b\n    # of a\n  new:\n    host: x\n# end\n"
    )
    # A block would take this comment for its text.
    store = opened("profiles:\n  a:\n    host: b\n    note: c\n\n        # far out\n")
    change(store, "a", note="x\ny")
    assert text_of(store) == 'profiles:\n  a:\n    host: b\n    note: "x\\ny"\n\n        # far out\n'


def test_the_line_to_edit_by_hand_is_that_of_the_file_as_it_is(opened: Open) -> None:
    store = opened("profiles:\n  a:\n    host: b\n    note:\n      - c\n")
    with pytest.raises(
        EditByHand, match="line 4 has to be edited by hand: several lines stand where one value belongs"
    ):
        store.replace("a", Profile(name="a", host="b", port=26, tls="none", user="u", note="x"))
    store = opened("profiles:\n  a:\n    host: b\n    prot: 1\n")
    with pytest.raises(EditByHand, match="line 4 has to be edited by hand: prot: there is no such field"):
        store.replace("a", Profile(name="a", host="b", port=26))


def test_nothing_is_written_where_nothing_changes(opened: Open) -> None:
    store = opened(TWO)
    before = store.path.stat()
    change(store, "office")
    assert store.path.stat().st_ino == before.st_ino
    assert store.path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_file_that_cannot_be_read_has_not_changed_until_it_can(tmp_path: Path) -> None:
    path = tmp_path / "profiles.yaml"
    path.mkdir()
    store = ProfileStore(path)
    with pytest.raises(UnreadableProfiles):
        store.load()
    assert not store.changed()
    path.rmdir()
    assert store.changed()
    path.write_text(TWO)
    assert store.changed()
    store.load()
    assert not store.changed()


def test_a_file_changed_meanwhile_is_never_overwritten(opened: Open) -> None:
    store = opened(TWO)
    assert not store.changed()
    theirs = text_of(store).replace("587", "465")
    times = store.path.stat()
    store.path.write_text(theirs)
    os.utime(store.path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert store.changed()
    acts: list[Callable[[], object]] = [
        lambda: store.add(NEW),
        lambda: store.remove("home"),
        lambda: store.copy("home", "other"),
        lambda: change(store, "home", port=27),
    ]
    for act in acts:
        with pytest.raises(ChangedMeanwhile, match="changed by another program"):
            act()
    assert text_of(store) == theirs
    store.load()
    store.remove("home")
    assert store.profile("office").port == 465


def test_a_file_that_cannot_be_written(opened: Open) -> None:
    store = opened(TWO)
    store.path = store.path / "below"
    with pytest.raises((WriteError, ChangedMeanwhile)):
        store.add(NEW)
