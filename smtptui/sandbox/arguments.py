"""Reading the arguments of MAIL and RCPT: a path and its parameters (RFC 5321 section 4.1.2, RFC 3461)."""

import re
from dataclasses import dataclass

from smtptui.protocol import MailboxError, parse_mailbox

_PARAMETER = re.compile(r"(?P<key>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[^\s=\x00-\x1f\x7f]+))?")
_XTEXT = r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+"  # RFC 3461 section 4
_ADDRESS_TYPE = r"[A-Za-z0-9-]+"
# RFC 6533 section 3 lets ORCPT be UTF-8 where SMTPUTF8 is in use.
_UTF8_ADDRESS = r"[Uu][Tt][Ff]-8;[!-\U0010ffff]+"

_MAIL: dict[str, str | None] = {
    "SIZE": r"\d{1,20}",
    "BODY": r"(?i:7BIT|8BITMIME)",
    "SMTPUTF8": None,
    "RET": r"(?i:FULL|HDRS)",
    "ENVID": _XTEXT,
    "AUTH": _XTEXT,
}
_RCPT: dict[str, str | None] = {
    "NOTIFY": r"(?i:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})",
    "ORCPT": rf"{_ADDRESS_TYPE};{_XTEXT}|{_UTF8_ADDRESS}",
}


class ArgumentError(Exception):
    """An argument that is refused; the text is the reply."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A path without its angle brackets, and the parameters behind it."""

    address: str
    """Empty for the null reverse-path ``<>``."""
    parameters: dict[str, str]
    """Value by upper-case keyword; empty where the keyword takes none."""
    text: str
    """The parameters exactly as they were sent."""

    def needs_smtputf8(self) -> bool:
        """Whether something in it is not ASCII."""
        return not (self.address + self.text).isascii()


def mail_argument(text: str, *, extended: bool) -> Argument:
    """Read what follows MAIL; ``extended`` after EHLO. Raises :class:`ArgumentError`."""
    argument = _argument(text, "FROM", _MAIL, extended=extended)
    if not argument.address:
        return argument
    _check_address(argument.address, "501 5.1.7 Bad sender address syntax")
    return argument


def rcpt_argument(text: str, *, extended: bool) -> Argument:
    """Read what follows RCPT; ``extended`` after EHLO. Raises :class:`ArgumentError`."""
    argument = _argument(text, "TO", _RCPT, extended=extended)
    _check_address(argument.address, "501 5.1.3 Bad recipient address syntax")
    return argument


def _argument(text: str, keyword: str, known: dict[str, str | None], *, extended: bool) -> Argument:
    command = "MAIL" if keyword == "FROM" else "RCPT"
    syntax = f"501 5.5.4 Syntax: {command} {keyword}:<address>{' [parameters]' if extended else ''}"
    opening = re.match(rf"(?i:{keyword}):\s*<", text)
    if opening is None:
        raise ArgumentError(syntax)
    end = _closing(text, opening.end())
    if end < 0:
        raise ArgumentError(syntax)
    # A source route is accepted and ignored (RFC 5321 section 4.1.1.3).
    address = re.sub(r"\A@[^:>]*:", "", text[opening.end() : end])
    rest = text[end + 1 :]
    if rest and not rest.startswith(" "):
        raise ArgumentError(syntax)
    return Argument(address, _parameters(rest, known, extended=extended), rest.strip())


def _closing(text: str, start: int) -> int:
    """Where the path's ``>`` is, or -1: one inside a quoted local part is not it."""
    quoted = skip = False
    for index in range(start, len(text)):
        char = text[index]
        if skip:
            skip = False
        elif quoted and char == "\\":
            skip = True
        elif char == '"':
            quoted = not quoted
        elif char == ">" and not quoted:
            return index
    return -1


def _parameters(text: str, known: dict[str, str | None], *, extended: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise ArgumentError("501 5.5.4 Syntax error in the parameters")
        key, value = match["key"].upper(), match["value"]
        if key not in known or not extended:
            raise ArgumentError(f"555 5.5.4 Unsupported option: {key}")
        pattern = known[key]
        if key in found or (value is None) != (pattern is None):
            raise ArgumentError(f"501 5.5.4 Syntax error in the parameter {key}")
        if pattern is not None and not re.fullmatch(pattern, value):
            raise ArgumentError(f"501 5.5.4 Bad value of the parameter {key}")
        found[key] = value or ""
    return found


def _check_address(address: str, refusal: str) -> None:
    try:
        parse_mailbox(f"<{address}>")
    except MailboxError as error:
        raise ArgumentError(refusal) from error
