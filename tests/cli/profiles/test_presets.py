"""``smtptui profiles presets``: all of them, one of them, and sentences for what is none."""

import pytest

from smtptui.profiles import find_preset, load_presets
from tests.cli.running import modules_after, smtptui


def test_all_are_listed_under_their_headings() -> None:
    done = smtptui("profiles", "presets")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line for line in lines if not line.startswith(" ") and line] == [
        *("Mailboxes:", "Sending services:", "On this machine:"),
    ]
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [one.id for one in load_presets()]
    assert next(line for line in lines if " akidel " in line).endswith("(not verified)")


@pytest.mark.parametrize("wanted", ["gmx", "GMX", "ann@gmx.de"])
def test_one_is_shown_with_its_advice_and_source(wanted: str) -> None:
    done = smtptui("profiles", "presets", wanted)
    assert done.code == 0
    preset = find_preset("gmx")
    assert preset is not None
    assert preset.checked is not None
    assert done.out.splitlines() == [
        "GMX (gmx)",
        "  mail.gmx.net: 465 implicit, 587 starttls",
        "  The user is the whole address.",
        "  POP3 and IMAP have to be allowed once in the settings of the mailbox, or the login is refused.",
        *(f"  Source: {source}" for source in preset.source),
        f"  Checked: {preset.checked.isoformat()}",
    ]


def test_what_is_not_verified_says_so() -> None:
    assert "Not verified" in smtptui("profiles", "presets", "akidel").out
    assert smtptui("profiles", "presets", "akidel", "--json").document["preset"]["verified"] is False


def test_json() -> None:
    document = smtptui("profiles", "presets", "--json").document
    assert document["ok"] is True
    assert [one["id"] for one in document["presets"]] == [one.id for one in load_presets()]
    one = smtptui("profiles", "presets", "microsoft-365", "--json").document["preset"]
    assert one in document["presets"]
    assert one["limits"] == {"per_minute": 30, "per_day": 10000, "connections": 3}
    assert one["ways"] == [{"port": 587, "tls": "starttls"}]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("gmial", "There is no preset 'gmial'. Did you mean gmail or "),
        ("xyzzy", "There is no preset 'xyzzy'. `smtptui profiles presets` lists all."),
        ("ann@example.org", "No preset is for 'ann@example.org': its domain tells no provider."),
        ("\x1b[31m", "There is no preset"),
    ],
)
def test_what_is_none_is_told(wanted: str, says: str) -> None:
    done = smtptui("profiles", "presets", wanted)
    assert (done.code, done.out) == (64, "")
    assert done.err.startswith(f"smtptui: {says}")
    assert "\x1b" not in done.err
    assert smtptui("profiles", "presets", wanted, "--json").document["exit"] == 64


def test_help_needs_no_model() -> None:
    loaded = modules_after("from smtptui.cli import main; main()", ["profiles", "presets", "--help"])
    assert "smtptui.cli.profiles.presets" in loaded
    assert not {"pydantic", "yaml", "textual"} & loaded
