"""Presets hold together, make valid profiles, and claim no fact without a source."""

import re
from itertools import groupby
from pathlib import Path

import pytest

import smtptui
from smtptui.profiles import Preset, PresetKind, UserForm, Way, find_preset, load_presets, preset_for_address
from smtptui.protocol import TlsMode

PRESETS = load_presets()
HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

every = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)


def filled(preset: Preset) -> dict[str, str]:
    """Values for what a preset wants filled in."""
    return {one.name: one.default or "smtp.example.org" for one in preset.parameters}


def wanted(name: str) -> Preset:
    """The preset that has to be there."""
    preset = find_preset(name)
    assert preset is not None
    return preset


@every
def test_every_way_makes_a_valid_profile(preset: Preset) -> None:
    for way in preset.ways:
        profile = preset.profile(address="Me <me@example.org>", user="", way=way, parameters=filled(preset))
        connection = profile.connection()
        assert (connection.port, connection.tls_mode) == (way.port, way.tls)
        assert HOST.fullmatch(connection.host), connection.host
        assert profile.limits == preset.limits
        assert profile.from_address == "Me <me@example.org>"


@every
def test_it_holds_together(preset: Preset) -> None:
    assert preset.name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", preset.id)
    assert len({way.port for way in preset.ways}) == len(preset.ways) > 0
    for way in preset.ways:
        # 465 is TLS from the first octet everywhere (RFC 8314), and STARTTLS is what 587 and 25 have.
        assert (way.tls is TlsMode.IMPLICIT) == (way.port in (465, 443, 2465, 8465)), way.label
        # Whoever logs in does so inside TLS.
        assert preset.user_form is UserForm.NONE or way.tls in (TlsMode.IMPLICIT, TlsMode.STARTTLS), way.label
    assert bool(preset.user) == (preset.user_form is UserForm.FIXED)
    assert (preset.kind is PresetKind.LOCAL) == (preset.host == "localhost")
    assert bool(preset.limits.model_fields_set) == bool(preset.allows)


@every
def test_no_fact_without_a_source(preset: Preset) -> None:
    assert all(source.startswith("https://") for source in preset.source)
    if preset.verified:
        assert preset.source
        assert preset.checked is not None
    else:
        assert any(sentence.startswith("Not verified") for sentence in preset.advice)
    if preset.allows:
        assert preset.verified
        numbers = {int(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*", preset.allows)}
        assert set(preset.limits.model_dump(exclude_none=True).values()) <= numbers


@every
def test_the_advice_is_sentences_that_fit_a_form(preset: Preset) -> None:
    for sentence in preset.advice:
        assert sentence.endswith("."), sentence
        assert "\n" not in sentence
        assert len(sentence) < 260, sentence


def test_ids_names_and_domains_are_not_used_twice() -> None:
    for values in (
        [preset.id for preset in PRESETS],
        [preset.name.casefold() for preset in PRESETS],
        [domain for preset in PRESETS for domain in preset.domains],
    ):
        assert len(values) == len(set(values))
    assert all(HOST.fullmatch(domain) and "." in domain for preset in PRESETS for domain in preset.domains)


def test_kinds_stand_together() -> None:
    assert [kind for kind, _ in groupby(PRESETS, key=lambda preset: preset.kind)] == list(PresetKind)


@pytest.mark.parametrize(
    ("address", "preset"),
    [
        ("me@gmail.com", "gmail"),
        ("Me <me@GoogleMail.com>", "gmail"),
        ("me@hotmail.co.uk", "outlook"),
        ("me@zohomail.eu", "zoho-eu"),
        ("me@web.de.", "web-de"),
        ("me@example.org", None),
        ("me@notgmail.com", None),
        ("gmail.com", "gmail"),
        ("", None),
        ("<@", None),
    ],
)
def test_the_domain_tells_whose_mailbox_it_is(address: str, preset: str | None) -> None:
    found = preset_for_address(address)
    assert (found.id if found else None) == preset


@pytest.mark.parametrize(
    ("preset", "user"),
    [
        ("gmail", "me@example.org"),
        ("web-de", "me"),
        ("sendgrid", "apikey"),
        ("resend", "resend"),
        ("ses", ""),
        ("postmark", ""),
        ("local-relay", ""),
    ],
)
def test_the_user_is_told_from_the_address_where_that_is_possible(preset: str, user: str) -> None:
    assert wanted(preset).profile(address="Me <me@example.org>").user == user
    assert wanted(preset).profile(address="me@example.org", user="other").user == "other"


def test_a_token_login_asks_for_a_token_once_there_is_a_user() -> None:
    assert wanted("outlook").profile(address="me@outlook.com").bearer
    assert wanted("outlook").profile().auth == "auto"


def test_only_what_the_port_does_not_say_is_written_down() -> None:
    ses = wanted("ses")
    assert ses.profile().tls is None
    assert ses.profile(way=Way(port=25, tls=TlsMode.STARTTLS)).tls is TlsMode.STARTTLS


def test_parameters_are_filled_in() -> None:
    ses = wanted("Amazon SES")
    assert ses.host_for() == "email-smtp.us-east-1.amazonaws.com"
    assert ses.profile(parameters={"region": " eu-west-3 "}).host == "email-smtp.eu-west-3.amazonaws.com"


@pytest.mark.parametrize(
    ("preset", "parameters", "says"),
    [
        ("ses", {"region": "eu west"}, "region 'eu west': use letters"),
        ("ses", {"region": "{host}"}, "region"),
        ("ses", {"zone": "eu"}, "Amazon SES has no 'zone' to fill in; what it has: region."),
        ("gmail", {"region": "eu"}, "what it has: none"),
        ("akidel", {}, "Akidel needs server: the host"),
    ],
)
def test_parameters_that_do_not_fit_are_told(preset: str, parameters: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        wanted(preset).host_for(parameters)


@every
def test_a_form_can_be_filled_whatever_is_left_open(preset: Preset) -> None:
    profile = preset.profile(parameters=preset.placeholders)
    assert profile.host == preset.shown_host or preset.host_for() == profile.host


def test_a_profile_is_named_as_one_likes() -> None:
    assert wanted("gmail").profile().name == "Gmail"
    assert wanted("gmail").profile(name="work").name == "work"


def test_an_unknown_preset_is_none() -> None:
    assert find_preset("nobody") is None


def test_the_data_file_is_read_once() -> None:
    assert load_presets() is load_presets()


def test_the_data_file_is_part_of_the_package() -> None:
    folder = Path(smtptui.__file__).parent
    assert (folder / "profiles" / "presets.yaml").is_file()
    assert "**/*.yaml" in (folder.parent / "pyproject.toml").read_text(encoding="utf-8")
