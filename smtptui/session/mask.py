"""Keeps secrets out of the transcript: by place in the dialogue, and by value wherever they turn up again."""

import base64
import binascii
import re
from urllib.parse import quote

from smtptui.protocol import Credentials, Stage, decode, encode, visible
from smtptui.session.auth import MECHANISMS

MASK = "••••••••"
"""What stands for a secret; always as long, so that it does not tell the length."""

_AUTH_LINE = re.compile(r"(\s*AUTH\S*)(\s+)(?:(\S+)(\s+))?(\S.*)", re.IGNORECASE | re.DOTALL)
_MECHANISM = re.compile(r"[A-Z0-9_-]{3,20}\Z")
_TOKEN = re.compile(r"(?:v=)?[A-Za-z0-9+/]{8,}={0,2}")
_ALWAYS = 4
"""Characters from which on a secret is masked by value everywhere. A shorter one ("250") would blot out the
dialogue and be told by the blots; it is masked where it stands alone in an AUTH exchange."""
_CORE = 4
"""Base64 characters from which on a part of an encoded secret is worth masking."""


class Masker:
    """Masks lines of both directions. It learns: what was said in an AUTH exchange is masked from then on.

    The user name is masked within the AUTH exchange only: elsewhere it is usually the envelope sender, which
    the transcript is for.
    """

    def __init__(self, credentials: Credentials | None = None) -> None:
        self._secrets: set[str] = set()
        self._names: set[str] = set()
        self._everywhere: re.Pattern[str] | None = None
        self._in_auth: re.Pattern[str] | None = None
        self._exchange = False
        if credentials is not None:
            for secret in (credentials.password, credentials.token):
                if secret:
                    self._secrets |= _forms(secret.reveal())
            for name in (credentials.user, credentials.authorization_id):
                if name:
                    self._names |= {name, decode(base64.b64encode(encode(name)))}
            self._compile()

    @property
    def active(self) -> bool:
        """Whether there is any value to look for."""
        return self._in_auth is not None or self._everywhere is not None or self._exchange

    def sent(self, line: str, stage: Stage) -> str:
        """A command line about to be written (without CRLF), masked: the arguments of AUTH, every answer to a
        334, and known secrets wherever they stand."""
        exchange, self._exchange = self._exchange, False
        if exchange:
            # Empty, "=" and "*" are protocol, not secrets (RFC 4954 section 4).
            if line in ("", "=", "*"):
                return line
            self._learn_token(line)
            return MASK
        found = _auth_argument(line)
        if found is None:
            return self.text(line, stage)
        self._learn_token(line[found:].strip())
        return line[:found] + MASK

    def preview(self, line: str, stage: Stage) -> str:
        """A command as :meth:`sent` would show it, without learning from it."""
        if self._exchange:
            return line if line in ("", "=", "*") else MASK
        found = _auth_argument(line)
        return self.text(line, stage) if found is None else line[:found] + MASK

    def received(self, code: int | None, text: str, stage: Stage) -> str:
        """A reply's text, masked; a 334 makes the next line sent an answer within AUTH."""
        self._exchange = code == 334
        if code in (334, 235):
            text = _TOKEN.sub(_without_proof, text)
        return self.text(text, stage)

    def sentence(self, text: str) -> str:
        """A sentence of our own that may quote a server. Short secrets are left: masking them in words that are
        ours anyway would only tell them."""
        return self._everywhere.sub(MASK, text) if self._everywhere is not None else text

    def text(self, text: str, stage: Stage) -> str:
        """Any other text, masked by value."""
        pattern = self._in_auth if stage is Stage.AUTH else self._everywhere
        return pattern.sub(MASK, text) if pattern is not None else text

    def broken_off(self, text: str, stage: Stage) -> str:
        """Text that was cut anywhere, masked: a secret may have been cut with it, so its beginning counts as well."""
        text = self.text(text, stage)
        folded = text.lower()
        longest = max(
            (
                size
                for form in self._secrets
                for size in range(_ALWAYS, len(form))
                if folded.endswith(form[:size].lower())
            ),
            default=0,
        )
        return text[: len(text) - longest] + MASK if longest else text

    def _learn_token(self, token: str) -> None:
        """The token itself is a secret, and so are the pieces it decodes to."""
        found = {token}
        try:
            decoded = decode(base64.b64decode(token, validate=True))
        except (binascii.Error, ValueError):
            decoded = ""
        found |= {piece for piece in re.split("[\x00\x01]", decoded) if len(piece) >= _ALWAYS}
        bearer = re.search(r"Bearer (\S+)", decoded)
        if bearer:
            found.add(bearer[1])
        for value in found - self._names:
            self._secrets |= _forms(value)
        self._compile()

    def _compile(self) -> None:
        self._secrets -= self._names
        long = [value for value in self._secrets if len(value) >= _ALWAYS]
        short = [value for value in self._secrets if 0 < len(value) < _ALWAYS]
        self._everywhere = _pattern(long, [])
        self._in_auth = _pattern(
            [*long, *(name for name in self._names if len(name) >= _ALWAYS)],
            [*short, *(name for name in self._names if len(name) < _ALWAYS)],
        )


def _auth_argument(line: str) -> int | None:
    """Where in a command line the argument of AUTH begins that is to be masked, or None."""
    match = _AUTH_LINE.match(line)
    if match is None or match[5].strip() == "=":
        return None
    # A name alone is the mechanism, unless somebody left that out: what is no name is masked.
    alone = match[5].strip()
    if match[3] is None and (alone.upper() in MECHANISMS or _MECHANISM.match(alone)):
        return None
    return match.start(5)


def _without_proof(match: re.Match[str]) -> str:
    """A server's SCRAM signature masked: with nonces and salt it lets anybody test guesses of the password offline
    (RFC 5802 section 9), as the client's proof would."""
    if match[0].startswith("v="):
        return f"v={MASK}"
    try:
        return MASK if base64.b64decode(match[0], validate=True).startswith(b"v=") else match[0]
    except (binascii.Error, ValueError):
        return match[0]


def _pattern(anywhere: list[str], alone: list[str]) -> re.Pattern[str] | None:
    parts = [re.escape(value) for value in sorted(anywhere, key=len, reverse=True)]
    parts += [rf"(?<!\w){re.escape(value)}(?!\w)" for value in sorted(alone, key=len, reverse=True)]
    # A server that echoes a command may change its case.
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _forms(secret: str) -> set[str]:
    """The secret as it may come back: plain, in base64 at each alignment, in hexadecimal, percent-encoded."""
    octets = encode(secret)
    whole = base64.b64encode(octets).decode("ascii")
    forms = {
        secret,
        secret.strip(),
        whole,
        whole.rstrip("="),
        base64.urlsafe_b64encode(octets).decode("ascii"),
    }
    for shift in range(3):
        # The characters that depend on the secret alone when `shift` octets stand before it.
        encoded = base64.b64encode(b"\x00" * shift + octets).decode("ascii")
        core = encoded[-(-shift * 8 // 6) : (shift + len(octets)) * 8 // 6]
        if len(core) >= _CORE:
            forms |= {core, core.replace("+", "-").replace("/", "_")}
    if len(octets) >= _ALWAYS:
        forms.add(octets.hex())
        forms |= {quote(octets, safe=""), quote(octets), "".join(f"%{octet:02X}" for octet in octets)}
        forms.add("".join(chr(o) if 0x30 <= o <= 0x7A and chr(o).isalnum() else f"%{o:02X}" for o in octets))
    # Notes quote what the server said after it was made visible.
    forms |= {visible(secret), visible(secret.strip())}
    return {form for form in forms if form}
