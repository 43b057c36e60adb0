"""What a reply or a failure means for the pace: whom it is about, and what is to be done."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from smtptui.batch.model import EndKind
from smtptui.protocol import Reply, Stage
from smtptui.session import Failure, FailureKind


class Scope(StrEnum):
    """Whom it is about."""

    RECIPIENT = "recipient"
    DESTINATION = "destination"
    ACCOUNT = "account"
    """The login or host that sends, at this relay."""
    BATCH = "batch"


class Action(StrEnum):
    """What is to be done."""

    RETRY = "retry"
    """Try this recipient again later; nobody else is slower for it."""
    FAIL = "fail"
    SLOW = "slow"
    """Fewer messages a minute for a while."""
    HOLD = "hold"
    """None for a while."""
    FEWER = "fewer"
    """Fewer connections at once."""
    PAUSE = "pause"
    """Somebody has to see to it; the recipients stay as they are."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from one reply or failure."""

    scope: Scope
    action: Action
    hold: float = 0.0
    """Seconds."""
    per_minute: float = 0.0
    """Messages a minute to slow down to."""
    hint: float | None = None
    """Seconds after which the server says to try again."""
    reason: str = ""
    kind: EndKind = EndKind.TEMPORARY
    """What kind of an end a pause is."""
    greylisted: bool = False
    key: str = ""
    """The same for replies in the same words, to whomever they were."""


@dataclass(frozen=True, slots=True)
class _Signature:
    text: re.Pattern[str]
    classes: str
    stages: frozenset[Stage]
    scope: Scope
    action: Action
    hold: float
    per_minute: float
    reason: str
    kind: EndKind
    greylisted: bool


_OPENING = frozenset({Stage.CONNECT, Stage.BANNER, Stage.EHLO, Stage.STARTTLS, Stage.TLS, Stage.EHLO_TLS, Stage.AUTH})
_LOGIN_CODES = frozenset({530, 534, 535, 538})
_OF_KIND = {
    FailureKind.AUTH: EndKind.AUTH,
    FailureKind.CONSENT: EndKind.AUTH,
    FailureKind.TLS: EndKind.TLS,
    FailureKind.CERTIFICATE: EndKind.TLS,
    FailureKind.DNS_UNKNOWN: EndKind.CONFIGURATION,
    FailureKind.NULL_MX: EndKind.CONFIGURATION,
    FailureKind.CONFIGURATION: EndKind.CONFIGURATION,
}
_OF_THE_MESSAGE = frozenset({FailureKind.TOO_LARGE, FailureKind.UNSUPPORTED, FailureKind.INPUT})
_HINT = re.compile(
    r"(?:again|retry|wait|back|gr[ae]y-?list\w*|deferred)\b[^.;]{0,30}?"
    r"(?:\b(\d\d):(\d\d):(\d\d)\b|\b(\d{1,5}|an?) ?(s|m|h)(?:ecs?|econds?|ins?|inutes?|rs?|ours?)?\b)",
    re.IGNORECASE,
)
"""``try again in 5 minutes``, ``retry after 300s``, ``come back in 00:05:00``."""
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_OWN_WORDS = re.compile(r"<[^>]*>|\S*@\S*|\S*\d\S*")


def consequence(stage: Stage, reply: Reply | None, failure: Failure | None, destination: str) -> Consequence:
    """What follows: by the text first, then by code and stage (RFC 5321 section 4.2.1, RFC 3463).

    One enhanced code means different things at different providers, so the words decide where they are known.
    ``destination`` is the recipient's; empty where there was none yet.
    """
    if reply is None:
        return _of_failure(failure)
    text = reply.text
    hint, key = _hint(text), f"{reply.code} {_OWN_WORDS.sub('', text)}"
    for each in _signatures():
        if (not each.stages or stage in each.stages) and str(reply.code)[0] in each.classes and each.text.search(text):
            scope = Scope.ACCOUNT if each.scope is Scope.DESTINATION and not destination else each.scope
            reason = f"{each.reason}: {reply}" if each.reason else str(reply)
            return Consequence(
                scope, each.action, each.hold, each.per_minute, hint, reason, each.kind, each.greylisted, key
            )
    return _of_code(stage, reply, failure, hint, key)


def _of_code(stage: Stage, reply: Reply, failure: Failure | None, hint: float | None, key: str) -> Consequence:
    said = failure.message if failure is not None else str(reply)
    if failure is not None and failure.kind in _OF_THE_MESSAGE:
        return Consequence(Scope.RECIPIENT, Action.FAIL, hint=hint, reason=said, key=key)
    if reply.permanent and (stage in _OPENING or reply.code in _LOGIN_CODES):
        login = stage is Stage.AUTH or reply.code in _LOGIN_CODES
        kind = EndKind.AUTH if login else EndKind.REFUSED
        if failure is not None:
            kind = _OF_KIND.get(failure.kind, kind)
        return Consequence(Scope.BATCH, Action.PAUSE, reason=said, kind=kind)
    if stage in _OPENING:
        return Consequence(Scope.ACCOUNT, Action.HOLD, hint=hint, reason=str(reply))
    if stage in (Stage.MAIL, Stage.DATA):
        if reply.permanent:
            return Consequence(Scope.BATCH, Action.PAUSE, reason=said, kind=EndKind.REFUSED)
        if reply.code == 421:
            return Consequence(Scope.ACCOUNT, Action.FEWER, hint=hint, reason=str(reply))
        return Consequence(Scope.ACCOUNT, Action.HOLD, hint=hint, reason=str(reply))
    if reply.permanent:
        return Consequence(Scope.RECIPIENT, Action.FAIL, hint=hint, reason=str(reply), key=key)
    if reply.code == 421:
        return Consequence(Scope.ACCOUNT, Action.FEWER, hint=hint, reason=str(reply))
    return Consequence(Scope.RECIPIENT, Action.RETRY, hint=hint, reason=str(reply), key=key)


def _of_failure(failure: Failure | None) -> Consequence:
    if failure is None:
        return Consequence(Scope.RECIPIENT, Action.RETRY)
    if failure.kind in _OF_KIND:
        return Consequence(Scope.BATCH, Action.PAUSE, reason=failure.message, kind=_OF_KIND[failure.kind])
    if failure.kind in _OF_THE_MESSAGE:
        key = re.sub(r"\d+", "", failure.message)
        return Consequence(Scope.RECIPIENT, Action.FAIL, reason=failure.message, key=key)
    return Consequence(Scope.ACCOUNT, Action.HOLD, reason=failure.message)


def _hint(text: str) -> float | None:
    found = _HINT.search(text)
    if found is None:
        return None
    if found[1]:
        return float(int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]))
    count = 1.0 if found[4].lower().startswith("a") else float(found[4])
    return count * _UNITS[found[5].lower()]


@cache
def _signatures() -> tuple[_Signature, ...]:
    data = tomllib.loads(files("smtptui.batch.pacing").joinpath("signatures.toml").read_text("utf-8"))
    return tuple(_signature(each) for each in data["signature"])


def _signature(each: dict[str, Any]) -> _Signature:
    return _Signature(
        text=re.compile(each["text"], re.IGNORECASE),
        classes=each.get("classes", "45"),
        stages=frozenset(Stage(name) for name in each.get("stages", ())),
        scope=Scope(each["scope"]),
        action=Action(each["action"]),
        hold=float(each.get("hold", 0)),
        per_minute=float(each.get("per_minute", 0)),
        reason=each.get("reason", ""),
        kind=EndKind(each.get("kind", EndKind.TEMPORARY)),
        greylisted=bool(each.get("greylisted", False)),
    )
