"""The one reader of addresses: a field or an option with a list of them, each read or named with what is wrong."""

import re
from dataclasses import dataclass
from enum import Enum

from smtptui.protocol.addr_spec import read_addr_spec, why_none
from smtptui.protocol.address_pieces import Piece, Token, decoded, pieces_of
from smtptui.protocol.mailbox import Mailbox, MailboxError
from smtptui.protocol.odd_characters import odd_character, shown, trimmed

_PLAIN = re.compile(
    r"([A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*)@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)\Z"
)
"""What nearly every address looks like; the patient way knows the others."""
_NO_NAME = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters that no header field may have, and so no display name."""
_LIKE_ENDING = re.compile(r"[A-Za-z]{2,}(?:\.[A-Za-z]{2,})?\Z")
_LINE_BREAK = re.compile(r"[\r\n]")
_SHOWN = 200


class FaultKind(Enum):
    """What kind of a fault an address has."""

    UNCLOSED = "unclosed"
    """A quotation mark, comment or bracket that is opened and not closed: what follows cannot be told apart."""
    SYNTAX = "syntax"


@dataclass(frozen=True, slots=True)
class AddressEntry:
    """One piece of a list: a mailbox, or what keeps it from being one."""

    text: str
    """As it is written, without the separators."""
    mailbox: Mailbox | None = None
    what: str = ""
    """What is wrong and what to do; empty for a mailbox."""
    kind: FaultKind = FaultKind.SYNTAX
    freed: bool = False
    """Whether the address of the mailbox is not what is written, but what is meant without doubt."""

    def __str__(self) -> str:
        return f"“{shown(self.text, _SHOWN)}”: {self.what}"


@dataclass(frozen=True, slots=True)
class AddressList:
    """What a list says, piece by piece, in order. Nothing that stands there is missing."""

    entries: tuple[AddressEntry, ...]

    @property
    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Those that can be used."""
        return tuple(entry.mailbox for entry in self.entries if entry.mailbox is not None)

    @property
    def faults(self) -> tuple[AddressEntry, ...]:
        """Those that cannot."""
        return tuple(entry for entry in self.entries if entry.mailbox is None)


def read_addresses(text: str) -> AddressList:
    """Read an address list (RFC 5322 section 3.4 with the obsolete forms of 4.4), as header fields and people write it.

    Commas and semicolons separate; groups are taken apart; comments are left out. A name with a comma and without
    quotes is taken for one where semicolons separate the addresses, and is a fault where commas do.
    """
    if (plain := _plain(text)) is not None:
        return AddressList((AddressEntry(text, plain),))
    return AddressList(tuple(_read(piece) for piece in pieces_of(text)))


def parse_mailbox(text: str) -> Mailbox:
    """Read one mailbox, ``local@domain`` or ``Name <local@domain>``; raises :class:`MailboxError`."""
    if (plain := _plain(text)) is not None:
        return plain
    boxes = parse_mailboxes(text)
    if not boxes:
        raise MailboxError("there is no address; write it as name@domain")
    if len(boxes) > 1:
        raise MailboxError(f"“{shown(text, _SHOWN)}”: there are {len(boxes)} addresses, and one is wanted")
    return boxes[0]


def parse_mailboxes(text: str) -> tuple[Mailbox, ...]:
    """Read a list of mailboxes; raises :class:`MailboxError` for the first that cannot be read, or whose display name
    has a character that no header field may have."""
    found = read_addresses(text)
    for entry in found.entries:
        if entry.mailbox is None:
            raise MailboxError(str(entry))
        if not sendable_name(entry.mailbox.name):
            raise MailboxError(
                f"“{shown(entry.text, _SHOWN)}”: the name has a line break or a control character; delete it"
            )
    return found.mailboxes


def sendable_name(name: str) -> bool:
    """Whether a display name has no character that no header field may have."""
    return _NO_NAME.search(name) is None


def _plain(text: str) -> Mailbox | None:
    match = _PLAIN.match(text)
    if match is None or len(match[1]) > 64 or len(match[2]) > 255:
        return None
    return Mailbox("", match[1], match[2])


def _read(piece: Piece) -> AddressEntry:
    if not (piece.foreign or piece.unclosed) and (plain := _plain(piece.text)) is not None:
        return AddressEntry(piece.text, plain)
    try:
        mailbox, source = _mailbox(piece)
    except MailboxError as error:
        kind = FaultKind.UNCLOSED if piece.unclosed else FaultKind.SYNTAX
        return AddressEntry(piece.text, what=str(error), kind=kind)
    return AddressEntry(piece.text, mailbox, freed=trimmed(source) != mailbox.address)


def _mailbox(piece: Piece) -> tuple[Mailbox, str]:
    """The mailbox and the text its address was read from; raises :class:`MailboxError` with what is wrong."""
    if piece.unclosed:
        raise MailboxError(f"{piece.unclosed}; close it, or delete it")
    if _LINE_BREAK.search(piece.text) and (odd := odd_character(piece.text, lookalikes=False)):
        raise MailboxError(str(odd))
    if piece.foreign:
        raise MailboxError(f"“{piece.foreign}:” begins another field; put the address there")
    angles = piece.angles
    if len(angles) > 1:
        raise MailboxError(f"there are {len(angles)} addresses; separate them with commas")
    name, source = _named(piece, angles[0]) if angles else _alone(piece)
    local, domain = read_addr_spec(source)
    if angles:
        _check_beside(piece, f"{local}@{domain}")
    return Mailbox(name or _comments(piece), local, domain), source


def _named(piece: Piece, angle: Token) -> tuple[str, str]:
    """Display name and address of ``Name <address>``."""
    place = piece.tokens.index(angle)
    if behind := [token for token in piece.tokens[place + 1 :] if token.kind not in ("blank", "comment")]:
        said = shown("".join(token.text for token in behind), 40)
        remedy = "separate addresses with commas" if "@" in said else "delete it"
        raise MailboxError(f"“{said}” stands behind “>”; {remedy}")
    before = piece.tokens[:place]
    for token in before:
        if token.kind == "mark":
            raise MailboxError(f"“{token.text}” stands before “<”; put the name in quotation marks, or delete it")
    content = angle.text[1:-1]
    if not content.strip("<> \t"):
        raise MailboxError("there is no address between “<” and “>”; write it there")
    if "(" in content:
        content = "".join(token.text for token in _inside(content) if token.kind != "comment")
    parts = [token for token in before if token.kind != "comment"]
    while parts and parts[-1].kind == "blank":
        parts.pop()
    while parts and parts[0].kind == "blank":
        parts.pop(0)
    # Blanks within quotation marks belong to the name.
    return "".join(_spoken(token) for token in parts).replace("\t", " "), content


def _inside(content: str) -> list[Token]:
    pieces = list(pieces_of(content))
    return pieces[0].tokens if len(pieces) == 1 else [Token("text", content)]


def _spoken(token: Token) -> str:
    """What a token of a display name says."""
    if token.kind == "quoted":
        return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
    return token.text[1:-1] if token.kind == "named" else token.text


def _alone(piece: Piece) -> tuple[str, str]:
    """Display name and address where no angle brackets tell them apart."""
    solid = piece.solid
    if not solid:
        raise MailboxError("the address is within a comment; delete “(” and “)”, or the whole")
    for number, token in enumerate(solid):
        # Name [mailto:address], as mail programs copy it.
        before = solid[number - 1].text if number else ""
        if token.kind == "literal" and "@" in token.text and not before.endswith("@"):
            others = [other for other in solid if other is not token]
            if not any("@" in other.text for other in others) and not any(other.kind == "mark" for other in others):
                return trimmed("".join(_spoken(other) for other in piece.tokens if other is not token)), token.text
    for token in solid:
        if token.kind == "mark" and token.text in "<>()[]":
            partner = "<>()[]"["><)(][".index(token.text)]
            verb = "closed by" if token.text in "<([" else "opened by"
            raise MailboxError(f"“{token.text}” is not {verb} “{partner}”; delete it, or complete the pair")
    quoted = solid[0].text if len(solid) == 1 and solid[0].kind == "quoted" else ""
    if quoted and "@" in quoted:
        inner = read_addresses(_spoken(solid[0])).entries
        if len(inner) > 1:
            raise MailboxError("the quotation marks enclose several addresses; delete them")
        if inner and inner[0].mailbox is not None and inner[0].mailbox.domain:
            return inner[0].mailbox.name, inner[0].mailbox.address
        return "", quoted
    text = trimmed("".join(" " if token.kind == "comment" else token.text for token in piece.tokens))
    if not (piece.has_at or text.lower().startswith("mailto:")):
        _refuse_words(piece, text)
    return "", text


def _refuse_words(piece: Piece, text: str) -> None:
    """Say what is meant by words without an address; returns for what may be one all the same."""
    plain = decoded(text)
    if plain != text and "@" in plain:
        raise MailboxError(f"the address is within an encoded word (RFC 2047); write it plainly: {shown(plain, 80)}")
    if text.lower() == "postmaster" or odd_character(text) is not None:
        return
    after, before = piece.following, piece.previous
    if piece.after == "," and after is not None and after.angles and not any(t.kind == "mark" for t in piece.tokens):
        name, _, address = after.text.rpartition("<")
        whole = f'"{text}, {name.strip()}" <{address}'
        raise MailboxError(f"there is no “@”; if it belongs to a name, put the name in quotes: {shown(whole, 120)}")
    if before is not None and before.after == "," and _LIKE_ENDING.match(text) and before.text.count("@") == 1:
        domain = before.text.rpartition("@")[2]
        if domain and "." not in domain and domain.isalnum():
            meant = f"{before.text}.{text}"
            raise MailboxError(f"there is no “@”; if a dot is meant instead of the comma, write {shown(meant, 120)}")
    raise MailboxError(why_none(piece.text))


def _check_beside(piece: Piece, address: str) -> None:
    """Refuse a second address beside the one in angle brackets, unless it is the same one in the place of a name."""
    beside = [token for token in piece.tokens if token.kind in ("text", "literal", "word")]
    words = trimmed("".join(token.text if token in beside else " " for token in piece.tokens if token.kind != "angle"))
    if "@" not in words:
        return
    try:
        if "@".join(read_addr_spec(words)).casefold() == address.casefold():
            return
    except MailboxError:
        pass
    raise MailboxError(
        f"“{shown(words, 60)}” stands beside the address; separate addresses with a comma, or put a name in quotation "
        "marks"
    )


def _comments(piece: Piece) -> str:
    """The name that is given in a comment, ``local@domain (Name)``."""
    said = [token.text[1:-1] for token in piece.tokens if token.kind == "comment"]
    return trimmed(re.sub(r"\\(.)", r"\1", " ".join(said), flags=re.DOTALL))
