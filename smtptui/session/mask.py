"""Keeps secrets out of the transcript: by place in the dialogue, and by their traces wherever they turn up again."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from smtptui.protocol import (
    LINE_BREAK,
    SHORTEST,
    Connection,
    Credentials,
    Envelope,
    Span,
    Stage,
    Traces,
    any_of,
    decode,
    encode,
)
from smtptui.session.auth import MECHANISMS

MASK = "••••••••"
"""What stands for a secret; always as long, so that it does not tell the length."""

_AUTH_LINE = re.compile(r"(\s*AUTH\S*)(\s+)(?:(\S+)(\s+))?(\S.*)", re.IGNORECASE | re.DOTALL)
_MECHANISM = re.compile(r"[A-Z0-9_-]{3,20}\Z")
_TOKEN = re.compile(r"(?:v=)?[A-Za-z0-9+/]{8,}={0,2}")
_BEARER = re.compile(r"Bearer (\S+)")
_SCRAM_FIRST = re.compile(r"[nyp](?:=[^,]*)?,[^,]*,n=")
_SCRAM_LAST = re.compile(r"c=[^,]*,r=.*,p=([^,]*)")
_CRAM = re.compile(r"(.*) ([0-9a-f]{32})", re.DOTALL)
_BEFORE_AUTH = frozenset({Stage.CONNECT, Stage.BANNER, Stage.EHLO, Stage.STARTTLS, Stage.TLS, Stage.EHLO_TLS})
_REMEMBERED = 256 * 1024
"""Characters of a dialogue up to AUTH that count as known."""
_LONGEST_ESCAPE = len(r"\U00000041")
_CODE = re.compile(r"[2-5]\d\d[- ]")
_FAMILIAR = 512
"""Short replies without a trace that are remembered: a server says the same few again and again."""
_FAMILIAR_LENGTH = 200

_WORDS = (
    "username and password not accepted, user name or password incorrect, wrong password, bad password, invalid "
    "credentials, authentication credentials invalid, authentication unsuccessful, authentication successful, "
    "authentication required, authenticated, authorization failed, mechanism unsupported, temporarily unavailable, "
    "application-specific password required, app password, encryption required, connection closed, administrator, "
    "username:, password:, VXNlcm5hbWU6UGFzc3dvcmQ6, VXNlcm5hbWU6, UGFzc3dvcmQ6"
)
"""What any server may say of a login, plain or as the challenges of AUTH LOGIN: where a password begins with
"Password", the mask over that word would tell it."""


class Masker:
    """Masks what passes in both directions. It learns: what was said in an AUTH exchange is masked from then on.

    The server's words are searched for every trace of a secret (:class:`smtptui.protocol.Traces`) as soon as one was
    sent; before that, and in words of our own, for secrets as a whole. What stood in the transcript before, what we
    say ourselves, and ``common``, as the host's name, is not masked in part: it depends on no secret, and a mask over
    it would tell what the secret has in it.

    The user name is masked within the AUTH exchange only: elsewhere it is usually the envelope sender, which
    the transcript is for.
    """

    def __init__(self, credentials: Credentials | None = None, *, common: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._names: set[str] = set()
        self._common = [text for text in common if text]
        self._said: list[str] = [_WORDS]
        self._room = _REMEMBERED
        self._in_auth: re.Pattern[str] | None = None
        self._exchange = False
        self._told = False
        self._familiar: set[str] = set()
        if credentials is not None:
            for secret in (credentials.password, credentials.token):
                if secret:
                    self._secrets.add(secret.reveal())
            for name in (credentials.user, credentials.authorization_id):
                if name:
                    self._names |= {name, decode(base64.b64encode(encode(name)))}
                    self._common.append(name)
        self._compile()

    @property
    def active(self) -> bool:
        """Whether there is any value to look for."""
        return self._in_auth is not None or bool(self._traces) or self._exchange

    # Our own words.

    def sent(self, line: str, stage: Stage) -> str:
        """A command line about to be written (without CRLF), masked: the arguments of AUTH, every answer to a
        334, and secrets as a whole wherever they stand."""
        exchange, self._exchange = self._exchange, False
        if exchange:
            # Empty, "=" and "*" are protocol, not secrets (RFC 4954 section 4).
            if line in ("", "=", "*"):
                return line
            self._learn_token(line)
            return MASK
        found = _auth_argument(line)
        if found is None:
            return self.own(line, stage)
        self._learn_token(line[found:].strip())
        return line[:found] + MASK

    def preview(self, line: str, stage: Stage) -> str:
        """A command as :meth:`sent` would show it, without learning from it."""
        if self._exchange:
            return line if line in ("", "=", "*") else MASK
        found = _auth_argument(line)
        return self._masked(line, stage, parts=False) if found is None else line[:found] + MASK

    def own(self, text: str, stage: Stage, *, beyond: str = "") -> str:
        """What we say ourselves: secrets as a whole are masked, and what is left is known to whoever listens.

        ``beyond`` is what follows ``text`` and is not shown: a secret may begin before it.
        """
        shown = self._masked(text, stage, parts=False, beyond=beyond)
        self._take_for_known(shown)
        return shown

    def know(self, line: bytes) -> None:
        """A line of ours that was written and has not passed :meth:`sent`: what it says is known, too."""
        self._take_for_known(self._masked(decode(line), Stage.MAIL, parts=False))

    def sentence(self, text: str) -> str:
        """A sentence of our own that may quote a server."""
        if self._told:
            return self._masked(text, Stage.CONNECT, parts=True)
        return self.own(text, Stage.CONNECT)

    @property
    def reach(self) -> int:
        """Characters after a cut that decide whether a secret as a whole begins before it."""
        return _LONGEST_ESCAPE * self._traces.longest

    # What the server says.

    def received(self, code: int | None, text: str, stage: Stage, *, beyond: str = "") -> str:
        """A reply's text, masked; a 334 makes the next line sent an answer within AUTH.

        ``beyond`` is what follows ``text`` and is not shown.
        """
        self._exchange = code == 334
        if code in (334, 235):
            text = _TOKEN.sub(_without_proof, text)
        if not self._told and (code == 334 or stage in _BEFORE_AUTH):
            return self.own(text, stage, beyond=beyond)
        return self._masked(text, stage, parts=True, beyond=beyond)

    def text(self, text: str, stage: Stage) -> str:
        """Any other text that may come from the server."""
        return self._masked(text, stage, parts=True)

    def challenge(self, text: str) -> str:
        """What a challenge of AUTH says, or a sentence that quotes it."""
        return self._masked(text, Stage.AUTH, parts=True) if self._told else self.own(text, Stage.AUTH)

    def unfinished(self, text: str, stage: Stage, *, beyond: str = "") -> str:
        """Octets that became no reply; where nothing is known to follow, the end may be the beginning of a secret."""
        shown = self.received(None, text, stage, beyond=beyond)
        tail = self._traces.tail(shown) if not beyond else None
        return shown if tail is None else _covered(shown, [tail])

    # How.

    def _masked(self, text: str, stage: Stage, *, parts: bool, beyond: str = "") -> str:
        if stage is Stage.AUTH:
            spans = self._traces.spans(text + beyond, parts=parts)
            if self._in_auth is not None:
                spans += [Span(*match.span()) for match in self._in_auth.finditer(text + beyond)]
            return _covered(text, spans)
        if text in self._familiar and parts:
            return text
        spans = self._traces.spans(text + beyond, parts=parts)
        if spans:
            return _covered(text, spans)
        if parts and len(text) <= _FAMILIAR_LENGTH:
            if len(self._familiar) >= _FAMILIAR:
                self._familiar.clear()
            self._familiar.add(text)
        return text

    def _take_for_known(self, shown: str) -> None:
        self._traces.know(shown)
        if not self._told and self._room > 0:
            # What is learned in AUTH must be held against it as well.
            self._said.append(shown[: self._room])
            self._room -= len(shown)

    def _learn_token(self, token: str) -> None:
        """The token itself is a secret, and so are the pieces it decodes to."""
        found, names = _pieces(token)
        self._names |= names
        found = {value for value in found if value and value not in self._names}
        self._told = self._told or bool(found)
        self._secrets |= found
        self._compile()

    def _compile(self) -> None:
        self._secrets -= self._names
        self._familiar.clear()
        self._traces = Traces(self._secrets, self._common)
        for text in self._said:
            self._traces.know(text)
        alone = [each for each in self._secrets if len(each) < SHORTEST or self._traces.known(each)]
        self._in_auth = any_of(
            (name for name in self._names if len(name) >= SHORTEST),
            (*alone, *(name for name in self._names if len(name) < SHORTEST)),
        )


def common_words(connection: Connection, envelope: Envelope | None = None) -> tuple[str, ...]:
    """What a session will say in any case, whatever the secret is: the server's name and ours, and the mailboxes."""
    names = [connection.host, connection.ehlo_name or "", str(connection.socket_path or "")]
    if envelope is not None:
        names += [envelope.sender, *(recipient.address for recipient in envelope.recipients)]
    return tuple(name for name in names if name)


def _pieces(token: str) -> tuple[set[str], set[str]]:
    """What is secret in a token of AUTH, and the names of users in it."""
    try:
        decoded = decode(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError):
        return {token}, set()
    if _SCRAM_FIRST.match(decoded):
        # A name and a nonce; the server repeats the nonce, and shows it.
        return set(), set()
    if last := _SCRAM_LAST.fullmatch(decoded):
        return {last[1]}, set()
    if answer := _CRAM.fullmatch(decoded):
        return {token, answer[2]}, {answer[1]}
    if bearer := _BEARER.search(decoded):
        return {token, bearer[1]}, set()
    if decoded.count("\x00") == 2:
        # RFC 4616: whom to act as, who logs in, the password.
        actor, user, password = decoded.split("\x00")
        return {token, password}, {name for name in (actor, user) if name}
    pieces = {piece for piece in re.split("[\x00\x01]", decoded) if len(piece) >= SHORTEST}
    return ({token, *pieces} if decoded.strip("\x00\x01") else set()), set()


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


def _covered(text: str, spans: Iterable[Span]) -> str:
    """The text with a mask over each span, in each line that one reaches into; what begins a reply's lines stays."""
    head = _CODE.match(text)
    first = head.end() if head is not None else 0
    places: list[Span] = []
    for span in sorted(spans):
        for place in _by_line(text, Span(max(span.start, first), min(span.end, len(text)))):
            if places and place.start <= places[-1].end:
                places[-1] = Span(places[-1].start, max(place.end, places[-1].end))
            else:
                places.append(place)
    shown: list[str] = []
    at = 0
    for place in places:
        shown += (text[at : place.start], MASK)
        at = place.end
    return "".join((*shown, text[at:]))


def _by_line(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    if "\n" in text[start : span.end]:
        for line_break in LINE_BREAK.finditer(text, start, span.end):
            if line_break.start() > start:
                yield Span(start, line_break.start())
            start = line_break.end()
    if span.end > start:
        yield Span(start, span.end)
