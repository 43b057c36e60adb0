"""``profiles.example.yaml`` is a valid file that shows every field, with what can be said about it."""

import shutil
from pathlib import Path

import yaml

from smtptui.profiles import LIMIT_FIELDS, PROFILE_FIELDS, Color, Profile, ProfileStore
from smtptui.protocol import TlsMode

EXAMPLE = Path(__file__).parents[2] / "profiles.example.yaml"


def test_it_loads_and_shows_every_field() -> None:
    store = ProfileStore(EXAMPLE)
    profiles = store.load()
    assert len(profiles) >= 8
    # Read by another program, too: what it says is not to depend on this one.
    document = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["profiles"]
    shown = {field for profile in document.values() for field in profile}
    assert shown == set(PROFILE_FIELDS)
    assert {limit for profile in document.values() for limit in profile.get("limits", {})} == set(LIMIT_FIELDS)
    assert [profile.name for profile in profiles] == list(document)


def test_every_choice_is_named_where_it_can_be_made() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()

    def said(field: str) -> str:
        return "\n".join(line for line in lines if line.strip().startswith(f"{field}: "))

    assert all(mode.value in said("tls") for mode in TlsMode)
    assert all(color.value in said("color") for color in Color)
    assert max(map(len, lines)) <= 120


def test_what_several_share_is_taken_over() -> None:
    store = ProfileStore(EXAMPLE)
    store.load()
    office = store.profile("office-test")
    assert (office.port, office.tls, office.host) == (587, TlsMode.STARTTLS, "test.office.example")


def test_every_profile_of_it_can_be_changed_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "profiles.yaml"
    shutil.copy(EXAMPLE, path)
    store = ProfileStore(path)
    comments = EXAMPLE.read_text(encoding="utf-8").count("#")
    for profile in store.load():
        store.replace(profile.name, Profile.model_validate({**dict(profile), "note": "changed", "color": "grey"}))
    # The fields whose line was taken by another value keep their comment, too.
    assert path.read_text(encoding="utf-8").count("#") == comments
    for profile in store.readable:
        store.remove(profile.name)
    assert store.load() == ()
    assert "# No secret is ever kept here" in path.read_text(encoding="utf-8")
