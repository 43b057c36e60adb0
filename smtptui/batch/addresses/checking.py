"""Rows become recipients: each with its address, and a state that says whether it is to be sent to, and why not."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import islice

from smtptui.batch.addresses.known_keys import KnownKeys
from smtptui.batch.addresses.validity import Address, Addresses
from smtptui.batch.lists import Ragged, Row
from smtptui.batch.model import NewRecipient, RecipientState, Value
from smtptui.protocol import visible

_AT_ONCE = 1000
_SHOWN = 320
"""Characters of a text that is no address that are kept to show it."""
_DUPLICATE = re.compile(r"duplicate of \w+ \d+\Z")


@dataclass(frozen=True, slots=True)
class AddressRules:
    """Which recipients are left out, besides those whose address is none."""

    allow_duplicates: bool = False
    allow_roles: bool = False
    allow_typos: bool = False


def check_rows(
    rows: Iterable[Row | Ragged],
    column: int,
    width: int,
    *,
    rules: AddressRules = AddressRules(),
    suppressed: Callable[[Collection[str]], set[str]] = lambda _: set(),
    unit: str = "line",
) -> Iterator[NewRecipient]:
    """A recipient for each row, in order; also for one that cannot be used, so that nobody is lost.

    ``column`` has the addresses, ``width`` is how many columns the list has. ``suppressed`` tells which of some keys
    are not to be sent to. ``unit`` is what the numbers of rows count (:func:`smtptui.batch.model.unit_of`). Flat
    memory, but for some forty octets an address.
    """
    addresses = Addresses()
    roles = frozenset() if rules.allow_roles else role_names()
    with KnownKeys() as known:
        waiting = iter(rows)
        while chunk := [_recipient(row, column, width, addresses) for row in islice(waiting, _AT_ONCE)]:
            held = suppressed([one.key for one in chunk if not one.reason])
            for one in chunk:
                yield one if one.reason else _judged(one, held, known, roles, rules, addresses, unit)


def _recipient(row: Row | Ragged, column: int, width: int, addresses: Addresses) -> NewRecipient:
    """The recipient of a row, pending, or skipped if there is no address."""
    if isinstance(row, Ragged):
        return NewRecipient(row.line, "", "", "", (None,) * width, RecipientState.SKIPPED, f"bad row: {row.sentence}")
    value = row.values[column]
    found = addresses.read(value) if isinstance(value, str) else _no_text(value)
    if isinstance(found, Address):
        return NewRecipient(row.line, found.text, found.key, found.domain.destination, row.values)
    shown = visible(value)[:_SHOWN] if isinstance(value, str) else ""
    return NewRecipient(row.line, shown, "", "", row.values, RecipientState.SKIPPED, f"no valid address: {found}")


def _no_text(value: Value) -> str:
    return "There is no address." if value is None else "It is no text."


def _judged(
    one: NewRecipient,
    held: set[str],
    known: KnownKeys,
    roles: frozenset[str],
    rules: AddressRules,
    addresses: Addresses,
    unit: str,
) -> NewRecipient:
    if not rules.allow_duplicates:
        first = known.add(one.key, one.line)
        if first is not None:
            return _skipped(one, f"duplicate of {unit} {first}")
    if one.key in held:
        return replace(one, state=RecipientState.SUPPRESSED, reason="on the suppression list")
    local, _, domain = one.key.rpartition("@")
    if local in roles:
        return _skipped(one, f"role address: {local}@ is a shared mailbox; --allow-roles sends to it")
    if not rules.allow_typos:
        meant = addresses.meant(domain)
        if meant is not None:
            return _skipped(one, f"mistyped domain: {domain} looks like {meant}; correct it, or --allow-typos")
    return one


def _skipped(one: NewRecipient, reason: str) -> NewRecipient:
    return replace(one, state=RecipientState.SKIPPED, reason=reason)


def kind_of_reason(reason: str) -> str:
    """Why somebody is left out, without what is about them alone: ``duplicate`` of ``duplicate of line 7``."""
    return _DUPLICATE.sub("duplicate", reason.partition(":")[0])


@cache
def role_names() -> frozenset[str]:
    """The local parts, in lower case, that belong to an office or a program; the facts are in ``roles.toml``."""
    text = files("smtptui.batch.addresses").joinpath("roles.toml").read_text(encoding="utf-8")
    kinds: dict[str, str] = tomllib.loads(text)
    return frozenset(name for names in kinds.values() for name in names.split())
