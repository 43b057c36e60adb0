"""Calls and configuration files of swaks become profiles that mean the same; what does not fit is told."""

from pathlib import Path

import pytest

from smtptui.profiles import Imported, Profile, SecretOrigin, import_swaks
from smtptui.protocol import Family, TlsMode

SERVER = "--server mail.example.org"


def call(options: str) -> Imported:
    """An import of one call."""
    return import_swaks(f"swaks {SERVER} {options}")


def profile(options: str) -> Profile:
    """The profile of one call."""
    (only,) = call(options).profiles
    return only


def told(imported: Imported) -> list[str]:
    """What was left, as sentences."""
    return [str(left) for left in imported.left]


def test_a_call_as_it_was_pasted() -> None:
    imported = import_swaks(
        "ann@laptop:~$ swaks --to bob@example.net --from ann@example.org -s mail.example.org:587 -tls \\\n"
        "    -a LOGIN -au ann -ap 'hun ter2' --h-Subject 'a; b' --body \"it's\" 2>&1 | tee log\n"
    )
    (only,) = imported.profiles
    assert (only.name, only.host, only.port) == ("mail.example.org", "mail.example.org", 587)
    assert (only.auth, only.user, only.from_address) == ("LOGIN", "ann", "ann@example.org")
    assert only.connection().tls_mode is TlsMode.STARTTLS
    assert told(imported) == [
        "Line 1: --to: belongs to a message and not to a profile.",
        "Line 1: --header: belongs to a message and not to a profile.",
        "Line 1: --body: belongs to a message and not to a profile.",
        "Line 1: swaks checks no certificate and a profile checks issuer and name; for a private certificate set"
        " ca_file or fingerprint.",
        "Line 1: --auth-password: no password is carried over; `smtptui profiles password mail.example.org` keeps it"
        " in the keyring.",
    ]


def test_a_configuration_file() -> None:
    imported = import_swaks(
        "# always this sender\n"
        "--from fred@example.com\n"
        'h-From: "Fred Example" <fred@example.com>\n'
        "\n"
        "-server mail.example.com\n"
        "tls\n"
        "au fred one\n"
        "ap secret pass\n"
        "port submission\n"
        "tls-verify\n"
        "tls-ca-path ca.pem\n",
        Path("/home/fred"),
    )
    (only,) = imported.profiles
    assert (only.host, only.port, only.user) == ("mail.example.com", 587, "fred one")
    assert (only.from_address, only.ca_file) == ("fred@example.com", Path("/home/fred/ca.pem"))
    assert told(imported) == [
        "Line 3: --header: belongs to a message and not to a profile.",
        "Line 8: --auth-password: no password is carried over; `smtptui profiles password mail.example.com` keeps it"
        " in the keyring.",
        "Line 11: --tls-ca-path: not an absolute path; taken from the folder of this file.",
    ]


def test_several_calls_are_several_profiles() -> None:
    imported = import_swaks(
        "#!/bin/sh\n"
        "# swaks --server commented.example\n"
        "set -e\n"
        "swaks -t a@x.example -s one.example\n"
        "/usr/bin/swaks -t b@x.example -s one.example\n"
        "sudo swaks.pl -s one.example -tlsc\n"
        "SWAKS_OPT_server=two.example SWAKS_OPT_auth_user=ann SWAKS_OPT_to='<>' swaks --to c@x.example\n"
    )
    assert [(each.name, each.host, each.port) for each in imported.profiles] == [
        ("one.example", "one.example", 25),
        ("one.example 2", "one.example", 465),
        ("two.example", "two.example", 25),
    ]
    assert imported.profiles[2].user == "ann"
    assert "Line 3: no call of swaks." in told(imported)
    assert "Line 5: the same server as above; one profile is enough." in told(imported)


def test_lines_in_a_row_that_are_no_calls_are_told_once() -> None:
    imported = import_swaks(f"#!/bin/sh\nset -e\n\ncd /tmp\nswaks {SERVER}\ndate\n")
    assert told(imported) == ["Line 2: no call of swaks, nor are the lines up to 4.", "Line 6: no call of swaks."]


def test_the_password_is_for_the_name_that_the_profile_got() -> None:
    imported = import_swaks("swaks -s a.example -au ann -ap x1\nswaks -s a.example -au bob -ap x2")
    assert [each.name for each in imported.profiles] == ["a.example", "a.example 2"]
    assert any("`smtptui profiles password 'a.example 2'`" in sentence for sentence in told(imported))


@pytest.mark.parametrize(
    "line",
    [
        "shell> swaks {}",
        "$swaks {}",
        "% ./swaks {}",
        "root@mx:~# /usr/local/bin/swaks.pl {}",
        "echo body | swaks {} --data -",
        "sudo -u mail swaks {}",
        "timeout 60 swaks {}",
        "perl -w swaks {}",
        "for to in a@x.example b@x.example; do swaks {} --to $to; done",
        "if ! swaks {} --quit-after RCPT >/dev/null 2>&1; then echo no; fi",
        "test -x /usr/bin/swaks && swaks {} || exit 1",
        "(cd /tmp; LANG=C swaks {} < /dev/null)",
    ],
)
def test_calls_as_scripts_and_notes_have_them(line: str) -> None:
    imported = import_swaks(f"# how to try it\n{line.format(SERVER)}\n")
    assert [each.host for each in imported.profiles] == ["mail.example.org"]


@pytest.mark.parametrize("line", ["echo swaks -s a.example", "apt install swaks", "cat ~/.swaksrc", "man swaks | less"])
def test_what_only_names_swaks_is_no_call(line: str) -> None:
    imported = import_swaks(f"{line}\nswaks {SERVER}")
    assert [each.host for each in imported.profiles] == ["mail.example.org"]
    assert "Line 1: no call of swaks." in told(imported)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("mail.example.org", "mail.example.org", 25),
        ("mail.example.org:2525", "mail.example.org", 2525),
        ("mail.example.org/2525", "mail.example.org", 2525),
        ("mail.example.org:submission", "mail.example.org", 587),
        ("192.0.2.1:26", "192.0.2.1", 26),
        ("[192.0.2.1]", "192.0.2.1", 25),
        ("[2001:db8::1]:26", "2001:db8::1", 26),
        ("2001:db8::1/26", "2001:db8::1", 26),
        ("2001:db8::1", "2001:db8::1", 25),
    ],
)
def test_servers(text: str, host: str, port: int) -> None:
    (only,) = import_swaks(f"swaks --server {text}").profiles
    assert (only.host, only.port) == (host, port)
    (only,) = import_swaks(f"swaks --server {text} --port 99").profiles
    assert (only.host, only.port) == (host, 99)


@pytest.mark.parametrize(
    ("options", "port", "mode"),
    [
        ("", 25, TlsMode.NONE),
        ("-tls", 25, TlsMode.STARTTLS),
        ("--tls -p 587", 587, TlsMode.STARTTLS),
        ("-tlsc", 465, TlsMode.IMPLICIT),
        ("--tls-on-connect --port 993", 993, TlsMode.IMPLICIT),
        ("-tlso", 25, TlsMode.OPPORTUNISTIC),
        ("--tls-optional-strict", 25, TlsMode.OPPORTUNISTIC),
        ("--protocol SSMTP", 465, TlsMode.IMPLICIT),
        ("--protocol smtps", 465, TlsMode.IMPLICIT),
        ("--protocol=ESMTPS", 25, TlsMode.STARTTLS),
        ("--protocol ESMTPSA -p 587", 587, TlsMode.STARTTLS),
        ("--protocol SSMTP -tls -p 587", 587, TlsMode.STARTTLS),
        ("--protocol LMTP", 24, TlsMode.NONE),
        ("--protocol LMTPS", 24, TlsMode.STARTTLS),
        ("-tls --no-tls", 25, TlsMode.NONE),
        ("-p 465", 465, TlsMode.NONE),
    ],
)
def test_port_and_tls(options: str, port: int, mode: TlsMode) -> None:
    only = profile(options)
    assert (only.connection().port, only.connection().tls_mode) == (port, mode)
    assert only.lmtp == ("LMTP" in options)


@pytest.mark.parametrize(
    ("options", "auth", "user"),
    [
        ("", "auto", ""),
        ("-a", "auto", ""),
        ("-au ann", "auto", "ann"),
        ("-a PLAIN -au ann", "PLAIN", "ann"),
        ("-a login-initial -au ann", "LOGIN", "ann"),
        ("-a PLAIN,LOGIN -au ann", "auto", "ann"),
        ("-a DIGEST-MD5 -au ann", "auto", "ann"),
        ("-ao CRAM-MD5 -au ann", "CRAM-MD5", "ann"),
        ("--auth-user '<>' -ap x1", "auto", ""),
        ("--auth-user=ann --auth=PLAIN", "PLAIN", "ann"),
        ("--auth-u ann", "auto", "ann"),
        ("-au ann -au bob", "auto", "bob"),
        ("-au ann --no-auth-user", "auto", ""),
        ("-au ann -nau", "auto", "ann"),
    ],
)
def test_who_logs_in(options: str, auth: str, user: str) -> None:
    only = profile(f"-tls {options}")
    assert (only.auth, only.user) == (auth, user)
    assert only.secret_origin is (SecretOrigin.KEYRING if user else SecretOrigin.NONE)


def test_a_protocol_with_a_login_without_a_user() -> None:
    assert "Line 1: --auth-user: no user is named, so nobody logs in." in told(call("--protocol SSMTPA"))


def test_a_login_in_the_clear_needs_consent() -> None:
    assert any("needs your consent" in sentence for sentence in told(call("-au ann")))
    assert any("needs your consent" in sentence for sentence in told(call("-tlso -au ann")))
    assert not any("needs your consent" in sentence for sentence in told(call("-tls -au ann")))


def test_certificates_and_ways() -> None:
    only = profile(
        "-tls --tls-verify --tls-ca-path /ca.pem --tls-cert /c.pem --tls-key /k.pem --tls-sni other.example.org"
        " -4 -li 192.0.2.7 --timeout 2m --ehlo me.example.org"
    )
    assert (only.ca_file, only.client_cert, only.client_key) == (Path("/ca.pem"), Path("/c.pem"), Path("/k.pem"))
    assert (only.sni, only.family, only.source) == ("other.example.org", Family.IPV4, "192.0.2.7")
    assert (only.timeout, only.ehlo) == (120, "me.example.org")


def test_a_socket() -> None:
    imported = import_swaks("swaks --socket /var/run/lda.sock --protocol LMTP -t ann@example.org")
    (only,) = imported.profiles
    assert (only.name, only.socket, only.lmtp) == ("lda.sock", Path("/var/run/lda.sock"), True)
    assert only.connection().tls_mode is TlsMode.NONE


@pytest.mark.parametrize(
    ("versions", "oldest", "told_so"),
    [
        ("tlsv1_2,tlsv1_3", "1.2", False),
        ("tlsv1_3", "1.3", False),
        ("no_sslv2,no_sslv3", "1.0", False),
        ("tlsv1", "1.0", True),
        ("no_tlsv1_3", "1.0", True),
        ("sslv3", "1.2", True),
        ("quic", "1.2", True),
    ],
)
def test_tls_versions(versions: str, oldest: str, told_so: bool) -> None:
    imported = call(f"-tls --tls-verify --tls-protocol {versions}")
    assert imported.profiles[0].tls_min == oldest
    assert bool(imported.left) is told_so


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--quit-after RCPT", "--quit-after: belongs to a run: `smtptui send` has --quit-after and --drop-after"),
        ("-q RCPT", "--quit-after: belongs to a run: `smtptui send` has --quit-after and --drop-after"),
        ("--hide-all", "--hide-all: changes only what swaks shows"),
        ("--xclient-addr 192.0.2.1", "--xclient-addr: smtptui does not say XCLIENT"),
        ("--config other.rc", "--config: the options in that file were not read; import it as well"),
        ("--tls-cipher HIGH", "--tls-cipher: smtptui has no setting for it"),
        ("-ae realm=x", "--auth-extra: no mechanism of smtptui needs it"),
        ("-lp 25", "--local-port: the operating system chooses the port here"),
        ("-li eth0", "--local-interface: not an IP address"),
        ("--timeout 0", "--timeout: not a time from 1 s to 24 h; smtptui always has limits"),
        ("--timeout soon", "--timeout: not a time from 1 s to 24 h; smtptui always has limits"),
        ("--port imap4", "--port: not a port from 1 to 65535"),
        ("--protocol SMTP", "--protocol: swaks says HELO; smtptui says EHLO, and HELO where that is refused"),
        ("--protocol UUCP", "--protocol: no protocol of swaks; read as ESMTP"),
        ("-f ann", "--from: not an address"),
        ("--ehlo", "--helo: has no argument; swaks would ask for one"),
        ('--ehlo "$(hostname)"', "--helo: the shell fills in a part of it"),
        ("--ehlo 'a b'", "--helo: not a name that EHLO can say"),
        ("--tls-key /k.pem", "--tls-key: not a value that a profile can have"),
        ("--hello x1", "no option that swaks knows"),
        ("hunter2", "a word that belongs to no option"),
        ("--auth-p hunter2", "a word that belongs to no option"),
        ("--tls-sni a.example --tls-verify-target b.example", "--tls-verify-target: smtptui expects the name in the"),
    ],
)
def test_what_is_left_is_told(options: str, says: str) -> None:
    imported = call(options)
    assert any(sentence.startswith(f"Line 1: {says}") for sentence in told(imported)), told(imported)
    assert len(imported.profiles) == 1
    assert "hunter2" not in repr(imported)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("swaks --to ann@example.org", "Line 1: no profile was made: no server is named, and swaks would ask the"),
        ("from ann@example.org", "Line 1: no profile was made: no server is named, and swaks would ask the"),
        ("swaks --server 'a b'", "Line 1: --server: not a host name and not an IP address."),
        ("swaks --server $RELAY", "Line 1: --server: the shell fills in a part of it."),
        ("swaks --server 'mail.example.org", "Line 1: a quotation mark is never closed."),
        ("swaks --pipe 'exim -bh 192.0.2.1'", "Line 1: --pipe: smtptui speaks to servers, not to programs."),
        ("", "Line 1: no profile was made"),
    ],
)
def test_no_profile_without_a_server(text: str, says: str) -> None:
    imported = import_swaks(text)
    assert not imported.profiles
    assert any(sentence.startswith(says) for sentence in told(imported)), told(imported)


def test_a_name_of_ones_own() -> None:
    imported = import_swaks(f"swaks {SERVER} -tls -au ann -ap x1", name="my relay")
    assert imported.profiles[0].name == "my relay"
    assert any("`smtptui profiles password 'my relay'`" in sentence for sentence in told(imported))


@pytest.mark.parametrize(
    ("options", "timeout"),
    [
        ("--timeout 5", 5),
        ("-timeout=5", 5),
        ("--timeo 5", 5),
        ("+timeout 5", 5),
        ("--t 5", None),
        ("--TIMEOUT 5", None),
    ],
)
def test_options_are_found_as_getopt_finds_them(options: str, timeout: int | None) -> None:
    assert profile(options).timeout == timeout


def test_an_argument_that_may_be_missing_is_no_other_option() -> None:
    only = profile("--from --tls --port 587")
    assert (only.from_address, only.port, only.connection().tls_mode) == ("", 587, TlsMode.STARTTLS)


def test_a_file_with_short_options_as_people_keep_them() -> None:
    imported = import_swaks(
        "-s smtp.example.net:587\n-tls\n-au postmaster@mg.example.org\n-ap 0123abcd-secret\n-f ann@example.org\n"
        "--h-Message-ID %MESSAGEID%\n"
    )
    (only,) = imported.profiles
    assert (only.host, only.port, only.user) == ("smtp.example.net", 587, "postmaster@mg.example.org")
    assert only.from_address == "ann@example.org"
    assert "0123abcd" not in repr(imported)


def test_a_call_whose_values_are_variables() -> None:
    imported = import_swaks('swaks --from "$FROM" -s "$HOST" -tls -a LOGIN -au "$USER" -ap "$PASS" -t "$TO"')
    assert not imported.profiles
    assert "Line 1: --server: the shell fills in a part of it." in told(imported)


def test_a_body_of_several_lines_is_one_argument() -> None:
    imported = import_swaks(
        "swaks --to bob@example.net \\\n  --body 'Dear Bob,\n\n# no comment\nswaks -s other.example' \\\n"
        f"  {SERVER} -p 587\ndate\n"
    )
    (only,) = imported.profiles
    assert (only.host, only.port) == ("mail.example.org", 587)
    assert told(imported) == [
        "Line 1: --to: belongs to a message and not to a profile.",
        "Line 1: --body: belongs to a message and not to a profile.",
        "Line 7: no call of swaks.",
    ]
