"""``smtptui profiles import``: what is added, what is left, and nothing of a secret."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtptui.profiles import ProfileStore
from tests.cli.running import Ended, smtptui

MSMTPRC = """\
defaults
tls on
port 587
logfile ~/.msmtp.log
account home
host smtp.home.example
auth on
user ann
password hunter2
account work
host smtp.work.example
"""


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    """Where the profiles of these commands are kept."""
    return tmp_path / "config" / "profiles.yaml"


def run(profiles: Path, *arguments: str, stdin: str = "") -> Ended:
    """Run the command on a file of profiles of its own."""
    return smtptui(
        "profiles",
        "import",
        *arguments,
        env={"SMTPTUI_PROFILES": str(profiles)},
        stdin=stdin.encode(errors="surrogateescape"),
    )


def names(profiles: Path) -> list[str]:
    """The names of the profiles that are kept."""
    return [profile.name for profile in ProfileStore(profiles).load()]


def test_accounts_are_added_and_the_rest_is_told(profiles: Path, tmp_path: Path) -> None:
    file = tmp_path / ".msmtprc"
    file.write_text(MSMTPRC)
    done = run(profiles, str(file))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "home  smtp.home.example:587  added",
        "work  smtp.work.example:587  added",
        "",
        "Not carried over, or not as it was:",
        "  Line 4: logfile: smtptui keeps no log; `smtptui send --save FILE` keeps a transcript.",
        "  Line 9: password: no password is carried over; `smtptui profiles password home` keeps it in the keyring.",
    ]
    home, work = ProfileStore(profiles).load()
    assert (home.host, home.port, home.user) == ("smtp.home.example", 587, "ann")
    assert (work.name, work.auth) == ("work", "off")
    assert "hunter2" not in profiles.read_text()
    assert profiles.stat().st_mode & 0o777 == 0o600


def test_a_profile_that_exists_is_left_and_others_are_added(profiles: Path) -> None:
    profiles.parent.mkdir()
    profiles.write_text("# mine\nprofiles:\n  home:  # at home\n    host: other.example\n")
    done = run(profiles, "-", stdin=MSMTPRC)
    assert done.code == 0
    assert done.out.splitlines()[:2] == [
        "home  smtp.home.example:587  exists already; left as it is",
        "work  smtp.work.example:587  added",
    ]
    assert profiles.read_text().startswith("# mine\nprofiles:\n  home:  # at home\n    host: other.example\n")
    assert names(profiles) == ["home", "work"]


def test_a_dry_run_writes_nothing(profiles: Path) -> None:
    done = run(profiles, "-", "--dry-run", stdin=MSMTPRC)
    assert "home  smtp.home.example:587  would be added" in done.out.splitlines()
    assert not profiles.exists()


def test_a_swaks_command_from_standard_input_with_a_name(profiles: Path) -> None:
    done = run(
        profiles, "-", "--name", "the relay", stdin="$ swaks --to x@y.example -s mx.example -tls -ap hunter2 -au ann"
    )
    assert done.code == 0
    assert "`smtptui profiles password 'the relay'`" in done.out
    (only,) = ProfileStore(profiles).load()
    assert (only.name, only.host, only.user) == ("the relay", "mx.example", "ann")


def test_the_format_may_be_said(profiles: Path) -> None:
    text = "from ann@example.org\nport 2525\n"
    assert run(profiles, "-", "--format", "msmtp", "--json", stdin=text).document["format"] == "msmtp"
    assert run(profiles, "-", "--json", stdin=text).document["format"] == "swaks"


def test_json(profiles: Path) -> None:
    document = run(profiles, "-", "--json", stdin=MSMTPRC).document
    assert (document["ok"], document["exit"], document["format"], document["error"]) == (True, 0, "msmtp", None)
    assert document["profiles"][0] == {
        "name": "home",
        "state": "added",
        "server": "smtp.home.example:587",
        "tls": "starttls",
        "user": "ann",
        "secret": "keyring",
    }
    assert [(left["line"], left["setting"]) for left in document["left"]] == [(4, "logfile"), (9, "password")]
    again = run(profiles, "-", "--json", stdin=MSMTPRC).document
    assert {profile["state"] for profile in again["profiles"]} == {"exists"}


def test_without_a_profile_it_is_bad_input(profiles: Path) -> None:
    done = run(profiles, "-", "--format", "swaks", stdin="--to ann@example.org")
    assert done.code == 65
    assert "no server is named" in done.out
    document = run(profiles, "-", "--format", "swaks", "--json", stdin="--to ann@example.org").document
    assert (document["ok"], document["exit"], document["profiles"]) == (False, 65, [])
    assert document["error"]["kind"] == "input"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "says"),
    [
        (("/nowhere/msmtprc",), "", 66, "import: /nowhere/msmtprc cannot be read: No such file"),
        (("/",), "", 66, "import: / cannot be read"),
        (("-",), "Dear Ann,", 65, "Standard input looks like no msmtprc"),
        (("-",), "\udcff\x00", 65, "Standard input looks like no msmtprc"),
        (("-", "--name", "one"), MSMTPRC, 64, "--name 'one': Standard input makes 2 profiles"),
        (("-", "--name", " "), MSMTPRC, 64, "--name ' ': use 1 to 60 characters"),
        (("-", "--name", "a\x1b"), MSMTPRC, 64, "--name 'a\\x1b': use 1 to 60 characters"),
        (("-", "--format", "mutt"), MSMTPRC, 64, "Invalid value for '--format'"),
    ],
)
def test_what_cannot_be_imported(profiles: Path, arguments: tuple[str, ...], stdin: str, code: int, says: str) -> None:
    done = run(profiles, *arguments, stdin=stdin)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert "Traceback" not in done.err
    assert not profiles.exists()


def test_a_file_that_cannot_be_changed_is_told(profiles: Path) -> None:
    profiles.parent.mkdir()
    profiles.write_text("profiles: [\n")
    done = run(profiles, "-", stdin=MSMTPRC)
    assert (done.code, done.out) == (78, "")
    assert "profiles.yaml" in done.err
    assert profiles.read_text() == "profiles: [\n"


def test_faults_of_other_profiles_do_not_matter(profiles: Path) -> None:
    profiles.parent.mkdir()
    profiles.write_text("profiles:\n  broken:\n    host: a.example\n    port: 66000\n")
    assert run(profiles, "-", stdin=MSMTPRC).code == 0
    assert "port: 66000" in profiles.read_text()
    assert "work" in profiles.read_text()


def test_a_place_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(tmp_path / "file" / "profiles.yaml", "-", stdin=MSMTPRC)
    assert done.code == 66
    assert "Not a directory" in done.err


def test_a_file_too_large_for_settings(profiles: Path) -> None:
    done = run(profiles, "-", stdin="#" * 1_000_001)
    assert (done.code, done.out) == (65, "")
    assert "Standard input has more than 1000000 octets" in done.err


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("ZQXJ0123456789+/=!$", min_size=9, max_size=20), st.sampled_from([(), ("--json",)]))
def test_no_secret_is_shown_or_kept(profiles: Path, secret: str, options: tuple[str, ...]) -> None:
    profiles.unlink(missing_ok=True)
    for text in (
        f"host a.example\nauth on\nuser ann\npassword {secret}\npasswd {secret}\n{secret}\npasswordeval echo {secret}",
        f"swaks -s b.example -au ann -ap '{secret}' --auth-p '{secret}' '{secret}' --{secret}",
    ):
        done = run(profiles, "-", *options, stdin=text)
        assert done.code == 0
        assert secret not in done.out + done.err
        assert secret not in profiles.read_text()
