"""What a reply or a failure means for the batch: whom it is about, and what is to be done.

In layers: the words (:mod:`.meaning`), then the enhanced code with its class and stage, then the bare code and stage.
A recipient fails only on evidence about the recipient; what is not understood pauses the batch.
"""

import re

from smtptui.batch.model import EndKind
from smtptui.batch.pacing.effects import Action, Consequence, Ground, Scope
from smtptui.batch.pacing.meaning import Meaning, meaning_of
from smtptui.explain import asks_for_login
from smtptui.protocol import FailureKind, Reply, Stage
from smtptui.transcript import Failure

_OPENING = frozenset({Stage.CONNECT, Stage.BANNER, Stage.EHLO, Stage.STARTTLS, Stage.TLS, Stage.EHLO_TLS, Stage.AUTH})
_CONTENT = frozenset({Stage.BODY, Stage.DOT})
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
_ABOUT_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.0", "5.2.1", "5.2.2"})
"""Enhanced codes that are about the recipient (RFC 3463 sections 3.2 and 3.3, RFC 7505)."""
_OF_MAILBOX_SUBJECT = re.compile(r"4\.[12]\.\d+")
_OF_CONTENT_SUBJECT = re.compile(r"5\.(?:6\.\d+|7\.[01])")
"""At the dot: the message, or a policy that the message does not fit (RFC 3463 sections 3.7 and 3.8)."""
_SAYS_NOTHING = frozenset({"", "5.0.0", "5.1.0"})
"""Enhanced codes that tell no more than the code before them."""
_BARE = frozenset({550, 551, 553})
"""Codes that at RCPT are about the mailbox if nothing says otherwise (RFC 5321 section 4.2.3)."""
_ENHANCED = re.compile(r"(?<![\w.])[45]\.\d{1,3}\.\d{1,3}(?![\w.]*\w)")
_HINT = re.compile(
    r"(?:again|retry|wait|back|gr[ae]y-?list\w*|deferred)\b[^.;]{0,30}?"
    r"(?:\b(\d\d):(\d\d):(\d\d)\b|\b(\d{1,5}|an?) ?(s|m|h)(?:ecs?|econds?|ins?|inutes?|rs?|ours?)?\b)",
    re.IGNORECASE,
)
"""``try again in 5 minutes``, ``retry after 300s``, ``come back in 00:05:00``."""
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_OWN_WORDS = re.compile(r"<[^>]*>|\S*@\S*|\S*\d\S*")
_KEY_READ = 1500
_UNKNOWN = (
    "smtptui cannot tell whether this is about the recipient, who stays pending. Read the reply and its dialogue, then "
    "resume"
)


def consequence(
    stage: Stage,
    reply: Reply | None,
    failure: Failure | None,
    destination: str,
    *,
    recipient: str = "",
    sender: str = "",
) -> Consequence:
    """What follows from a reply or a failure (RFC 5321 section 4.2.1, RFC 3463).

    ``destination`` is the recipient's; empty if there was none yet. ``recipient`` and ``sender`` are the addresses of
    the envelope, as far as they are known.
    """
    if reply is None:
        return _of_failure(failure)
    text = reply.text
    hint, key = _hint(text), _key(f"{reply.code} {text}")
    if reply.code >= 400:
        meaning = meaning_of(stage, reply.code, text, recipient=recipient, sender=sender)
        if meaning is not None:
            return _of_words(meaning, reply, destination, hint, key)
    return _of_code(stage, reply, failure, hint, key)


def _of_words(meaning: Meaning, reply: Reply, destination: str, hint: float | None, key: str) -> Consequence:
    effect = meaning.effect
    scope = Scope.ACCOUNT if effect.scope is Scope.DESTINATION and not destination else effect.scope
    reason = f"{meaning.reason}: {reply}" if meaning.reason else str(reply)
    if meaning.next and effect.action in (Action.PAUSE, Action.ASIDE):
        reason = f"{reason.rstrip('.')}. {meaning.next}"
    return Consequence(
        scope,
        effect.action,
        effect.hold,
        effect.per_minute,
        hint,
        reason,
        effect.kind,
        effect.greylisted,
        key,
        Ground.WORDS if scope is Scope.RECIPIENT and effect.certain else Ground.NONE,
    )


def _of_code(stage: Stage, reply: Reply, failure: Failure | None, hint: float | None, key: str) -> Consequence:
    said = failure.message if failure is not None else str(reply)
    if reply.permanent and (stage in _OPENING or asks_for_login(reply)):
        login = stage is Stage.AUTH or asks_for_login(reply)
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
    enhanced = _enhanced(reply)
    if reply.permanent:
        return _of_refusal(stage, reply, enhanced, key)
    if reply.code == 421:
        return Consequence(Scope.ACCOUNT, Action.FEWER, hint=hint, reason=str(reply))
    ground = Ground.NONE
    if _OF_MAILBOX_SUBJECT.fullmatch(enhanced):
        ground = Ground.ENHANCED
    elif reply.code == 450 and stage is Stage.RCPT and not enhanced:
        ground = Ground.CODE
    return Consequence(Scope.RECIPIENT, Action.RETRY, hint=hint, reason=str(reply), key=key, ground=ground)


def _of_refusal(stage: Stage, reply: Reply, enhanced: str, key: str) -> Consequence:
    """A 5xx to RCPT or to the message, the words of which are not known."""
    if enhanced in _ABOUT_MAILBOX:
        ground = Ground.ENHANCED
        return Consequence(Scope.RECIPIENT, Action.FAIL, reason=str(reply), key=key, ground=ground)
    if stage is Stage.RCPT and reply.code in _BARE and enhanced in _SAYS_NOTHING:
        return Consequence(Scope.RECIPIENT, Action.FAIL, reason=str(reply), key=key, ground=Ground.CODE)
    if stage in _CONTENT and _OF_CONTENT_SUBJECT.fullmatch(enhanced):
        reason = (
            f"the server refuses the message: {str(reply).rstrip('.')}. Change it or ask the provider why, then resume"
        )
        return Consequence(Scope.MESSAGE, Action.ASIDE, reason=reason, kind=EndKind.REFUSED, key=key)
    reason = f"{str(reply).rstrip('.')}. {_UNKNOWN}"
    return Consequence(Scope.BATCH, Action.PAUSE, reason=reason, kind=EndKind.REFUSED, key=key, understood=False)


def _of_failure(failure: Failure | None) -> Consequence:
    if failure is None:
        return Consequence(Scope.RECIPIENT, Action.RETRY)
    if failure.kind in _OF_KIND:
        return Consequence(Scope.BATCH, Action.PAUSE, reason=failure.message, kind=_OF_KIND[failure.kind])
    if failure.kind in _OF_THE_MESSAGE:
        # What the server lacks or its size limit: nothing is said of the recipient.
        key = re.sub(r"\d+", "", failure.message)
        return Consequence(Scope.MESSAGE, Action.ASIDE, reason=failure.message, kind=EndKind.REFUSED, key=key)
    return Consequence(Scope.ACCOUNT, Action.HOLD, reason=failure.message)


def _enhanced(reply: Reply) -> str:
    """The enhanced code, also where a server puts it behind the text, as qmail does: ``(#5.1.1)``."""
    enhanced = reply.enhanced
    if enhanced is not None:
        return str(enhanced)
    found = _ENHANCED.search(reply.text[:_KEY_READ])
    return found[0] if found is not None and found[0][0] == str(reply.code)[0] else ""


def _key(said: str) -> str:
    return " ".join(_OWN_WORDS.sub("", said[:_KEY_READ]).split())


def _hint(text: str) -> float | None:
    found = _HINT.search(text)
    if found is None:
        return None
    if found[1]:
        return float(int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]))
    count = 1.0 if found[4].lower().startswith("a") else float(found[4])
    return count * _UNITS[found[5].lower()]
