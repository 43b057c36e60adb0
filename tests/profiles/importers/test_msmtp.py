"""Accounts of msmtp become profiles that mean the same, and what does not fit is told with its line."""

from pathlib import Path

import pytest

from smtptui.profiles import Imported, Profile, SecretOrigin, import_msmtprc
from smtptui.protocol import TlsMode

SHA256 = ":".join(["0F"] * 32)


def one(*lines: str, host: bool = True) -> Imported:
    """An import of one account with these settings."""
    return import_msmtprc("\n".join(["account a", *(["host mail.example.org"] if host else []), *lines]))


def profile(*lines: str, host: bool = True) -> Profile:
    """The profile of one account with these settings."""
    (only,) = one(*lines, host=host).profiles
    return only


def told(imported: Imported) -> list[str]:
    """What was left, as sentences."""
    return [str(left) for left in imported.left]


def test_a_file_with_defaults_and_inheritance() -> None:
    imported = import_msmtprc(
        """\
# a comment, and a blank line

defaults
tls on
port 587
auth on

account home
host smtp.home.example
user ann
from ann@home.example
account alias : home
from "ann+lists@home.example"
account work
  host\tsmtp.work.example
  tls_starttls off
  port 465
  user "ann at work"
  passwordeval "pass show work"
account default : home
"""
    )
    home, alias, work = imported.profiles
    assert (home.name, home.host, home.port, home.user) == ("home", "smtp.home.example", 587, "ann")
    assert alias == home.model_copy(update={"name": "alias", "from_address": "ann+lists@home.example"})
    assert (work.user, work.password_command) == ("ann at work", "pass show work")
    assert work.connection().tls_mode is TlsMode.IMPLICIT
    assert told(imported) == [
        "Line 6: auth: the password is not in this file; `smtptui profiles password home` keeps it in the keyring.",
        "Line 6: auth: the password is not in this file; `smtptui profiles password alias` keeps it in the keyring.",
        "Line 20: account: default is the same as home; one profile is enough.",
    ]


def test_later_defaults_are_for_later_accounts() -> None:
    first, second = import_msmtprc(
        "account a\nhost a.example\ndefaults\nport 2525\nauth off\naccount b\nhost b.example"
    ).profiles
    assert (first.port, second.port) == (25, 2525)


def test_only_what_an_account_sets_goes_before_later_defaults() -> None:
    text = "defaults\nport 1\naccount a\nhost a.example\ndefaults\nport 2\naccount b : a\naccount c : b\nport 3"
    ports = {each.name: each.port for each in import_msmtprc(text).profiles}
    assert ports == {"a": 1, "b": 2, "c": 3}


def test_several_bases_in_their_order() -> None:
    text = "account a\nhost a.example\nport 1\naccount b\nhost b.example\naccount c : a , b"
    assert [(each.host, each.port) for each in import_msmtprc(text).profiles][-1] == ("b.example", 1)


def test_settings_without_an_account_are_one_named_default() -> None:
    (only,) = import_msmtprc("host mail.example.org\nport 2525").profiles
    assert (only.name, only.host, only.port) == ("default", "mail.example.org", 2525)


def test_a_default_with_settings_of_its_own_is_a_profile() -> None:
    text = "account a\nhost a.example\naccount default : a\nport 2525"
    assert [each.name for each in import_msmtprc(text).profiles] == ["a", "default"]


@pytest.mark.parametrize(
    ("lines", "port", "mode"),
    [
        ((), 25, TlsMode.NONE),
        (("tls on",), 25, TlsMode.STARTTLS),
        (("tls",), 25, TlsMode.STARTTLS),
        (("tls on", "tls_starttls off"), 465, TlsMode.IMPLICIT),
        (("tls", "tls_nostarttls"), 465, TlsMode.IMPLICIT),
        (("tls on", "port 587"), 587, TlsMode.STARTTLS),
        (("tls off", "port 587"), 587, TlsMode.NONE),
        (("tls_starttls off", "port 465"), 465, TlsMode.NONE),
        (("port 0x19",), 25, TlsMode.NONE),
    ],
)
def test_port_and_tls(lines: tuple[str, ...], port: int, mode: TlsMode) -> None:
    connection = profile(*lines).connection()
    assert (connection.port, connection.tls_mode) == (port, mode)


def test_lmtp_over_a_socket() -> None:
    imported = one("socket /run/lmtp", "protocol lmtp")
    (only,) = imported.profiles
    assert (only.socket, only.lmtp, only.host) == (Path("/run/lmtp"), True, "")
    assert only.connection().tls_mode is TlsMode.NONE
    assert told(imported) == ["Line 2: host: the account has a socket, which goes before it."]


def test_lmtp_has_no_port_of_its_own() -> None:
    imported = one("protocol lmtp")
    assert imported.profiles[0].port == 24
    assert "LMTP has no port of its own" in told(imported)[0]


def test_certificates() -> None:
    only = profile(
        "tls on",
        "tls_trust_file /etc/ca.pem",
        "tls_cert_file ~/me.pem",
        "tls_key_file /keys/me.key",
        "tls_host_override other.example.org",
        f"tls_fingerprint {SHA256}",
    )
    assert (only.ca_file, only.client_cert, only.client_key) == (
        Path("/etc/ca.pem"),
        Path("~/me.pem"),
        Path("/keys/me.key"),
    )
    assert (only.sni, only.fingerprint, only.verify) == ("other.example.org", SHA256, True)


def test_the_systems_authorities_need_no_file() -> None:
    assert profile("tls on", "tls_trust_file system").ca_file is None


def test_no_check_goes_before_a_fingerprint() -> None:
    imported = one("tls on", "tls_certcheck off", f"tls_fingerprint {SHA256}")
    assert not imported.profiles[0].verify
    assert imported.profiles[0].fingerprint is None
    assert told(imported) == ["Line 5: tls_fingerprint: tls_certcheck is off, which goes before it."]
    assert not profile("tls_nocertcheck").verify


def test_paths_are_taken_from_the_folder_of_the_file() -> None:
    imported = import_msmtprc("host a.example\ntls_trust_file ca.pem", Path("/home/ann"))
    assert imported.profiles[0].ca_file == Path("/home/ann/ca.pem")
    assert told(imported) == ["Line 2: tls_trust_file: not an absolute path; taken from the folder of this file."]


@pytest.mark.parametrize(
    ("lines", "auth", "user"),
    [
        ((), "off", ""),
        (("user ann",), "off", "ann"),
        (("auth on", "user ann"), "auto", "ann"),
        (("auth", "user ann"), "auto", "ann"),
        (("auth scram-sha-256", "user ann"), "SCRAM-SHA-256", "ann"),
        (("auth plain",), "auto", ""),
        (("auth external", "tls_cert_file /c.pem", "tls_key_file /k.pem"), "EXTERNAL", ""),
        (("auth ntlm", "user ann"), "auto", "ann"),
        (("user ann", "auth on", "user"), "auto", ""),
    ],
)
def test_who_logs_in(lines: tuple[str, ...], auth: str, user: str) -> None:
    only = profile("tls on", *lines)
    assert (only.auth, only.user) == (auth, user)


@pytest.mark.parametrize(
    ("lines", "origin"),
    [
        (("passwordeval gpg -d ~/p.gpg",), SecretOrigin.PASSWORD_COMMAND),
        (("auth xoauth2", "passwordeval get-token"), SecretOrigin.TOKEN_COMMAND),
        (("password hunter2",), SecretOrigin.KEYRING),
        (("password hunter2", "passwordeval pass"), SecretOrigin.KEYRING),
        (("passwordeval echo hunter2",), SecretOrigin.KEYRING),
        (("passwordeval echo hunter2 | base64 -d",), SecretOrigin.KEYRING),
        (("passwordeval echo $MAIL_PASSWORD",), SecretOrigin.PASSWORD_COMMAND),
        ((), SecretOrigin.KEYRING),
    ],
)
def test_where_the_password_comes_from(lines: tuple[str, ...], origin: SecretOrigin) -> None:
    imported = one("tls on", "auth on", "user ann", *lines)
    (only,) = imported.profiles
    assert only.secret_origin is origin
    assert "hunter2" not in f"{only!r}{imported.left!r}"
    assert any("smtptui profiles password a" in sentence for sentence in told(imported)) == (
        origin is SecretOrigin.KEYRING
    )


def test_a_login_in_the_clear_needs_consent() -> None:
    imported = one("auth on", "user ann", "passwordeval pass")
    assert not imported.profiles[0].allow_clear_auth
    assert told(imported) == [
        "Line 3: auth: without TLS a login needs your consent; set allow_clear_auth in the profile to give it."
    ]


@pytest.mark.parametrize(
    ("lines", "sender"),
    [
        (("from ann@example.org",), "ann@example.org"),
        (("from ann@example.org", "from_full_name Ann Lee"), "Ann Lee <ann@example.org>"),
        (("from ann@example.org", 'from_full_name "Lee, Ann"'), '"Lee, Ann" <ann@example.org>'),
        (("from %U@example.org",), ""),
        (("from *@example.org",), ""),
        (("from ann",), ""),
        (("from",), ""),
    ],
)
def test_the_sender(lines: tuple[str, ...], sender: str) -> None:
    assert profile(*lines).from_address == sender


def test_other_settings() -> None:
    only = profile("domain ann.example.org", "timeout 30", "source_ip 192.0.2.7")
    assert (only.ehlo, only.timeout, only.source) == ("ann.example.org", 30, "192.0.2.7")
    assert profile("timeout off").timeout is None
    assert profile("connect_timeout 5").timeout == 5
    assert profile("domain %H").ehlo is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("proxy_host 127.0.0.1", "Line 3: proxy_host: smtptui does not connect through a SOCKS proxy."),
        ("tls_priorities NORMAL", "Line 3: tls_priorities: smtptui has no setting for it."),
        ("logfile ~/log", "Line 3: logfile: smtptui keeps no log; `smtptui send --save FILE` keeps a transcript."),
        ("set_from_header on", "Line 3: set_from_header: belongs to a message and not to a profile."),
        ("eval echo port 1", "Line 3: eval: no command is run by an import, so what it prints is missing."),
        ("port 66000", "Line 3: port: not a whole number from 1 to 65535."),
        ("port 0587", "Line 3: port: not a whole number from 1 to 65535."),
        ("timeout 1d", "Line 3: timeout: not a whole number from 1 to 86400."),
        ("protocol http", "Line 3: protocol: neither smtp nor lmtp; read as smtp."),
        ("tls yes", "Line 3: tls: neither on nor off; read as off."),
        ("source_ip here", "Line 3: source_ip: not an IP address."),
        ("tls_cert_file pkcs11:id=1", "Line 3: tls_cert_file: a key on a device; smtptui reads files."),
        ("tls_key_file /k.pem", "Line 3: tls_key_file: not a value that a profile can have."),
        ("tls_trust_file ~nobody-here/ca.pem", "Line 3: tls_trust_file: not a value that a profile can have."),
        ("tls_fingerprint AB:CD", "Line 3: tls_fingerprint: not a fingerprint as msmtp writes them."),
        ("auth kerberos", "Line 3: auth: not a mechanism that smtptui has; the best one offered is taken."),
        ("host", None),
        ("prot 25", "Line 3: this is no setting that msmtp knows."),
        ("hunter2", "Line 3: this is no setting that msmtp knows."),
        ("user \x1b[31m", "Line 3: user: its value has control characters, or octets that are no UTF-8."),
        ("user M\ufffdller", "Line 3: user: its value has control characters, or octets that are no UTF-8."),
        ("set_from_header auto", None),
        ("proxy_host", None),
        ("dsn_notify off", None),
    ],
)
def test_what_is_left_is_told(line: str, says: str | None) -> None:
    imported = one(line) if line != "host" else one("host", "host mail.example.org", host=False)
    assert says in told(imported) if says else not imported.left
    assert len(imported.profiles) == 1


def test_sha1_fingerprints_are_left() -> None:
    imported = one("tls on", "tls_fingerprint " + ":".join(["AA"] * 20))
    assert "SHA-1" in told(imported)[0]
    assert imported.profiles[0].fingerprint is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("account a : nobody\nhost a.example", "nobody is not defined above, so a lacks it"),
        ("account a\nhost a.example\naccount a\nhost b.example", "a is there already; the second one was left out"),
        ("account", "an account needs a name without commas; this one was left out"),
        ("account a, b\nhost a.example", "an account needs a name without commas; this one was left out"),
        ("account a\nuser ann", "no profile was made of a: what is left names no usable server"),
        ("account a\nhost http://a.example/", "not a host name and not an IP address"),
        (f"account {'a' * 70}\nhost a.example", f"its name does not fit; the profile is {'a' * 60}"),
    ],
)
def test_accounts_that_are_not_as_they_should_be(text: str, says: str) -> None:
    assert says in [left.why for left in import_msmtprc(text).left]


def test_the_second_of_two_accounts_of_a_name_changes_nothing() -> None:
    (only,) = import_msmtprc("account a\nhost a.example\naccount a\nhost b.example\nport 1").profiles
    assert (only.host, only.port) == ("a.example", 25)


def test_windows_line_ends_a_byte_order_mark_and_hash_signs_within_a_line() -> None:
    (only,) = import_msmtprc("\ufeffhost a.example\r\nauth on\r\ntls on\r\nuser ann#1\r\npasswordeval x\r\n").profiles
    assert (only.host, only.user) == ("a.example", "ann#1")


def test_a_single_account_can_be_renamed() -> None:
    imported = import_msmtprc("host a.example\nauth on\ntls on\nuser ann\npassword x1", name="my relay")
    assert imported.profiles[0].name == "my relay"
    assert "`smtptui profiles password 'my relay'`" in told(imported)[0]


def test_a_file_as_guides_show_it() -> None:
    imported = import_msmtprc(
        """\
   #account default
   defaults
   account default
   auth on
   tls on
   tls_starttls on
   tls_trust_file /etc/ssl/certs/ca-certificates.crt
   logfile /var/log/msmtp.log
   host smtp.example.com
   port 587
   from ann@example.com
   user ann@example.com
   password abcd efgh ijkl mnop
   aliases /etc/aliases
"""
    )
    (only,) = imported.profiles
    assert (only.name, only.host, only.port, only.user) == ("default", "smtp.example.com", 587, "ann@example.com")
    assert "ijkl" not in repr(imported)
    assert [left.setting for left in imported.left] == ["logfile", "password", "aliases"]


def test_a_default_without_a_blank_before_its_colon_and_settings_that_no_profile_has() -> None:
    imported = import_msmtprc(
        "defaults\ntls on\naccount home\nhost smtp.example.com\naccount default: home\naliases /etc/aliases\n"
    )
    assert [each.name for each in imported.profiles] == ["home"]


def test_a_fenced_example_is_read_and_the_fence_told() -> None:
    imported = import_msmtprc("```bash\naccount a\nhost a.example\n```\n")
    assert [each.name for each in imported.profiles] == ["a"]
    assert [left.line for left in imported.left] == [1, 4]
