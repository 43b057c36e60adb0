"""What has to be agreed to, and what not again."""

import pytest

from smtptui.profiles import Profile
from smtptui.protocol import TlsMode
from smtptui.tui.connect.consent import consents, may_clear, words
from smtptui.tui.connect.credential_cache import Consent, CredentialCache


def _profile(**fields: object) -> Profile:
    return Profile.model_validate({"name": "relay", "host": "mail.example.org", "port": 587, "user": "me", **fields})


CLEAR = _profile(tls=TlsMode.NONE)
UNVERIFIED = _profile(verify=False)
COMMAND = _profile(password_command="pass show relay")
ALLOWED = _profile(tls=TlsMode.NONE, allow_clear_auth=True)


@pytest.mark.parametrize(
    ("profile", "origin", "needed"),
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
    ],
)
def test_what_is_asked(profile: Profile, origin: Profile | None, needed: tuple[Consent, ...]) -> None:
    assert consents(profile, origin, CredentialCache()) == needed
    for consent in needed:
        assert profile.host in words(consent, profile, origin)


def test_what_was_agreed_to_is_not_asked_again_for_this_server_alone() -> None:
    sitting = CredentialCache()
    sitting.agree(CLEAR, Consent.CLEAR_AUTH)
    assert consents(CLEAR, None, sitting) == ()
    assert may_clear(CLEAR, None, sitting)
    other = CLEAR.model_copy(update={"host": "other.example.org"})
    assert consents(other, None, sitting) == (Consent.CLEAR_AUTH,)
    assert not may_clear(other, None, sitting)
    assert consents(_profile(verify=False), None, sitting) == (Consent.UNVERIFIED_AUTH,)
