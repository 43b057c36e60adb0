"""Who a finished message is from and for, by its header fields; whoever cannot be read is named, never dropped."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smtptui.message.fields import unique_addresses
from smtptui.message.message import Unreadable
from smtptui.message.wire_fields import Field
from smtptui.protocol import AddressEntry, decode, read_addresses, shown

_TO = ("to", "cc", "bcc")
_RESENT_TO = ("resent-to", "resent-cc", "resent-bcc")
_HIDDEN = ("bcc", "resent-bcc")
_BLOCK_STARTS = ("resent-from", "resent-date", "resent-sender", "resent-message-id")
_BY_LETTERS = {name.replace("-", ""): name for name in (*_TO, *_RESENT_TO)}
_NO_COLON = re.compile(r"((?:resent-)?(?:to|cc|bcc))[ \t=]+(?=[^\r\n]*@)", re.IGNORECASE)
_LIKE_NAME = re.compile(r"([^:@<>\"]{2,40}):(?=[^\r\n]*@)")
"""What stands before a colon in a line that is no field, and may be meant for the name of one."""
_LOOKALIKES = str.maketrans("оОсСсВТ\u03bf\u039f\u0422\u03a4\u0392", "oOcCcBToOTTB")
"""Cyrillic and Greek letters that look like those of To, Cc and Bcc."""
_NOTES_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class People:
    """What the address fields of a message say."""

    sender: str
    recipients: tuple[str, ...]
    unreadable: tuple[Unreadable, ...]
    """Those among the recipients."""
    unreadable_sender: tuple[Unreadable, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """One piece of an address field."""

    field: str
    """Lower case."""
    entry: AddressEntry

    @property
    def unreadable(self) -> Unreadable:
        return Unreadable(self.field.title(), self.entry.text, self.entry.what)


def people_of(fields: Sequence[Field], notes: list[str]) -> People:
    """Sender and recipients, and what cannot be read; ``notes`` get what else should be known."""
    resent = _latest_resent(fields)
    said = list(_said(resent, _RESENT_TO))
    if said:
        notes.append(_of_resent(fields, resent))
    else:
        said = list(_said(fields, _TO))
    read = [each for each in said if each.entry.mailbox is not None and each.entry.freed]
    notes += [
        f"{each.field.title()}: “{shown(each.entry.text, 80)}” was read as {each.entry.mailbox.address}."
        for each in read[:_NOTES_OF_A_KIND]
        if each.entry.mailbox is not None
    ]
    if len(read) > _NOTES_OF_A_KIND:
        notes.append(f"{len(read) - _NOTES_OF_A_KIND} more addresses were read as what is meant.")
    sender, faults = _sender(fields, resent)
    if sender:
        notes += [f"{fault}; it is not the sender of the envelope." for fault in faults]
    return People(
        sender,
        unique_addresses(each.entry.mailbox for each in said if each.entry.mailbox is not None),
        tuple(each.unreadable for each in said if each.entry.mailbox is None),
        tuple(faults),
    )


def without_bcc(fields: Sequence[Field]) -> tuple[bytes, list[str]]:
    """The header without Bcc and Resent-Bcc, and which of them it had.

    Lines that were meant to belong to such a field go with it, so that no address of it stays in the message.
    """
    hidden = {id(line) for name in _HIDDEN for line in _lines_of(fields, name)}
    found = {field.name for field in fields if field.name in _HIDDEN}
    found |= {name for name in _HIDDEN if any(id(line) in hidden for line in _lines_of(fields, name))}
    header = b"".join(field.raw for field in fields if field.name not in _HIDDEN and id(field) not in hidden)
    return header, [name for name in ("Bcc", "Resent-Bcc") if name.lower() in found]


def _said(fields: Sequence[Field], names: Iterable[str]) -> Iterable[_Said]:
    """All that stands in these fields, and in lines that were meant to."""
    for name in names:
        for field in fields:
            if field.name == name:
                for entry in read_addresses(field.value).entries:
                    yield _Said(name, entry)
        for line in _lines_of(fields, name):
            yield _Said(name, AddressEntry(_text(line), what=_what(line)))


def _lines_of(fields: Sequence[Field], name: str) -> list[Field]:
    """Lines that are no field and have an address of this one: right behind it, or without a colon after its name."""
    found: list[Field] = []
    behind = ""
    for field in fields:
        if field.name:
            behind = field.name
            continue
        text = _text(field)
        if match := _NO_COLON.match(text):
            behind = match[1].lower()
        elif meant := _meant_name(text):
            behind = meant
        elif "@" not in text:
            behind = ""
        if behind == name:
            found.append(field)
    return found


def _meant_name(text: str) -> str:
    """The address field that a line means whose name has blanks within, characters that are not seen, or letters of
    another alphabet; empty if it means none."""
    if not (match := _LIKE_NAME.match(text)):
        return ""
    plain = unicodedata.normalize("NFKC", match[1]).translate(_LOOKALIKES)
    return _BY_LETTERS.get("".join(char for char in plain if char.isascii() and char.isalpha()).lower(), "")


def _text(line: Field) -> str:
    return re.sub(r"[\r\n\t ]+", " ", decode(line.raw)).strip()


def _what(line: Field) -> str:
    if match := _NO_COLON.match(_text(line)):
        return f"there is no colon after the name; write “{match[1]}: …”"
    if meant := _meant_name(_text(line)):
        return f"“{shown(_text(line).partition(':')[0], 40)}” is not a field name; write “{meant.title()}: …”"
    return "this line of the header is not a field; begin it with a blank if it belongs to the one before, or delete it"


def _sender(fields: Sequence[Field], resent: Sequence[Field]) -> tuple[str, list[Unreadable]]:
    faults: list[Unreadable] = []
    for names, candidates in ((("resent-sender", "resent-from"), resent), (("sender", "from"), fields)):
        for name in names:
            said = [
                _Said(name, entry)
                for field in candidates
                if field.name == name
                for entry in read_addresses(field.value).entries
            ]
            faults += [each.unreadable for each in said if each.entry.mailbox is None]
            for each in said:
                if each.entry.mailbox is not None:
                    return each.entry.mailbox.address, faults
    return "", faults


def _latest_resent(fields: Sequence[Field]) -> list[Field]:
    """The topmost block of Resent- fields (RFC 5322 section 3.6.6): it ends where a name comes again.

    Where nothing but a recipient field comes again there is one block alone, and all of it counts. A line that is no
    field goes with the field before it.
    """
    names = [field.name for field in fields]
    several = any(names.count(name) > 1 for name in _BLOCK_STARTS)
    block: list[Field] = []
    seen: set[str] = set()
    within = False
    for field in fields:
        if field.name.startswith("resent-"):
            if several and field.name in seen:
                break
            seen.add(field.name)
            block.append(field)
            within = True
        elif field.name:
            within = False
        elif within or _NO_COLON.match(_text(field)) or _meant_name(_text(field)).startswith("resent-"):
            block.append(field)
    return block


def _of_resent(fields: Sequence[Field], resent: Sequence[Field]) -> str:
    """That the message goes to whom it was resent to, and whom it does not go to."""
    others = {
        *unique_addresses(
            each.entry.mailbox
            for each in (*_said(fields, _TO), *_said(fields, _RESENT_TO))
            if each.entry.mailbox is not None
        )
    } - {*unique_addresses(e.entry.mailbox for e in _said(resent, _RESENT_TO) if e.entry.mailbox is not None)}
    note = "The message was resent, so it goes to those of the latest Resent-To, Resent-Cc and Resent-Bcc alone (RFC "
    note += "5322 section 3.6.6)"
    if not others:
        return f"{note}."
    count = len(others)
    return (
        f"{note}; {count} other address{'es' * (count != 1)} of To, Cc, Bcc and earlier Resent- fields "
        f"get{'s' * (count == 1)} nothing. To send to them as well, name all recipients with --to."
    )
