"""The importers read what msmtp and swaks read: both say how they understood the same settings, where installed."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from smtptui.profiles import import_msmtprc, import_swaks
from smtptui.protocol import TlsMode

slow = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

MSMTP_LINES = (
    *("host h.example", 'host "i.example"', "host\tj.example", "port 587", "port 0x1D1", "port 017", "port 465"),
    *("tls on", "tls off", "tls", "tls_starttls off", "tls_starttls on", "tls_starttls", "tls_nostarttls"),
    *("auth on", "auth off", "auth", "auth plain", "auth login", "user ann", 'user "b c "', "user", "  user  d#e  "),
    *("password x1", "from a@b.example", "from", "domain d.example", "timeout 30", "timeout off", "timeout 0x10"),
    *("source_ip 127.0.0.1", "source_ip", "tls_trust_file /ca.pem", "tls_trust_file system", "tls_certcheck off"),
    *("tls_certcheck on", "tls_nocertcheck", "tls_host_override o.example", "protocol lmtp", "socket /run/x", "socket"),
    *("logfile /tmp/x", "proxy_host p.example", "# c", "", "   # d", "syslog on", "dsn_notify never"),
)
SWAKS_SERVERS = (
    "-s a.example:26",
    "-s [2001:db8::1]:27",
    "-s 2001:db8::5",
    "--server=b.example/28",
    "--serv c.example",
)
PORT_IN_SERVER = SWAKS_SERVERS[:2] + SWAKS_SERVERS[3:4]
SWAKS_OPTIONS = (
    *SWAKS_SERVERS,
    *("-p 587", "--port smtps", "--port=99", "--no-p", "-tls", "--tls", "--no-tls", "--protocol lmtp"),
    *("--protocol SSMTP", "--protocol=ESMTPSA", "-a", "-a PLAIN", "-au ann", "--auth-user=bob", "--no-auth-user"),
    *("-ap x", "--auth-password=y", "-ap", "--ehlo h.example", "-f c@d.example", "--timeout 2m", "--time 7", "-4"),
    *("--h-X-Foo bar", "--header 'A: b'", "--body 'x y'", "-q EHLO", "-hr", "-S", "-ahp", "-ahp zz", "+p 77", "-n"),
)


@pytest.fixture(scope="module")
def msmtp() -> str:
    """The program."""
    return needed("msmtp")


@pytest.fixture(scope="module")
def swaks() -> str:
    """The program."""
    return needed("swaks")


def needed(name: str) -> str:
    """A program of the operating system; without it the test is skipped, or fails where all of them are required."""
    found = shutil.which(name)
    if found is None:
        required = os.environ.get("SMTPTUI_REQUIRE_SERVERS") == "1"
        (pytest.fail if required else pytest.skip)(f"{name} is not installed")
    return found


def settings_of_msmtp(msmtp: str, file: Path, account: str) -> dict[str, str]:
    """What msmtp makes of an account; nothing where it refuses the file."""
    command = [msmtp, "--file", str(file), "--account", account, "--pretend", "x@y.example"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=10)
    return dict(re.findall(r"^([a-z_ ]+) = (.*)$", done.stdout.replace("(not set)", ""), re.MULTILINE))


@pytest.mark.servers
@slow
@given(
    st.lists(st.sampled_from(MSMTP_LINES), max_size=5),
    st.lists(st.sampled_from(MSMTP_LINES), max_size=8),
    st.lists(st.sampled_from(MSMTP_LINES), max_size=8),
)
def test_accounts_mean_what_msmtp_says(
    msmtp: str, tmp_path: Path, defaults: list[str], one: list[str], two: list[str]
) -> None:
    lines = ["defaults", *defaults, "account one", "host one.example", *one, "account two : one", *two]
    file = tmp_path / "msmtprc"
    file.write_text("\n".join(lines) + "\n")
    file.chmod(0o600)
    for profile in import_msmtprc(file.read_text()).profiles:
        theirs = settings_of_msmtp(msmtp, file, profile.name)
        if not theirs:
            continue
        connection = profile.connection()
        if theirs["socket"]:
            assert str(profile.socket) == theirs["socket"]
        else:
            assert profile.host == theirs["host"]
            assert theirs["port"] in (str(connection.port), "0")
        mode = TlsMode.STARTTLS if theirs["tls_starttls"] == "on" else TlsMode.IMPLICIT
        assert connection.tls_mode is (mode if theirs["tls"] == "on" else TlsMode.NONE)
        assert (profile.lmtp, profile.verify) == (theirs["protocol"] == "lmtp", theirs["tls_certcheck"] == "on")
        assert (profile.user, profile.from_address) == (theirs["user"], theirs["from"])
        assert (profile.sni or "", profile.source or "") == (theirs["tls_host_override"], theirs["source ip"])
        assert str(profile.ca_file or "system") == (theirs["tls_trust_file"] or "system")
        assert (profile.ehlo or "localhost") == theirs["domain"]
        assert f"{profile.timeout or 0:.0f}" == (re.match(r"\d+", theirs["timeout"]) or ["0"])[0]
        if theirs["auth"] in ("", "none"):
            assert profile.auth == "off"
        elif profile.user:
            assert profile.auth == {"choose": "auto"}.get(theirs["auth"], theirs["auth"].upper())


@pytest.mark.servers
@slow
@given(st.sampled_from(SWAKS_SERVERS), st.lists(st.sampled_from(SWAKS_OPTIONS), max_size=6), st.booleans())
def test_calls_mean_what_swaks_says(swaks: str, tmp_path: Path, server: str, others: list[str], in_file: bool) -> None:
    options = [server, *others]
    # Releases differ in which one they take where the server has a port and an option as well.
    named = any(option in PORT_IN_SERVER for option in options)
    assume(not (named and any(re.match(r"(-p |--(no-)?p$|--port|\+p)", option) for option in options)))
    file = tmp_path / "swaksrc"
    file.write_text("".join(" ".join(shlex.split(option)) + "\n" for option in options))
    given_options = ["--config", str(file)] if in_file else shlex.split(" ".join(options))
    done = subprocess.run(
        [swaks, *given_options, "--to", "x@y.example", "--dump"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(tmp_path / "nobody")},
        check=False,
        timeout=10,
    )
    theirs = dict(re.findall(r"^ +([a-z ]+?) *= ?(.*)$", done.stdout, re.MULTILINE))
    profiles = import_swaks(file.read_text() if in_file else f"swaks --to x@y.example {' '.join(options)}").profiles
    if not profiles or "server" not in theirs:
        return
    connection = profiles[0].connection()
    assert (connection.host, str(connection.port)) == (theirs["server"], theirs["port"])
    mode = {"starttls (required)": "starttls", "starttls on connect (required)": "implicit"}.get(theirs["tls"], "none")
    assert connection.tls_mode.value == mode
    assert profiles[0].lmtp == (theirs["protocol"] == "lmtp")
    assert profiles[0].user == theirs.get("username", "").strip("'")
    assert f"{profiles[0].timeout or 30:.0f}" == theirs["timeout"]
    assert (profiles[0].ehlo or theirs["helo"]) == theirs["helo"]
    assert (profiles[0].from_address or theirs["from"]) == theirs["from"]
