"""EHLO keywords in a line each, and their parameters in words."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_UNITS = ("octets", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


@dataclass(frozen=True, slots=True)
class Keyword:
    """What an extension is. ``registered`` tells whether IANA lists it; the others are private."""

    name: str
    says: str
    source: str
    registered: bool


@cache
def known_keywords() -> Mapping[str, Keyword]:
    """All that are known, by their upper-case name. Read when first asked for: a session starts without them."""
    return {
        name: Keyword(name, str(entry["says"]), str(entry["source"]), entry.get("registered") is True)
        for name, entry in _read("keywords.toml").items()
    }


def _read(name: str) -> Mapping[str, Mapping[str, str | bool]]:
    import tomllib

    return tomllib.loads(files("smtptui.explain").joinpath(name).read_text(encoding="utf-8"))


@cache
def _mechanism_words() -> Mapping[str, str]:
    """SASL mechanisms in a few words, by their upper-case name."""
    return {name: str(words) for name, words in _read("mechanisms.toml").items()}


def keyword(name: str) -> Keyword | None:
    """What is known of a keyword, in any case; None for one that is not."""
    return known_keywords().get(name.upper())


def parameters_in_words(name: str, parameters: str, *, spoken: Collection[str]) -> str:
    """What the parameters of a keyword mean; empty where they say it themselves, or mean nothing known.

    ``spoken`` are the mechanisms of AUTH that the reader's own program speaks.
    """
    explain = _PARAMETERS.get(name.upper())
    return explain(parameters.split(), spoken) if explain is not None else ""


def _size(words: list[str], _: Collection[str]) -> str:
    limit = words[0] if words else ""
    if not re.fullmatch("[0-9]{1,20}", limit):
        return "no limit is named" if not words else ""
    if int(limit) == 0:
        return "no fixed limit"
    return f"at most {_octets(int(limit))}"


def _auth(words: list[str], spoken: Collection[str]) -> str:
    offered = list(dict.fromkeys(word.upper() for word in words))
    if not offered:
        return "no mechanism is named"
    ours = [name for name in offered if name in spoken]
    others = [f"{name} ({_mechanism_words()[name]})" if name in _mechanism_words() else name for name in offered]
    others = [text for text, name in zip(others, offered, strict=True) if name not in spoken]
    if not ours:
        return f"smtptui speaks none of them: {', '.join(others)}"
    return f"smtptui speaks {', '.join(ours)}" + (f"; not {', '.join(others)}" if others else "")


_LIMITS = {
    "MAILMAX": "{} messages a session",
    "RCPTMAX": "{} recipients a message",
    "RCPTDOMAINMAX": "{} recipient domains a message",
}
"""RFC 9422 section 5."""


def _limits(words: list[str], _: Collection[str]) -> str:
    said = []
    for word in words:
        name, _equals, value = word.partition("=")
        known = _LIMITS.get(name.upper())
        said.append(known.format(value) if known is not None and value.isdigit() else word)
    return "at most " + ", ".join(said) if said else ""


def _future_release(words: list[str], _: Collection[str]) -> str:
    """RFC 4865 section 4: the longest interval in seconds, and the latest date."""
    said = [f"up to {_span(int(words[0]))} ahead"] if words and re.fullmatch("[0-9]{1,9}", words[0]) else []
    if said and len(words) > 1:
        said.append(f"until {words[1]} at the latest")
    return ", ".join(said)


def _deliver_by(words: list[str], _: Collection[str]) -> str:
    """RFC 2852 section 2: the shortest time that may be asked for, in seconds."""
    found = re.fullmatch("[0-9]{1,9}", words[0]) if words else None
    return f"no sooner than in {_span(int(words[0]))}" if found is not None else ""


def _priority(words: list[str], _: Collection[str]) -> str:
    return f"by the policy {words[0]}" if words else ""


def _burl(words: list[str], _: Collection[str]) -> str:
    if "imap" in (word.lower() for word in words):
        return "from any IMAP server that lets it"
    urls = [word.partition("://")[2] or word for word in words]
    return f"from {', '.join(urls)}" if urls else "once logged in"


def _no_soliciting(words: list[str], _: Collection[str]) -> str:
    return f"not wanted: {', '.join(words)}" if words else ""


def _xclient(words: list[str], _: Collection[str]) -> str:
    return f"may be told: {', '.join(words)}" if words else ""


_PARAMETERS: Mapping[str, Callable[[list[str], Collection[str]], str]] = {
    "SIZE": _size,
    "AUTH": _auth,
    "AUTH=": _auth,
    "LIMITS": _limits,
    "FUTURERELEASE": _future_release,
    "DELIVERBY": _deliver_by,
    "MT-PRIORITY": _priority,
    "BURL": _burl,
    "NO-SOLICITING": _no_soliciting,
    "XCLIENT": _xclient,
    "XFORWARD": _xclient,
}


def _octets(count: int) -> str:
    size, unit = float(count), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    if unit == 0:
        return f"{count} octets"
    rounded = f"{size:.1f}".removesuffix(".0")
    return f"{rounded} {_UNITS[unit]} ({count:,} octets)"


def _span(seconds: int) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {name}{'s' * (count != 1)}"
    return f"{seconds} seconds"
