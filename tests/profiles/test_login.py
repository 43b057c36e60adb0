"""Who logs in, with what, and what has to be agreed to."""

from dataclasses import replace
from pathlib import Path

import pytest

from smtptui.profiles import Consent, LoginKind, LoginPlan, Profile, SecretOrigin, plan_login, plan_profile
from smtptui.protocol import Connection, Credentials, Secret, TlsMode, TlsSettings
from smtptui.tui.connect.session_state import CredentialCache


def _profile(**fields: object) -> Profile:
    return Profile.model_validate({"name": "relay", "host": "mail.example.org", "port": 587, "user": "me", **fields})


def _plan(profile: Profile, kept: Profile | None = None) -> LoginPlan:
    return plan_profile(profile, profile.connection(), kept=kept)


CLEAR = _profile(tls=TlsMode.NONE)
UNVERIFIED = _profile(verify=False)
COMMAND = _profile(password_command="pass show relay")
ALLOWED = _profile(tls=TlsMode.NONE, allow_clear_auth=True)
CERTIFICATE = {"user": "", "client_cert": "me.pem"}


@pytest.mark.parametrize(
    ("profile", "kept", "needed"),
    [
        (_profile(), None, ()),
        (CLEAR, None, (Consent.CLEAR_AUTH,)),
        (CLEAR, CLEAR, (Consent.CLEAR_AUTH,)),
        (ALLOWED, ALLOWED, ()),
        # Nobody has agreed to that: it only stands in a form.
        (ALLOWED, None, (Consent.CLEAR_AUTH,)),
        (ALLOWED.model_copy(update={"host": "elsewhere.example.org"}), ALLOWED, (Consent.CLEAR_AUTH,)),
        (_profile(tls=TlsMode.NONE, user=""), None, ()),
        (_profile(tls=TlsMode.NONE, auth="off"), None, ()),
        (_profile(host="", port=None, socket="/run/lmtp", tls=TlsMode.NONE), None, ()),
        (UNVERIFIED, UNVERIFIED, (Consent.UNVERIFIED_AUTH,)),
        (_profile(verify=False, tls=TlsMode.NONE), None, (Consent.CLEAR_AUTH,)),
        (_profile(fingerprint="ab" * 32), None, ()),
        (COMMAND, COMMAND, ()),
        (COMMAND.model_copy(update={"host": "elsewhere.example.org"}), COMMAND, (Consent.ELSEWHERE,)),
        # A secret in the keyring belongs to its server, so another one does not get it.
        (_profile(host="elsewhere.example.org"), _profile(), ()),
        (_profile(verify=False, auth="EXTERNAL", **CERTIFICATE), None, (Consent.UNVERIFIED_AUTH,)),
        # It gives nothing away, and is shown without a login as well.
        (_profile(verify=False, **CERTIFICATE), None, ()),
    ],
)
def test_what_is_asked(profile: Profile, kept: Profile | None, needed: tuple[Consent, ...]) -> None:
    plan = _plan(profile, kept)
    assert plan.consents == needed
    assert all(profile.host in need.why for need in plan.needs)
    after = plan.agreed(needed)
    assert after.needs == ()
    assert after.connection.allow_clear_auth == (Consent.CLEAR_AUTH in needed or profile == kept == ALLOWED)


def test_without_a_host_the_exchanger_is_named() -> None:
    plan = plan_login(Connection(port=587, tls=TlsSettings(mode=TlsMode.NONE)), "me")
    assert "anybody on the way to the recipients' MX, port 587 can read the login of me" in plan.needs[0].why


def test_what_was_agreed_to_is_not_asked_again_for_this_server_alone() -> None:
    sitting = CredentialCache()
    sitting.agree(CLEAR, Consent.CLEAR_AUTH)
    agreed = sitting.plan(CLEAR, CLEAR.connection(), None)
    assert (agreed.needs, agreed.connection.allow_clear_auth) == ((), True)
    other = CLEAR.model_copy(update={"host": "other.example.org"})
    asked = sitting.plan(other, other.connection(), None)
    assert (asked.consents, asked.connection.allow_clear_auth) == ((Consent.CLEAR_AUTH,), False)
    verifying = _profile(verify=False)
    assert sitting.plan(verifying, verifying.connection(), None).consents == (Consent.UNVERIFIED_AUTH,)


@pytest.mark.parametrize(
    ("fields", "kind", "auth", "summary"),
    [
        ({}, LoginKind.SECRET, "auto", "AUTH auto as me"),
        ({"auth": "off"}, LoginKind.NONE, "off", "no login"),
        ({"user": ""}, LoginKind.NONE, "off", "no login"),
        ({"auth": "EXTERNAL"}, LoginKind.CERTIFICATE, "EXTERNAL", "AUTH EXTERNAL as me"),
        (
            {"auth": "EXTERNAL", "user": ""},
            LoginKind.CERTIFICATE,
            "EXTERNAL",
            "AUTH EXTERNAL by the client certificate",
        ),
        (
            CERTIFICATE,
            LoginKind.CERTIFICATE_IF_OFFERED,
            "auto",
            "AUTH EXTERNAL by the client certificate, if it is offered",
        ),
        ({**CERTIFICATE, "auth": "off"}, LoginKind.NONE, "off", "no login"),
        # Without TLS no certificate is shown.
        ({**CERTIFICATE, "tls": "none"}, LoginKind.NONE, "off", "no login"),
        ({**CERTIFICATE, "host": "", "port": None, "socket": "/run/smtp"}, LoginKind.NONE, "off", "no login"),
        ({**CERTIFICATE, "tls": "opportunistic"}, LoginKind.CERTIFICATE_IF_OFFERED, "auto", None),
        ({"client_cert": "me.pem"}, LoginKind.SECRET, "auto", "AUTH auto as me"),
    ],
)
def test_who_logs_in(fields: dict[str, object], kind: LoginKind, auth: str, summary: str | None) -> None:
    plan = _plan(_profile(**fields))
    assert (plan.kind, plan.connection.auth) == (kind, auth)
    assert summary is None or plan.summary == summary
    assert plan.must_log_in == (kind in (LoginKind.SECRET, LoginKind.CERTIFICATE))
    assert plan.logs_in == (kind is not LoginKind.NONE)


def test_the_credentials_of_each_kind() -> None:
    secret = Secret("pw")
    assert _plan(_profile()).with_secret(secret) == Credentials("me", password=secret)
    assert _plan(_profile(auth="XOAUTH2")).with_secret(secret) == Credentials("me", token=secret)
    assert _plan(_profile(token_env="T")).with_secret(secret) == Credentials("me", token=secret)
    assert _plan(_profile(auth="EXTERNAL")).with_secret(secret) == Credentials("me", authorization_id="me")
    assert _plan(_profile(**CERTIFICATE)).with_secret(secret) == Credentials()
    assert _plan(_profile(user="")).with_secret(secret) is None


def test_a_batch_that_is_sent_as_it_was_made_asks_if_its_profile_has_no_user_any_more() -> None:
    connection = replace(CLEAR.connection(), tls=TlsSettings(client_cert=Path("me.pem")))
    plan = plan_login(connection, "me", origin=_profile(user="").secret_origin, bearer=False)
    assert (plan.kind, plan.origin) == (LoginKind.SECRET, SecretOrigin.ASK)
