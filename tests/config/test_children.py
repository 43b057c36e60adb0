"""What a child process is told of this one's environment: nothing that is a secret."""

import string
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.config import child_environment, note_secret_variables
from smtptui.profiles import ProfilesError, ProfileStore

KEPT = {"HOME": "/home/ann", "PATH": "/usr/bin", "TERM": "xterm", "SMTPTUI_DATA_DIR": "/data"}


def left(path: Path, text: str, *variables: str) -> set[str]:
    """Those of ``variables`` that a child still sees with this file of profiles."""
    path.write_text(text, encoding="utf-8")
    environ = {**KEPT, "SMTPTUI_PROFILES": str(path), **dict.fromkeys(variables, "a secret")}
    given_to_it = child_environment(environ)
    assert given_to_it.items() >= KEPT.items()
    return set(variables) & set(given_to_it)


def test_the_variables_for_sending_without_a_profile_are_taken_out(tmp_path: Path) -> None:
    environ = {**KEPT, "SMTPTUI_PROFILES": str(tmp_path / "none"), "SMTPTUI_PASSWORD": "pw", "SMTPTUI_TOKEN": "t"}
    assert child_environment(environ) == {**KEPT, "SMTPTUI_PROFILES": str(tmp_path / "none")}


@pytest.mark.parametrize(
    "text",
    [
        "profiles:\n  a: {host: h, user: u, password_env: PW_A}\n  b: {host: h, user: u, token_env: PW_B}\n",
        'profiles:\n  a:\n    "password_env": "PW_A"\n  b:\n    token_env: >-\n      PW_B\n',
        'profiles:\n  a:\n    password_env: "\\x50W_A"\n  b:\n    token_env:\n      PW_B\n',
        # What several profiles share, and what is only lent by a section of the user's own.
        "x-login: &login {password_env: PW_A}\nprofiles:\n  a: {<<: *login, token_env: PW_B}\n",
        "x-a: &a PW_A\nprofiles:\n  a: {host: h, password_env: *a}\n  b: [{token_env: PW_B}]\n",
        # Profiles with faults: two secrets, a field twice, an unknown field.
        "profiles:\n  a: {host: h, password_env: PW_A, token_env: PW_B, nonsense: 1}\n",
        "profiles:\n  a:\n    password_env: PW_A\n    password_env: PW_B\n",
        # Files that are not valid YAML, or mean something else.
        "profiles:\n  a:\n    password_env: PW_A\n  b:\n\ttoken_env: 'PW_B'\n",
        "profiles: {a: {password_env: PW_A}, b: {token_env: PW_B}\n",
        "profiles:\n  a: {password_env: !!str PW_A}\n  b: {token_env:\n       PW_B}\n  c: [",
        "---\nprofiles: {a: {password_env: PW_A}}\n---\nprofiles: {b: {token_env: PW_B}}\n",
    ],
)
def test_so_are_those_that_any_profile_names_however_the_file_is_written(tmp_path: Path, text: str) -> None:
    assert left(tmp_path / "profiles.yaml", text, "PW_A", "PW_B") == set()


def test_what_only_a_comment_names_stays(tmp_path: Path) -> None:
    valid = "profiles:\n  # password_env: NOT_ONE\n  a: {host: h}\n"
    assert left(tmp_path / "profiles.yaml", valid, "NOT_ONE") == {"NOT_ONE"}
    assert left(tmp_path / "profiles.yaml", valid + "\tbroken: [", "NOT_ONE") == {"NOT_ONE"}


def test_a_file_that_cannot_be_read_keeps_no_child_from_starting(tmp_path: Path) -> None:
    assert child_environment({**KEPT, "SMTPTUI_PROFILES": str(tmp_path)}).items() >= KEPT.items()


@pytest.mark.parametrize("text", ["profiles: {}\n", "", "profiles: ["])
def test_a_variable_of_a_profile_that_is_gone_stays_secret(tmp_path: Path, text: str) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text("profiles:\n  gone: {host: h, user: u, password_env: PW_OF_ONE_THAT_IS_GONE}\n")
    store = ProfileStore(path)
    store.load()
    path.write_text(text)
    if text.endswith("["):
        with pytest.raises(ProfilesError):
            store.load()
    assert left(path, text, "PW_OF_ONE_THAT_IS_GONE") == set()


def test_a_noted_variable_is_secret_from_then_on(tmp_path: Path) -> None:
    note_secret_variables((None, "", "PW_NOTED"))
    assert left(tmp_path / "profiles.yaml", "", "PW_NOTED") == set()


NAMES = st.text(string.ascii_uppercase + "_", min_size=3, max_size=12).filter(lambda name: name not in KEPT)


@given(st.dictionaries(NAMES, st.text(max_size=5), max_size=6), st.lists(NAMES, max_size=3))
def test_all_else_is_passed_on_unchanged(
    tmp_path_factory: pytest.TempPathFactory, environ: Mapping[str, str], secret: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "of_names.yaml"
    lines = [f"  p{number}: {{host: h, user: u, password_env: {name}}}\n" for number, name in enumerate(secret)]
    path.write_text("profiles:\n" + "".join(lines))
    environ = {**environ, "SMTPTUI_PROFILES": str(path)}
    expected = {name: value for name, value in environ.items() if name not in secret}
    assert child_environment(environ) == expected
