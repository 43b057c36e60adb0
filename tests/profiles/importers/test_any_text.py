"""Whatever the text, an import gives a result, and no secret in it comes out again."""

import shlex
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from smtptui.profiles import Format, Imported, Profile, guess_format, import_msmtprc, import_swaks, import_text
from smtptui.profiles.importers.msmtprc import SETTINGS
from smtptui.profiles.importers.swaks_options import BY_NAME
from smtptui.protocol import visible

PLAUSIBLE = (
    *("", "on", "off", "25", "465", "0x19", "-1", "a.example", "ann@example.org", "[::1]:26", "/run/s", "~x/y", '"'),
    *("<>", "plain", "PLAIN,LOGIN", "xoauth2", "EXTERNAL", "lmtp", "ESMTPSA", "AA:" * 31 + "AA", "$x", "a: b", "1h"),
)
VALUES = st.one_of(st.sampled_from(PLAUSIBLE), st.text(max_size=8))
MSMTP = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(sorted(SETTINGS)), VALUES).map(" ".join),
        st.builds(lambda a, b: f"account {a} : {b}", st.sampled_from("abc"), st.sampled_from("abc")),
        st.text(max_size=20),
    ),
    max_size=25,
).map("\n".join)
SWAKS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["-", "--", "--no-", "+", ""]), st.sampled_from(sorted(BY_NAME))).map("".join),
        VALUES,
        st.sampled_from(["swaks", "\nswaks", "\n", "|", "<", "'", "\\\n", "#"]),
    ),
    max_size=25,
).map(" ".join)
SECRETS = st.text(st.sampled_from("ZQXJzqxj0123456789+/=!"), min_size=8, max_size=20).map(lambda text: f"Zq{text}")
MSMTP_PLACES = (
    *("password {0}", 'password "{0}"', "password\t{0}", "Password {0}", "passwd {0}", "password={0}", "password: {0}"),
    *("{0}", "pass word {0}", "passwordeval echo {0}", 'passwordeval "printf %s {0}"', "eval echo password {0}"),
    *("tls {0}", "port {0}", "auth {0}", "timeout {0}", "tls_fingerprint {0}", "source_ip {0}", "protocol {0}"),
)
SWAKS_PLACES = (
    *("-ap {0}", "--auth-password {0}", "--auth-password={0}", "-ap={0}", "--auth-pass {0}", "--auth-p {0}"),
    *("-ap -{0}", "-ap{0}", "-p {0}", "{0}", "--{0}", "--auth {0}", "--tls {0}", "-pw {0}", "--timeout {0}"),
    *("| {0}", "-ae x={0}", "-ahp {0}", "--protocol {0}", "--tls-protocol {0}", "-li {0}"),
)
"""Where a password may stand, by right and by mistake; no place that becomes part of a profile."""


def sound(imported: Imported) -> None:
    """Check what holds for every result."""
    for profile in imported.profiles:
        assert Profile.model_validate(profile.model_dump()) == profile
        profile.connection()
        assert profile.host or profile.socket
    names = [profile.name for profile in imported.profiles]
    assert len(names) == len(set(names))
    for left in imported.left:
        assert left.line >= 1
        assert str(left).startswith(f"Line {left.line}: ")
        assert str(left).endswith(".")
        assert visible(str(left))


@given(st.one_of(MSMTP, st.text()))
@example("account\x00 a")
@example('account "\nhost x')
@example("defaults x\naccount a:a\nhost a.example\ntls_trust_file ~root~/x")
def test_any_text_is_read_as_msmtp_would(text: str) -> None:
    sound(import_msmtprc(text, Path("/home/ann")))


@given(st.one_of(SWAKS, SWAKS.map(lambda text: f"swaks -s a.example {text}"), st.text()))
@example("swaks -s a.example \\")
@example("--=x\n-\n--\n+=")
def test_any_text_is_read_as_swaks_would(text: str) -> None:
    sound(import_swaks(text, Path("/home/ann")))


@given(st.one_of(MSMTP, SWAKS, st.text()))
def test_any_text_is_guessed_and_read(text: str) -> None:
    form = guess_format(text)
    if form is not None:
        sound(import_text(text, form))
    for each in Format:
        sound(import_text(text, each, name="one" * 40))


@given(
    SECRETS,
    st.lists(st.sampled_from(MSMTP_PLACES), min_size=1),
)
def test_a_password_of_msmtp_never_comes_out(secret: str, lines: list[str]) -> None:
    text = "\n".join(["account a", "host a.example", "user ann", "auth on", *(line.format(secret) for line in lines)])
    imported = import_msmtprc(text)
    assert len(imported.profiles) == 1
    assert secret not in repr(imported)
    assert not any(secret in str(left) for left in imported.left)


@given(
    SECRETS,
    st.lists(st.sampled_from(SWAKS_PLACES), min_size=1),
)
def test_a_password_of_swaks_never_comes_out(secret: str, options: list[str]) -> None:
    words = " ".join(option.format(shlex.quote(secret)) for option in options)
    for text in (
        f"swaks -s a.example -au ann {words}",
        "\n".join(["server a.example", "au ann", *(option.format(secret) for option in options)]),
        f"SWAKS_OPT_auth_password={shlex.quote(secret)} swaks -s a.example {words}",
    ):
        imported = import_swaks(text)
        assert len(imported.profiles) == 1
        assert secret not in repr(imported)
        assert not any(secret in str(left) for left in imported.left)
