"""A profile as a form holds it, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.profiles import Limits, Profile
from smtptui.protocol import MECHANISM_NAMES, TlsMode
from smtptui.tui.connect.profile_editor import flat, nested
from smtptui.tui.connect.profile_fields import SECTIONS
from smtptui.tui.connect.values import ProfileFault, merged, profile_of, suggested, values_of

PROFILES = st.builds(
    Profile,
    name=st.sampled_from(["a", "office relay", "[x]"]),
    host=st.sampled_from(["mail.example.org", "192.0.2.1", "::1"]),
    port=st.none() | st.integers(1, 65535) | st.sampled_from([25, 465, 587]),
    tls=st.none() | st.sampled_from(TlsMode),
    verify=st.booleans(),
    auth=st.sampled_from(["auto", "off", *MECHANISM_NAMES]),
    user=st.sampled_from(["me", "me@example.org"]),
    timeout=st.none() | st.floats(0.5, 3600),
    limits=st.builds(Limits, per_minute=st.none() | st.integers(1, 1000)),
    note=st.sampled_from(["", "two\nlines", "# no comment"]),
)


@given(PROFILES)
def test_values_bring_a_profile_back(profile: Profile) -> None:
    assert profile_of(values_of(profile), profile.name) == profile
    assert (
        profile_of(nested({key: text for key, text in flat(values_of(profile)).items() if text}), profile.name)
        == profile
    )


@given(PROFILES)
def test_what_the_rows_spell_out_is_no_change(profile: Profile) -> None:
    """The rows always name a port; TLS they name only where it is not what the port stands for."""
    connection = profile.connection()
    shown = {**values_of(profile), "port": str(connection.port)}
    shown.pop("tls", None)
    if connection.tls_mode is not suggested(shown):
        shown["tls"] = connection.tls_mode.value
    assert merged(profile, shown) == values_of(profile)


@given(PROFILES, st.sampled_from([25, 465, 587, 2526]), st.sampled_from(TlsMode))
def test_a_change_in_the_rows_means_what_they_say(profile: Profile, port: int, mode: TlsMode) -> None:
    shown = {**values_of(profile), "port": str(port), "tls": mode.value}
    changed = profile_of(merged(profile, shown), profile.name).connection()
    assert (changed.port, changed.tls_mode) == (port, mode)


def test_every_field_of_a_profile_is_in_the_editor_once() -> None:
    keys = [field.key for _, fields in SECTIONS for field in fields]
    limits = {f"limits.{name}" for name in Limits.model_fields}
    names = {info.alias or name for name, info in Profile.model_fields.items()} - {"limits"}
    assert sorted(keys) == sorted(names | limits)
    assert all(field.description for _, fields in SECTIONS for field in fields)


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"host": "h", "port": "66000"}, "port", "a whole number from 1 to 65535"),
        ({"host": "h", "port": "many"}, "port", "a whole number from 1 to 65535"),
        ({"host": "h", "limits": {"per_day": "0"}}, "limits.per_day", "a whole number from 1"),
        ({"host": "h", "tls_min": "2.0"}, "tls_min", "1.2, 1.3"),
        ({"host": "h", "auth": "PLAIN"}, "user", "PLAIN"),
        ({"host": "h", "socket": "/s"}, "socket", "not both"),
        ({}, "host", "name the server"),
        ({"host": "h", "client_key": "k.pem"}, "client_key", "certificate"),
        ({"host": "h", "fingerprint": "12"}, "fingerprint", "64 hexadecimal digits"),
        ({"host": "h", "from": "@"}, "from", "a mailbox"),
        ({"host": "h", "timeout": "0"}, "timeout", "above 0"),
        ({"host": "h", "ehlo": "two words"}, "ehlo", "spaces"),
        ({"host": "h", "color": "red"}, "color", "blue"),
    ],
)
def test_each_fault_stands_at_its_field_and_says_what_is_allowed(
    values: dict[str, object], field: str, says: str
) -> None:
    with pytest.raises(ProfileFault) as caught:
        profile_of(values)
    assert says in caught.value.faults[field]


def test_all_faults_come_at_once() -> None:
    with pytest.raises(ProfileFault) as caught:
        profile_of({"host": "h", "port": "0", "tls_min": "9", "timeout": "never"})
    assert set(caught.value.faults) == {"port", "tls_min", "timeout"}
