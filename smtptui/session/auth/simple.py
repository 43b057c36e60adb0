"""PLAIN, LOGIN, CRAM-MD5, EXTERNAL, XOAUTH2 and OAUTHBEARER."""

import hmac
import json

from smtptui.protocol import encode, visible
from smtptui.session.auth.exchange import Answers, Context, ExchangeError


def plain(context: Context) -> Answers:
    """RFC 4616."""
    who = context.credentials
    yield b"\x00".join((encode(who.authorization_id), encode(who.user), _password(context)))


def login(context: Context) -> Answers:
    """draft-murchison-sasl-login: the server asks for the user, then for the password. The words of the
    questions vary between servers, their order does not."""
    yield None
    yield encode(context.credentials.user)
    yield _password(context)


def cram_md5(context: Context) -> Answers:
    """RFC 2195."""
    challenge = yield None
    digest = hmac.new(_password(context), challenge, "md5").hexdigest()
    yield encode(context.credentials.user) + b" " + digest.encode()


def external(context: Context) -> Answers:
    """RFC 4422 appendix A: the client certificate speaks; the answer only names whom to act as."""
    yield encode(context.credentials.authorization_id)


def xoauth2(context: Context) -> Answers:
    """Google's and Microsoft's XOAUTH2. A refusal comes as a challenge, answered with an empty line."""
    who = context.credentials
    yield b"user=" + encode(who.user) + b"\x01auth=Bearer " + _token(context) + b"\x01\x01"
    yield b""


def oauthbearer(context: Context) -> Answers:
    """RFC 7628. A refusal comes as a challenge, answered with a single ^A (section 3.2.3)."""
    user = context.credentials.user.replace("=", "=3D").replace(",", "=2C")
    yield (
        b"n,a=" + encode(user) + b",\x01host=" + encode(context.host) + b"\x01port=" + str(context.port).encode()
    ) + (b"\x01auth=Bearer " + _token(context) + b"\x01\x01")
    yield b"\x01"


def oauth_refusal(challenge: bytes) -> str | None:
    """What the JSON of an OAuth refusal says, in words, or None where the challenge is no such JSON."""
    try:
        document = json.loads(challenge)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    said = [f"{key} {value}" for key, value in document.items() if isinstance(value, str | int)]
    return visible(", ".join(said)) or None


def _password(context: Context) -> bytes:
    if context.credentials.password is None:
        raise ExchangeError("this mechanism needs a password and none was given")
    return encode(context.credentials.password.reveal())


def _token(context: Context) -> bytes:
    if context.credentials.token is None:
        raise ExchangeError("this mechanism needs an access token and none was given")
    return encode(context.credentials.token.reveal())
