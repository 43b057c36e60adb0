"""``settings.yaml``: what it says holds, and what is wrong is said with its place; the app starts in any case."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtptui.tui.app.settings import Confirm, Settings, load_settings


def _load(tmp_path: Path, text: str) -> tuple[Settings, tuple[str, ...]]:
    path = tmp_path / "settings.yaml"
    path.write_text(text)
    loaded = load_settings(path)
    return loaded.settings, tuple(fault.removeprefix(str(path)) for fault in loaded.faults)


def test_no_file_says_nothing(tmp_path: Path) -> None:
    loaded = load_settings(tmp_path / "settings.yaml")
    assert loaded.settings == Settings()
    assert not loaded.faults
    assert _load(tmp_path, "# all is well as it is\n") == (Settings(), ())


def test_what_is_said_holds(tmp_path: Path) -> None:
    found, faults = _load(tmp_path, "theme: nord\nconfirm_send: always\nrestore_form: no\nkeymap:\n  send: f9\n")
    assert not faults
    assert (found.theme, found.confirm_send, found.restore_form) == ("nord", Confirm.ALWAYS, False)
    assert load_settings(tmp_path / "settings.yaml").keymap == {"send": ("f9",)}


def test_all_faults_are_told_with_line_field_value_and_what_is_allowed(tmp_path: Path) -> None:
    found, faults = _load(tmp_path, "theme: blau\n\nconfirm_send: maybe\nrestore_form: 5\ntehme: nord\nkeymap: [a]\n")
    assert found == Settings(), "one fault, and all have their defaults"
    assert faults[0].startswith(
        " line 1: theme: blau is not allowed; allowed: one of smtptui, smtptui-light, ansi-dark"
    )
    assert faults[1:] == (
        " line 3: confirm_send: maybe is not allowed; allowed: outside, always.",
        " line 4: restore_form: 5 is not allowed; allowed: true or false.",
        " line 5: tehme: there is no such field; did you mean theme?",
        " line 6: keymap: a list is not allowed; allowed: ids of actions with their keys, one a line,"
        " as in send: f9, ctrl+r.",
    )


def test_a_fault_in_the_keymap_costs_only_its_entry(tmp_path: Path) -> None:
    found, faults = _load(tmp_path, "theme: nord\nkeymap:\n  send: f9\n  quit: ctrl+h\n  sende: f8\n  jump: f9\n")
    assert found.theme == "nord"
    assert load_settings(tmp_path / "settings.yaml").keymap == {"send": ("f9",)}
    assert faults == (
        " line 4: keymap.quit: ctrl+h is not used; ctrl+h: no terminal delivers it: it arrives as backspace.",
        " line 5: keymap.sende: there is no such action; did you mean send?",
        " line 6: keymap.jump: f9 is not used; F9 is taken by send: send the message.",
    )


def test_a_directory_in_its_place_is_a_sentence(tmp_path: Path) -> None:
    assert load_settings(tmp_path).faults == (f"{tmp_path}: it cannot be read: Is a directory.",)


@pytest.mark.parametrize(
    "text", ["theme: [\n", "\t\n", "- a\n- b\n", "theme: *nothing\n", "!!python/object:os.system x\n"]
)
def test_broken_yaml_is_a_sentence(tmp_path: Path, text: str) -> None:
    found, faults = _load(tmp_path, text)
    assert found == Settings()
    assert faults
    assert all("line" in fault and fault.endswith(".") for fault in faults)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_octets_are_settings_or_sentences(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.yaml"
    path.write_bytes(data)
    loaded = load_settings(path)
    assert all(fault.startswith(str(path)) for fault in loaded.faults)
