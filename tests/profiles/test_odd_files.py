"""Corners of YAML that few people write: a change means what was wanted, or is refused and nothing is written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from smtptui.profiles import EditByHand, Limits, Profile, ProfilesError, ProfileStore

FULL = Profile(
    name="full",
    host="h.example",
    port=26,
    user="u: v",
    note="one\ntwo\n",
    limits=Limits(per_day=9, connections=2),
    tls_min="1.3",
    command_timeout=5,
)
BARE = Profile(name="bare", host="b2")
ODD = [
    "? profiles\n: a:\n    host: b\n",
    "profiles:\n  ? a\n  : host: b\n",
    "profiles:\n  a:\n    ? host\n    : b\n    ? port\n    : 25\n",
    "profiles:\n  a: &x\n    host: b\n    limits: &l {per_day: 3}\n  c:\n    host: d\n    limits: *l\n",
    "profiles: &all\n  a: {host: b}\nx-copy: *all\n",
    "profiles:\n  a:\n    host:\n      b\n    port:\n\n      25\n",
    "profiles:\n  a:\n    host: >-\n      b\n    note: |2\n       indented\n      x\n   \n    port: 25\n",
    "profiles:\n  a:\n    note: |+\n      x\n\n    # c\n    host: b\n",
    'profiles:\n  a:\n    note: "x\n\n      y"   # c\n    host: b\n',
    "profiles:\n  a:\n    note: x\n      y\n      z   # c\n    host: b\n",
    "profiles: {a: {host: b, limits: {per_day: 3, }, }, # c\n  d: {\n  host: e # d\n  , port: 3\n  }\n}\n",
    'profiles: {"a":{"host":"b","port":25}}',
    "{profiles: {a: {host: b}, ? c : {host: d}}}\n",
    "--- # start\nprofiles:\n  a:\n    host: b\n... # end\n",
    "%YAML 1.1\n---\nprofiles:\n  a: {host: b}\n",
    "profiles:\n  a: {host: b, note: }\n  c: {host: d, port}\n",
    "profiles:\n  a:\n    host: b\n    limits:\n    # nothing yet\n  c:\n    host: d\n    limits: ~\n",
    "profiles:\n    a:\n     host: b\n     limits:\n          per_day: 3\n          # c\n          per_minute: 4\n",
    "x-a: &a\n  limits: {per_day: 3}\n  user: u\nprofiles:\n  a:\n    <<: *a\n    host: b\n  c: {<<: *a, host: d}\n",
    "x-l: &l {per_day: 3, per_minute: 1}\nprofiles:\n  a:\n    host: b\n    limits:\n      <<: *l\n      per_day: 4\n",
    "profiles:\r  a:\r    host: b # c\r    port: 25\r",
    "profiles:\n  a:\n    host: b\u2028    port: 25\n",
    "profiles:\n  a:\n    host: b # x\x85    port: 25\n",
    "\ufeffprofiles: {a: {host: b}}\n",
    "profiles:\n  a:\n    host: b\n    port: 25     ",
    "profiles:\n  a:\n  b: {host: c}\n",
    "profiles:\n  a: text\n  b: {host: c}\n",
    "profiles:\n  a:\n    host: b\n    note: [x, y]\n  b:\n    host: c\n    note:\n      - x\n      - y\n",
]


def named(profile: Profile, name: str) -> Profile:
    return profile.model_copy(update={"name": name})


@pytest.mark.parametrize("text", ODD)
def test_a_change_means_what_was_wanted_or_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "profiles.yaml"

    def fresh() -> ProfileStore:
        path.write_bytes(text.encode())
        return loaded(path)

    names = fresh().names
    acts: list[tuple[Callable[[ProfileStore], object], str | None, Profile | None]] = [
        (lambda store: store.add(FULL), None, FULL),
    ]
    for name in names:
        for wanted in (named(FULL, name), named(BARE, name), named(FULL, "other")):
            acts.append((lambda store, name=name, wanted=wanted: store.replace(name, wanted), name, wanted))  # type: ignore[misc]
        acts.append((lambda store, name=name: store.remove(name), name, None))  # type: ignore[misc]
    refused = 0
    for act, gone, come in acts:
        store = fresh()
        before = {profile.name: profile for profile in store.readable}
        try:
            act(store)
        except (EditByHand, ProfilesError) as error:
            refused += 1
            said = str(error)
        else:
            said = ""
        if said:
            assert " line " in said
            assert path.read_bytes() == text.encode()
            continue
        if gone is not None:
            before.pop(gone, None)
        expected = before | ({come.name: come} if come is not None else {})
        assert {profile.name: profile for profile in loaded(path).readable} == expected
    # Where all of it is shared there is nothing that could be changed alone.
    assert refused < len(acts) or "*all" in text


def loaded(path: Path) -> ProfileStore:
    store = ProfileStore(path)
    try:
        store.load()
    except ProfilesError:
        assert store.whole
    return store
