"""Domains that are a slip of the finger away from a large provider's, as in ``gmial.com``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from smtptui.batch.addresses.destinations import destination_of


@dataclass(frozen=True, slots=True)
class _Facts:
    providers: dict[str, tuple[str, ...]]
    """Names before the ending, by ending."""
    endings: dict[str, str]
    known: dict[str, str]
    real: frozenset[str]


def meant_domain(domain: str) -> str | None:
    """The domain that was meant by ``domain`` (lower case, A-labels); None for one that is none of the known slips."""
    facts = _facts()
    if domain in facts.known:
        return facts.known[domain]
    if domain in facts.real or destination_of(domain) != domain:
        return None
    name, _, ending = domain.partition(".")
    for provider in facts.providers.get(ending, ()):
        # Nobody mistypes the first letter, and those who differ in it are others: mail.com, ymail.com, cloud.com.
        if name[:1] == provider[:1] and name != provider and one_slip(name, provider):
            return f"{provider}.{ending}"
    before, _, last = domain.rpartition(".")
    if last not in facts.endings:
        return None
    # Both may be mistyped: gmial.con.
    mended = f"{before}.{facts.endings[last]}"
    return meant_domain(mended) or mended


def one_slip(text: str, meant: str) -> bool:
    """Whether one letter too many, too few, another one, or two that changed places make ``text`` of ``meant``."""
    if text == meant or abs(len(text) - len(meant)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(text, meant, strict=False)) if a != b), min(len(text), len(meant)))
    rest, wanted = text[start:], meant[start:]
    return (
        rest[1:] == wanted[1:]
        or rest[1:] == wanted
        or rest == wanted[1:]
        or (rest[:2] == wanted[:2][::-1] and rest[2:] == wanted[2:])
    )


@cache
def _facts() -> _Facts:
    text = files("smtptui.batch.addresses").joinpath("typos.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    providers: dict[str, tuple[str, ...]] = {}
    for domain in data["providers"].split():
        name, _, ending = domain.partition(".")
        providers[ending] = (*providers.get(ending, ()), name)
    return _Facts(providers, data["endings"], data["known"], frozenset(data.get("real", "").split()))
