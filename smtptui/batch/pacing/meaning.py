"""What the words of a reply mean: whom they are about, by the table of signatures.

The words decide before the codes do, since one code means different things at different providers. Of the words, those
count first that name the sender, the host, the rate or the login: "user unknown" in a sentence about the sender is not
about the recipient.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from smtptui.batch.model import EndKind
from smtptui.batch.pacing.effects import Action, Scope
from smtptui.protocol import Stage

_READ = 1500
"""Characters of a reply that are looked at; what a server sends has no bounds."""
_ABOUT_THEM = frozenset({Stage.RCPT, Stage.BODY, Stage.DOT})
"""Stages at which a permanent refusal can be about the recipient."""
_ABOUT_CONTENT = frozenset({Stage.BODY, Stage.DOT})
"""Stages at which a refusal can be about the message: before them the server has not seen it."""

_BLOCKLISTS = re.compile(
    r"spamhaus|spamcop|barracuda|uceprotect|sorbs|abusix|spamrats|mailspike|surbl|uribl|invaluement|hostkarma|manitu|"
    r"psbl|wpbl|cloudmark|senderscore|abuseat|cobion|proofpoint|spamrl|mimecast|backscatterer"
)
_URL = re.compile(r"\b(?:https?|ftp)://[^\s<>\"']*|\bmailto:\S*|\bwww\.[^\s<>\"']*")
_ADDRESS = re.compile(r"<?(?:\"[^\"\s]*\"|[^\s<>@\"'`()\[\],;:=]+)@(?:\[[^\]\s]*\]|[\w.-]*\w)>?")
_IP = re.compile(
    r"(?<![\w.])\[?(?:\d{1,3}(?:\.\d{1,3}){3}|(?:ipv6:)?(?=[0-9a-f:]*:[0-9a-f:]*:)[0-9a-f:]{3,}(?:\d{1,3}\.){0,3}\d*)\]?"
    r"(?![\w.]*\w)"
)
_HOST = re.compile(
    r"\b(?:[a-z0-9-]+\.){2,}[a-z][a-z0-9-]*\b"
    r"|\b[a-z0-9-]+\.(?:com|net|org|info|biz|edu|gov|mil|int|test|example|invalid|local|localhost|io|de|fr|uk|jp|it|es|"
    r"nl|ch|eu|ru|pl|br|ca|au|se|cz|cn|kr|be\b(?! ))\b"
)
_NO_HOSTS = ("resolver.", "storedrv.", "queue.")
"""How Exchange begins the names of its own errors."""
_JOINED = re.compile(r"(?<=[a-z])[_-](?=[a-z])")
_NUMBER = re.compile(r"(?<![\w.])\d{5,}(?![\w.])")
"""A number of one reply's own: without it, what is said of many is looked at once."""
_QUOTED = re.compile(r"\bsaid:")
_RCPT, _OURS, _OTHER = "rcptaddr", "ouraddr", "xaddr"
_NAMES_US = re.compile(r"\bour(?:addr|host)\b")
_NAMES_THEM = re.compile(r"\brcpt(?:addr|host)\b")
_MAILBOX_NOUN = r"(?:user|recipient|mailbox|account|address|alias|id|addressee)"


@dataclass(frozen=True, slots=True)
class Effect:
    """What follows from a signature, for temporary or for permanent replies."""

    scope: Scope
    action: Action
    hold: float = 0.0
    per_minute: float = 0.0
    kind: EndKind = EndKind.TEMPORARY
    greylisted: bool = False
    certain: bool = True
    """Whether it tells something about the recipient, where that is the scope."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reply means. ``quoted``: a relay repeats what another server said."""

    name: str
    effect: Effect
    reason: str = ""
    next: str = ""
    quoted: bool = False


_SIDES: Mapping[str, tuple[Effect, Effect]] = {
    "recipient": (Effect(Scope.RECIPIENT, Action.RETRY), Effect(Scope.RECIPIENT, Action.FAIL)),
    "message": (
        Effect(Scope.DESTINATION, Action.SLOW, per_minute=10, hold=60),
        Effect(Scope.MESSAGE, Action.ASIDE, kind=EndKind.REFUSED),
    ),
    "destination": (
        Effect(Scope.DESTINATION, Action.SLOW, per_minute=1, hold=300),
        Effect(Scope.DESTINATION, Action.HOLD, hold=3600),
    ),
    "us": (
        Effect(Scope.ACCOUNT, Action.HOLD, hold=300),
        Effect(Scope.BATCH, Action.PAUSE, kind=EndKind.REFUSED),
    ),
}
"""What follows a temporary and a permanent reply about a side, unless its signature says otherwise."""
_REFUSED_UNSEEN = Effect(Scope.BATCH, Action.PAUSE, kind=EndKind.REFUSED)
"""A message that is refused before it was sent: the sender is meant."""
_SENDER_UNKNOWN = Meaning(
    "unverified sender",
    Effect(Scope.BATCH, Action.PAUSE, kind=EndKind.AUTH),
    "the server does not accept this sender",
    "Check that the sender's address exists, then resume.",
)
_QUOTED_HOLD = 3600.0
"""Seconds that a destination is held whose server refuses the relay."""


@dataclass(frozen=True, slots=True)
class _Signature:
    name: str
    text: re.Pattern[str]
    unless: re.Pattern[str] | None
    said: bool
    early: bool
    classes: str
    stages: frozenset[Stage]
    temporary: Effect
    permanent: Effect
    reason: str
    next: str


def meaning_of(stage: Stage, code: int, text: str, *, recipient: str = "", sender: str = "") -> Meaning | None:
    """What the words of a reply mean, or None if they are not known.

    ``recipient`` and ``sender`` are the addresses of the envelope: they, and all other addresses, hosts and URLs, are
    taken out of the text first, so that a mailbox called “spam” decides nothing; a block list's name stays.
    """
    return _meaning(stage, code, prepared_text(text, recipient, sender))


@lru_cache(1024)
def _meaning(stage: Stage, code: int, text: str) -> Meaning | None:
    permanent = code >= 500
    quoted = _QUOTED.search(text) is not None
    for each in _signatures():
        if (each.stages and stage not in each.stages) or (quoted and not each.said):
            continue
        if str(code)[0] not in each.classes or not each.text.search(text):
            continue
        if each.unless is not None and each.unless.search(text):
            continue
        effect = each.permanent if permanent else each.temporary
        if effect.action is Action.FAIL:
            if stage not in _ABOUT_THEM:
                continue
            if _NAMES_US.search(text) and not _NAMES_THEM.search(text):
                return _SENDER_UNKNOWN
        if effect.action is Action.ASIDE and stage not in _ABOUT_CONTENT and not each.early:
            effect = _REFUSED_UNSEEN
        if quoted and effect.scope in (Scope.ACCOUNT, Scope.BATCH):
            # It is said to the relay by the recipient's server, and the other recipients are not concerned.
            hold = max(effect.hold, _QUOTED_HOLD if effect.action is Action.PAUSE else 0.0)
            effect = Effect(Scope.DESTINATION, Action.HOLD, hold=hold)
        return Meaning(each.name, effect, each.reason, each.next, quoted)
    return None


def prepared_text(text: str, recipient: str = "", sender: str = "") -> str:
    """A reply's text as signatures see it: lower case, no accents, and no names of one's own in it."""
    text = _without_accents(text[:_READ].casefold()).replace("’", "'")
    text = _URL.sub(lambda found: _listed(found[0], "url"), text)
    ours, theirs = sender.casefold(), recipient.casefold()

    def named(found: re.Match[str]) -> str:
        address = found[0].strip("<>")
        if theirs and address == theirs:
            return _RCPT
        return _OURS if ours and address == ours else _OTHER

    text = _ADDRESS.sub(named, text)
    local, _, domain = theirs.rpartition("@")
    us, _, our_domain = ours.rpartition("@")
    for known, token in ((domain, "rcpthost"), (our_domain, "ourhost")):
        if known:
            text = re.sub(rf"(?<![\w.@-]){re.escape(known)}(?![\w@-]|\.\w)", token, text)
    text = _HOST.sub(lambda found: _listed(found[0], "host"), _IP.sub("ip", text))
    if us and us != local:
        text = re.sub(rf"^((?:\d\.\d+\.\d+ )?){re.escape(us)}(?=:)", rf"\1{_OURS}", text)
    if local:
        # A name is taken out only if it stands as one: in quotes, or behind the word for a mailbox.
        name = re.escape(local)
        text = re.sub(rf"(?<=[<'\"`(\[]){name}(?=[>'\"`)\]])|(?<=: ){name}$", _RCPT, text)
        text = re.sub(rf"\b({_MAILBOX_NOUN}:? ){name}(?![\w@-])", rf"\1{_RCPT}", text)
    return " ".join(_NUMBER.sub("0", _JOINED.sub(" ", text)).split())


def _without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _listed(found: str, otherwise: str) -> str:
    if found.startswith(_NO_HOSTS):
        return found
    listed = _BLOCKLISTS.search(found)
    return listed[0] if listed is not None else otherwise


@cache
def _signatures() -> tuple[_Signature, ...]:
    data = tomllib.loads(files("smtptui.batch.pacing").joinpath("signatures.toml").read_text("utf-8"))
    return tuple(_signature(each) for each in data["signature"])


def _signature(each: Mapping[str, Any]) -> _Signature:
    temporary, permanent = _SIDES[each["side"]]
    return _Signature(
        name=each["name"],
        text=_any_of(each["text"]),
        unless=_any_of(each["unless"]) if "unless" in each else None,
        said=each.get("said", True),
        early=each.get("early", False),
        classes=each.get("classes", "45"),
        stages=frozenset(Stage(name) for name in each.get("stages", ())),
        temporary=_effect(each["on4"]) if "on4" in each else temporary,
        permanent=_effect(each["on5"]) if "on5" in each else permanent,
        reason=each.get("reason", ""),
        next=each.get("next", ""),
    )


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_without_accents(text)})" for text in texts))


def _effect(each: Mapping[str, Any]) -> Effect:
    return Effect(
        scope=Scope(each["scope"]),
        action=Action(each["action"]),
        hold=float(each.get("hold", 0)),
        per_minute=float(each.get("per_minute", 0)),
        kind=EndKind(each.get("kind", EndKind.TEMPORARY)),
        greylisted=bool(each.get("greylisted", False)),
        certain=bool(each.get("certain", True)),
    )
