"""``profiles list``, ``show``, ``add``, ``edit``, ``remove`` and ``locate``, as users run them."""

import json
import stat
from pathlib import Path

import pytest

from smtptui.cli.exitcodes import ExitCode
from tests.cli.running import Ended, modules_after, smtptui

TWO = """\
# mine
profiles:
  # the office
  office:
    host: mail.example.org   # the host
    port: 587
    user: ann@example.org
    note: "first: line\\nsecond"

  home: {host: "::1", secret: ask, user: ann}  # at home
"""
BROKEN = "profiles:\n  office:\n    host: a\n    port: 66000\n    password: hunter2\n  fine: {host: b}\n"


class Home:
    """A file of profiles, and the command with that file."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "smtptui" / "profiles.yaml"

    def run(self, *arguments: str, **env: str) -> Ended:
        return smtptui("profiles", *arguments, env={"SMTPTUI_PROFILES": str(self.path), **env})

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def write(self, text: str) -> None:
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(text, encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_help_loads_nothing_heavy() -> None:
    heavy = {"pydantic", "yaml", "keyring", "asyncio", "textual"}
    for command in ("list", "show", "add", "edit", "remove", "locate", "presets", "import", "password", "test"):
        arguments = ["profiles", command, "--help"]
        loaded = modules_after("from smtptui.cli import main\nmain()\n", arguments)
        assert "click" in loaded
        assert not loaded & heavy


def test_sending_without_a_profile_does_without_the_model_of_one() -> None:
    arguments = ["send", "--server", "127.0.0.1:1", "--from", "a@example.org", "--to", "b@example.org"]
    loaded = modules_after("from smtptui.cli import main\nmain()\n", arguments)
    assert "asyncio" in loaded
    assert not loaded & {"pydantic", "yaml", "keyring", "platformdirs"}


def test_without_a_command_it_says_which_there_are() -> None:
    done = smtptui("profiles")
    assert (done.code, done.err) == (0, "")
    assert done.out == smtptui("profiles", "--help").out
    for command in ("add", "edit", "list", "locate", "remove", "show"):
        assert f"\n  {command} " in done.out


def test_an_empty_list_says_what_to_do(home: Home) -> None:
    done = home.run("list")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"There are no profiles in {home.path} yet. `smtptui profiles add NAME --server HOST` adds one.\n"
    )
    assert home.run("list", "--json").document["profiles"] == []


def test_the_list(home: Home) -> None:
    home.write(TWO)
    done = home.run("list")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "office  mail.example.org:587  starttls       ann@example.org  keyring  first: line",
        "home    [::1]:25              opportunistic  ann              asks",
    ]
    document = home.run("list", "--json").document
    assert (document["ok"], document["exit"], document["file"], document["faults"]) == (True, 0, str(home.path), [])
    assert document["profiles"][1] == {
        "name": "home",
        "server": "[::1]:25",
        "tls": "opportunistic",
        "user": "ann",
        "secret": "ask",
        "note": None,
        "color": "none",
    }


def test_the_list_of_a_broken_file_has_what_is_fine_and_every_fault(home: Home) -> None:
    home.write(BROKEN)
    done = home.run("list")
    assert (done.code, done.out) == (ExitCode.CONFIGURATION, "fine  b:25  opportunistic\n")
    assert done.err.splitlines() == [
        f"smtptui: {home.path} line 4: office: port: 66000 is not allowed; allowed: a whole number from 1 to 65535.",
        f"smtptui: {home.path} line 5: office: password: there is no such field; no file keeps a secret; where it comes"
        " from say secret, password_command, password_env, token_command, token_env.",
    ]
    document = home.run("list", "--json").document
    assert (document["ok"], document["exit"]) == (False, 78)
    assert [profile["name"] for profile in document["profiles"]] == ["fine"]
    assert [(fault["line"], fault["field"], fault["value"]) for fault in document["faults"]] == [
        (4, "port", "66000"),
        (5, "password", None),
    ]
    assert document["error"]["kind"] == "profiles"


def test_a_file_that_is_no_yaml_ends_every_command(home: Home) -> None:
    home.write("profiles: [\n")
    for command in (
        ["list"],
        ["show", "a"],
        ["remove", "a"],
        ["add", "a", "--server", "b"],
        ["edit", "a", "--note", "x"],
    ):
        done = home.run(*command)
        assert (done.code, done.out) == (78, "")
        assert done.err == f"smtptui: {home.path} line 2: the closing bracket is missing, or a comma.\n"
        assert home.text == "profiles: [\n"
    assert home.run("list", "--json").document["exit"] == 78


def test_a_file_that_cannot_be_read_is_missing_input(home: Home) -> None:
    home.path.mkdir(parents=True)
    done = home.run("list")
    assert (done.code, done.err) == (66, f"smtptui: {home.path}: it cannot be read: Is a directory.\n")


def test_show(home: Home) -> None:
    home.write(TWO)
    assert home.run("show", "home").out == '  home: {host: "::1", secret: ask, user: ann}  # at home\n'
    assert home.run("show", "office").out.splitlines()[:2] == ["  office:", "    host: mail.example.org   # the host"]
    document = home.run("show", "office", "--json").document
    assert (document["line"], document["server"]) == (4, "mail.example.org:587")
    profile = document["profile"]
    assert (profile["port"], profile["tls"], profile["secret"], profile["tls_min"]) == (
        587,
        "starttls",
        "keyring",
        "1.2",
    )
    assert profile["note"] == "first: line\nsecond"


@pytest.mark.parametrize("command", [["show"], ["remove"], ["edit"], ["edit", "--note", "x"]])
def test_an_unknown_name_is_a_usage_error_with_names_like_it(command: list[str], home: Home) -> None:
    done = home.run(command[0], "offise", *command[1:])
    assert done.code == 66
    assert done.err.startswith(f"smtptui: There is no {home.path} yet, so there is no profile 'offise'")
    home.write(TWO)
    done = home.run(command[0], "offise", *command[1:])
    assert (done.code, done.err) == (64, "smtptui: There is no profile 'offise'. Did you mean office?\n")
    assert home.text == TWO


def test_add_makes_the_file_for_the_owner_alone(home: Home) -> None:
    done = home.run(
        *("add", "my relay", "--server", "mail.example.org:465", "--user", "ann", "--from", "Ann <ann@example.org>"),
        *("--per-minute", "30", "--note", "a: b", "--color", "blue", "--tls-min", "1.3"),
    )
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"Profile my relay is added to {home.path}. Next: `smtptui profiles password my relay` keeps its password.\n"
    )
    assert home.text == (
        "profiles:\n  my relay:\n    host: mail.example.org\n    port: 465\n"
        '    tls_min: "1.3"\n    user: ann\n    from: Ann <ann@example.org>\n'
        '    limits:\n      per_minute: 30\n    note: "a: b"\n    color: blue\n'
    )
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.path.parent.stat().st_mode) == 0o700


def test_add_takes_nothing_from_the_environment(home: Home) -> None:
    env = {"SMTPTUI_SERVER": "other", "SMTPTUI_USER": "eve", "SMTPTUI_NO_VERIFY": "1", "SMTPTUI_FROM": "e@example.org"}
    assert home.run("add", "a", "--server", "mx", **env).code == 0
    assert home.text == "profiles:\n  a:\n    host: mx\n"


def test_add_with_files_presets_and_likeness(home: Home, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    assert home.run("add", "a", "--server", "mx", "--ca-file", f"{tmp_path}/x/../ca.pem").code == 66
    assert home.run("add", "a", "--server", "mx", "--ca-file", str(tmp_path / "ca.pem"), "--per-day", "9").code == 0
    done = home.run("add", "b", "--like", "a", "--per-minute", "3", "--socket", "/run/lmtp", "--lmtp")
    assert done.code == 0
    profile = home.run("show", "b", "--json").document["profile"]
    assert (profile["host"], profile["socket"], profile["ca_file"]) == ("", "/run/lmtp", str(tmp_path / "ca.pem"))
    assert (profile["limits"]["per_day"], profile["limits"]["per_minute"]) == (9, 3)
    done = home.run("add", "g", "--preset", "gmail", "--from", "ann@gmail.com", "--secret", "ask")
    assert (done.code, "app password" in done.out) == (0, True)
    profile = home.run("show", "g", "--json").document["profile"]
    assert (profile["host"], profile["user"], profile["secret"]) == ("smtp.gmail.com", "ann@gmail.com", "ask")


def test_what_a_preset_leaves_open_is_filled_in(home: Home) -> None:
    done = home.run("add", "a", "--preset", "activetrail", "--user", "ann")
    assert (done.code, done.out) == (64, "")
    assert done.err.startswith("smtptui: --preset activetrail: ActiveTrail needs server")
    assert home.run("add", "ses", "--preset", "ses", "--with", "region=eu-west-1", "--user", "AKIA0").code == 0
    assert "host: email-smtp.eu-west-1.amazonaws.com\n" in home.text
    assert home.run("add", "x", "--server", "a", "--with", "region=x").code == 64
    assert home.run("add", "x", "--preset", "gmail", "--with", "region").code == 64
    done = home.run("add", "x", "--preset", "gmail", "--from", "Ann Example")
    assert (done.code, "from: Ann Example is not allowed; allowed: a mailbox" in done.err) == (64, True)


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (
            ["add", "a"],
            64,
            "Say where the server is: --server HOST[:PORT], --socket PATH, --preset ID or --like PROFILE.",
        ),
        (["add", "office", "--server", "b"], 65, "There is a profile 'office' already"),
        (["add", "a", "--server", "b", "--socket", "/c"], 64, "--server and --socket: give one of them."),
        (["add", "a", "--preset", "gmail", "--like", "office"], 64, "--preset and --like: give one of them."),
        (["add", "a", "--preset", "gmial"], 64, "There is no preset 'gmial'. Did you mean"),
        (["add", "a", "--like", "offce"], 64, "There is no profile 'offce'. Did you mean office?"),
        (
            ["add", "a", "--server", "b", "--per-day", "x"],
            64,
            "limits.per_day: x is not allowed; allowed: a whole number",
        ),
        (["add", "a", "--server", "b", "--auth", "plain"], 64, "user: it is missing; PLAIN needs one."),
        (["add", "a", "--server", "b", "--secret", "ask", "--password-env", "X"], 64, "a secret comes from one place."),
        (["add", "a", "--server", "b", "--no-verify", "--fingerprint", "ab"], 64, "give one of them."),
        (
            ["add", "a", "--server", "b", "--password-env", "$hunter2"],
            64,
            "password_env: this is not allowed; allowed: the name",
        ),
        (["add", "", "--server", "b"], 64, "name: an empty text is not allowed; allowed: text of 1 to 60 characters."),
        (["add", "a\x1b", "--server", "b"], 64, "name: a\\x1b is not allowed; allowed: a name without control"),
        (["edit", "office", "--unset", "prot"], 64, "--unset prot: there is no such field; did you mean port?"),
        (["edit", "office", "--unset", "host"], 64, "host: it is missing; name the server, or a socket."),
        (["edit", "office", "--rename", "home"], 65, "There is a profile 'home' already"),
        (["edit", "office", "--password", "x"], 64, "No such option"),
    ],
)
def test_what_makes_no_profile(arguments: list[str], code: int, why: str, home: Home) -> None:
    home.write(TWO)
    done = home.run(*arguments)
    assert (done.code, done.out) == (code, "")
    assert why in done.err
    assert done.err.count("\n") == 1
    assert "hunter2" not in done.err
    assert home.text == TWO
    document = home.run(*arguments, "--json").document
    assert (document["ok"], document["exit"]) == (False, code)


def test_edit_changes_just_these_fields(home: Home) -> None:
    home.write(TWO)
    home.path.chmod(0o644)
    done = home.run("edit", "office", "--server", "other.example.org", "--per-day", "5", "--unset", "note")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].startswith(
        f"Profile office is changed in {home.path}. Next: `smtptui profiles password"
    )
    assert done.out.splitlines()[1] == "Others on this machine could read the file; now only you can."
    assert home.text == TWO.replace("mail.example.org ", "other.example.org ").replace(
        '    note: "first: line\\nsecond"\n', "    limits:\n      per_day: 5\n"
    )
    before = home.text
    assert home.run("edit", "office", "--per-minute", "1", "--unset", "limits.per-day").code == 0
    assert home.text == before.replace("per_day: 5", "per_minute: 1")
    assert home.run("edit", "office", "--unset", "limits", "--rename", "Büro").code == 0
    assert home.text == before.replace("    limits:\n      per_day: 5\n", "").replace("office:", "Büro:")
    done = home.run("edit", "Büro", "--server", "other.example.org")
    assert done.out == f"Profile Büro is as it was in {home.path}.\n"


def test_edit_puts_one_place_of_a_secret_for_another(home: Home) -> None:
    home.write("profiles:\n  a:\n    host: b\n    user: u\n    password_command: pass show b  # mine\n")
    assert home.run("edit", "a", "--token-env", "TOKEN").code == 0
    assert home.text == "profiles:\n  a:\n    host: b\n    user: u\n    token_env: TOKEN\n"
    assert home.run("edit", "a", "--secret", "ask", "--socket", "/run/x").code == 0
    assert home.text == "profiles:\n  a:\n    socket: /run/x\n    user: u\n    secret: ask\n"


def test_remove_asks_nothing_and_tells_what_the_keyring_may_have(home: Home) -> None:
    home.write(TWO)
    done = home.run("remove", "office")
    assert (done.code, done.err) == (0, "")
    assert "as “smtptui smtp://mail.example.org:587” of ann@example.org." in done.out
    assert (
        home.text == '# mine\nprofiles:\n  # the office\n\n  home: {host: "::1", secret: ask, user: ann}  # at home\n'
    )
    assert home.run("remove", "home", "--json").document == {
        "ok": True,
        "exit": 0,
        "profile": "home",
        "done": "removed",
        "file": str(home.path),
    }


def test_a_broken_profile_can_be_removed_and_its_neighbour_edited(home: Home) -> None:
    home.write(BROKEN)
    done = home.run("show", "office")
    assert (done.code, done.out, done.err.count("\n")) == (78, "", 2)
    assert [line.split(": ")[1].rpartition(" ")[2] for line in done.err.splitlines()] == ["4", "5"]
    assert home.run("edit", "office", "--note", "x").code == 78
    assert home.run("edit", "fine", "--note", "x").code == 0
    assert home.run("remove", "office").code == 0
    assert home.text == "profiles:\n  fine: {host: b, note: x}\n"


def test_what_cannot_be_written(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "profiles.yaml"
    done = smtptui("profiles", "add", "a", "--server", "b", env={"SMTPTUI_PROFILES": str(path)})
    assert done.code in (66, 73)
    assert done.err.startswith(f"smtptui: {path}")
    assert "Not a directory" in done.err
    home.write("x-a: &a {port: 25}\nprofiles:\n  a: &p\n    host: b\n  c:\n    <<: *p\n    host: d\n")
    before = home.text
    done = home.run("edit", "a", "--tls", "none")
    assert done.code == 78
    assert "line 3 has to be edited by hand: something else would change with it" in done.err
    assert home.text == before


def test_locate(home: Home, tmp_path: Path) -> None:
    env = {
        "SMTPTUI_DATA_DIR": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "HOME": str(tmp_path),
    }
    lines = home.run("locate", **env).out.splitlines()
    assert lines[0] == f"profiles  {home.path}  (not there yet)"
    assert [line.split()[0] for line in lines] == ["profiles", "settings", "data", "state", "reports"]
    home.write("")
    assert home.run("locate", **env).out.splitlines()[0] == f"profiles  {home.path}"
    document = home.run("locate", "--json", **env).document
    assert (document["ok"], document["profiles"], document["data"]) == (True, str(home.path), str(tmp_path / "data"))
    done = smtptui("profiles", "locate", "--json", env=env)
    assert json.loads(done.out)["profiles"].endswith("/smtptui/profiles.yaml")
