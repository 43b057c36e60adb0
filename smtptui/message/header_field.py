"""Header fields as octets: checked, encoded and folded so that no value can break the message.

The standard library's folder is not used: depending on the Python version it breaks long words, loses the
blanks around encoded words and decodes text that merely looks like one (RFC 5322, RFC 2047, RFC 2231).
"""

import base64
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from smtptui.message.message import MessageError
from smtptui.protocol import Mailbox, MailboxError, parse_mailboxes, trimmed, visible

LINE_LIMIT = 998
"""Octets a line may have before its CRLF (RFC 5322 section 2.1.1)."""
_FOLD_AT = 76
"""Octets a folded line should have: RFC 2047 section 2 allows 76 where encoded words are."""
_ENCODED_WORD = 75
"""Octets of one encoded word at most (RFC 2047 section 2)."""
_LONG_WORD = 900
"""A word of more octets is sent in encoded words: there is no other place to fold it."""
_LONG_NAME = 128

FORBIDDEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters that no header field may have."""
_FIELD_NAME = re.compile(r"[!-9;-~]+\Z")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_BLANKS = re.compile(r"([ \t]+)")
_LOOKS_ENCODED = re.compile(r"=\?.*\?=")
# Safe in every place where RFC 2047 section 5 allows encoded words, a display name being the strictest.
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q = ["_" if octet == 0x20 else chr(octet) if octet in _Q_SAFE else f"={octet:02X}" for octet in range(256)]
_TOKEN = re.compile(r"[A-Za-z0-9!#$&+^_`{|}~-]+\Z")
_PLAIN_PARAMETER = re.compile(r"[ !#-\[\]-~]*\Z")

Word = tuple[str, str]
"""Blanks, and the text after them that is never folded."""


def check_name(name: str) -> None:
    """Raise :class:`MessageError` unless ``name`` is a field name (RFC 5322 section 3.6.8)."""
    if not name:
        raise MessageError("A header field has no name; write it as “Name: value”.")
    if not _FIELD_NAME.match(name):
        raise MessageError(
            f"Header {visible(name)!r}: a name has only ASCII letters, digits and signs, no blank and no colon."
        )
    if len(name) > _LONG_NAME:
        raise MessageError(f"Header {name[:20]}…: the name is longer than {_LONG_NAME} characters.")


def check_value(name: str, value: str) -> None:
    """Raise :class:`MessageError` when ``value`` has a character that no header field may have."""
    found = FORBIDDEN.search(value)
    if found is None:
        return
    char, place = found[0], found.start() + 1
    if char in "\r\n\u2028\u2029":
        raise MessageError(f"{name}: a line break at character {place}; a header field is one line, remove it.")
    if "\ud800" <= char <= "\udfff":
        raise MessageError(f"{name}: character {place} is a byte that is no UTF-8; remove or convert it.")
    raise MessageError(f"{name}: the control character {visible(char)} at character {place}; remove it.")


def mailboxes(name: str, values: Iterable[str]) -> tuple[Mailbox, ...]:
    """The mailboxes in the values of one field; :class:`MessageError` names the field and the address."""
    boxes: list[Mailbox] = []
    for value in values:
        # What the ends of a cell or an option have of blanks and invisible characters is no part of it.
        check_value(name, trimmed(value))
        try:
            boxes.extend(parse_mailboxes(value))
        except MailboxError as error:
            raise MessageError(f"{name}: {error}.") from error
    return tuple(boxes)


def mailbox_text(name: str, address: str) -> str:
    """A mailbox as people write it: the name quoted only where it must be."""
    if not name:
        return address
    plain = name == name.strip() and not re.search(r'[()<>@,;:\\"\[\]]', name)
    quoted = re.sub(r'(["\\])', r"\\\1", name)
    return f"{name} <{address}>" if plain else f'"{quoted}" <{address}>'


def unstructured(name: str, value: str, *, utf8: bool = False) -> bytes:
    """A field of free text; with ``utf8`` what is not ASCII stays as it is (RFC 6532)."""
    check_value(name, value)
    pieces = _BLANKS.split(value)
    words, blanks = pieces[::2], ["", *pieces[1::2]]
    needy = [index for index, word in enumerate(words) if _needs_encoding(word, utf8)]
    # Blanks at either end would be trimmed by readers, and very long ones cannot be folded.
    if value and (not words[0] or not words[-1] or max(map(len, blanks)) > _FOLD_AT // 2):
        needy = [0, len(words) - 1]
    tokens = list(zip(blanks, words, strict=True))
    if needy:
        first, last = needy[0], needy[-1]
        text = "".join(blank + word for blank, word in tokens[first : last + 1])[len(blanks[first]) :]
        used = len(name) + 2 if first == 0 else 0
        encoded = _encoded_words(text, _FOLD_AT - used)
        tokens[first : last + 1] = [(blanks[first] if index == 0 else " ", word) for index, word in enumerate(encoded)]
    return _fold(name, tokens)


def structured(name: str, value: str) -> bytes:
    """A field whose syntax has no place for encoded words, so it must be ASCII; blanks may be folded."""
    check_value(name, value)
    if not value.isascii():
        raise MessageError(f"{name}: only ASCII is possible in this field; {value!r} has other characters.")
    if _LOOKS_ENCODED.search(value):
        raise MessageError(f"{name}: {value!r} would be read as an encoded word (RFC 2047).")
    words = _BLANKS.split(value.strip(" \t"))
    return _fold(name, list(zip([" ", *words[1::2]], words[::2], strict=True)))


def addresses(name: str, boxes: Sequence[Mailbox], *, utf8: bool = False) -> bytes:
    """A field that lists mailboxes (RFC 5322 section 3.4)."""
    tokens: list[Word] = []
    for index, box in enumerate(boxes):
        address = box.wire(smtputf8=utf8)
        room = _FOLD_AT - len(name) - 2
        words = [*_phrase(box.name, room, utf8), f"<{address}>"] if box.name else [address]
        if index + 1 < len(boxes):
            words[-1] += ","
        tokens += [(" ", word) for word in words]
    return _fold(name, tokens)


def parametrised(name: str, value: str, parameters: Sequence[tuple[str, str]] = ()) -> bytes:
    """A MIME field with parameters; what does not fit a plain one is encoded after RFC 2231."""
    words = [value]
    for key, text in parameters:
        check_value(f"{name} {key}", text)
        words[-1] += ";"
        words += [part + ";" for part in _parameter(key, text)]
        words[-1] = words[-1].removesuffix(";")
    return _fold(name, [(" ", word) for word in words])


def _needs_encoding(word: str, utf8: bool) -> bool:
    if word.isascii():
        return "=?" in word or len(word) > _LONG_WORD
    return not utf8 or "=?" in word or len(word.encode()) > _LONG_WORD


def _phrase(name: str, room: int, utf8: bool) -> list[str]:
    if "=?" not in name and len(name.encode()) < _LONG_WORD:
        if _ATOMS.match(name):
            return name.split(" ")
        quoted = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
        if (utf8 or name.isascii()) and len(quoted) < _FOLD_AT:
            return [quoted]
    return _encoded_words(name, room)


def _encoded_words(text: str, room: int) -> list[str]:
    """``text`` as encoded words, cut between characters; the first should fit into ``room`` octets."""
    octets = text.encode()
    quoted = len(_in_q(octets))
    # Q stays readable in a transcript, so it may be somewhat longer than B.
    use_q = quoted <= -(-len(octets) // 3) * 6
    overhead = len("=?utf-8?q??=")
    limit = min(_ENCODED_WORD - 1, max(room, overhead + 12)) - overhead
    if (quoted if use_q else _b_length(len(octets))) <= limit:
        return [_encoded_word(octets, use_q)]
    words: list[str] = []
    chunk, size = b"", 0
    for char in text:
        octets = char.encode()
        cost = len(_in_q(octets)) if use_q else len(octets)
        full = (size + cost if use_q else _b_length(size + cost)) > limit
        if full and chunk:
            words.append(_encoded_word(chunk, use_q))
            chunk, size, limit = b"", 0, _ENCODED_WORD - 1 - overhead
        chunk += octets
        size += cost
    words.append(_encoded_word(chunk, use_q))
    return words


def _encoded_word(octets: bytes, use_q: bool) -> str:
    if use_q:
        return f"=?utf-8?q?{_in_q(octets)}?="
    return f"=?utf-8?b?{base64.b64encode(octets).decode('ascii')}?="


def _in_q(octets: bytes) -> str:
    return "".join([_Q[octet] for octet in octets])


def _b_length(octets: int) -> int:
    return -(-octets // 3) * 4


def _parameter(key: str, text: str) -> list[str]:
    if _TOKEN.match(text) and len(text) < _FOLD_AT // 2:
        return [f"{key}={text}"]
    room = _FOLD_AT - len(key) - len("*00*=;") - 1
    if _PLAIN_PARAMETER.match(text) and "=?" not in text and text == text.strip() and len(text) < room:
        return [f'{key}="{text}"']
    encoded = [quote(char, safe="!#$&+^`{|}~") for char in text]
    if sum(map(len, encoded)) + len("utf-8''") < room:
        return [f"{key}*=utf-8''{''.join(encoded)}"]
    chunks, chunk = [], "utf-8''"
    for char in encoded:
        if len(chunk) + len(char) > room:
            chunks.append(chunk)
            chunk = ""
        chunk += char
    chunks.append(chunk)
    return [f"{key}*{index}*={chunk}" for index, chunk in enumerate(chunks)]


def _fold(name: str, tokens: Sequence[Word]) -> bytes:
    """The field in lines; a line is broken only before a blank, and never right after the name."""
    additions = [blank + word for blank, word in tokens]
    if tokens:
        first = tokens[0][1]
        additions[0] = f" {first}" if first else ""
    whole = f"{name}:{''.join(additions)}".encode()
    if len(whole) <= _FOLD_AT:
        return whole + b"\r\n"
    lines: list[bytes] = []
    line = f"{name}:{''.join(additions[:1])}".encode()
    for text in additions[1:]:
        addition = text.encode()
        if len(line) + len(addition) > _FOLD_AT:
            lines.append(line)
            line = b""
        line += addition
    lines.append(line)
    if any(len(line) > LINE_LIMIT for line in lines):
        raise MessageError(f"{name}: a part without blanks is longer than a line may be ({LINE_LIMIT} octets).")
    return b"".join(line + b"\r\n" for line in lines)
