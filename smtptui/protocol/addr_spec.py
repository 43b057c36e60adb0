"""The address itself, ``local@domain``: freed of what people put around it, then checked (RFC 5321, RFC 5322)."""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from smtptui.protocol.mailbox import MailboxError, ascii_domain
from smtptui.protocol.odd_characters import odd_character, shown, trimmed

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]"
_DOT_ATOM = re.compile(rf"(?:{_ATEXT}++\.)*+{_ATEXT}++\Z")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"\Z', re.DOTALL)
_OBSOLETE_WORDS = re.compile(rf'(?:(?:{_ATEXT}++|"(?:[^"\\]|\\.)*+")(?:\.|\Z))++\Z')
_WORD = re.compile(r'"((?:[^"\\]|\\.)*+)"|[^".]++', re.DOTALL)
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
_LITERAL = re.compile(r"\[[0-9A-Za-z:.\-]+\]\Z")
_AROUND_DOTS = re.compile(r'("(?:[^"\\]|\\.)*+")|(?<![ \t])[ \t]*+([.@])[ \t]*+', re.DOTALL)
_NOT_ATEXT = re.compile(rf"(?!{_ATEXT})[^.]", re.DOTALL)
_ENCODED = re.compile(r"=\?.*\?=")
_MAILTO = re.compile(r"mailto:[ \t]*", re.IGNORECASE)
_MORE_PEOPLE = re.compile(r"(?:^|[?&])(?:to|cc|bcc)=", re.IGNORECASE)
_EXCHANGE = re.compile(r"(?:ex:)?/(?:o|c|cn|ou)=", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{\{|\{%|\$\{|\A(?:\{[^{}]*\}|%[^%]+%|<<?[^<>]*>>?|\[[A-Za-z_ ]+\])\Z")
_AT_IN_WORDS = re.compile(r"[\[({][ \t]?at[ \t]?[\])}]|[ \t]at[ \t]|%40", re.IGNORECASE)
_WEB = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*+://")
_NO_WEB_ADDRESS = "this is a web address, not an email address; write the address as name@domain"
_PAIRS = {
    "'": "'",
    "`": "`'",
    '"': '"',
    "\u2018": "\u2019\u2018'",
    "\u2019": "\u2019",
    "\u201a": "\u2018\u2019",
    "\u201c": "\u201d\u201c",
    "\u201d": "\u201d",
    "\u201e": "\u201c\u201d",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
    "[": "]",
    "<": ">",
}
"""What people and programs put around an address, with what closes it."""
_MOST_AROUND = 6
_LOCAL_OCTETS = 64
_DOMAIN_OCTETS = 255


def read_addr_spec(text: str) -> tuple[str, str]:
    """Local part and domain of one address without display name and comments; no domain for the bare ``postmaster``.

    The local part is in Unicode's composed form (RFC 6532 section 3.1).

    What is beyond doubt is accepted: blanks and invisible characters at the ends, apostrophes, quotation marks or
    brackets around the whole, ``mailto:`` with its escapes (RFC 6068), a source route (RFC 5322 section 4.4, which says
    to ignore it), blanks around dots and the “@” (obsolete syntax, section 4.4), one dot at the end of the domain.
    Raises :class:`MailboxError`; its words begin after the address, as in “has no “@”; …”.
    """
    bare = _freed(text)
    if not bare:
        raise MailboxError("there is no address; write it as name@domain")
    if odd := odd_character(bare):
        raise MailboxError(str(odd))
    address = _AROUND_DOTS.sub(r"\1\2", bare) if " " in bare or "\t" in bare else bare
    local, at, domain = address.rpartition("@")
    if not at or (_EXCHANGE.match(bare) and "." not in domain):
        if bare.lower() == "postmaster":
            return bare, ""
        raise MailboxError(why_none(bare))
    return _local(local, domain), _domain(domain)


def why_none(text: str) -> str:
    """What is wrong with a text that has no “@”, and what is probably meant."""
    if _WEB.match(text):
        return _NO_WEB_ADDRESS
    if _EXCHANGE.match(text):
        return "this is an Exchange directory name, not an email address; write the address as name@domain"
    if _PLACEHOLDER.search(text):
        return "this looks like a placeholder that was never filled in; put the address there"
    if found := _AT_IN_WORDS.search(text):
        return f"there is no “@”; write “@” instead of “{found[0].strip()}”"
    if not text.strip("\"'<>[]()"):
        return "there is no address in it; write it as name@domain, or delete this"
    return "there is no “@”; write the address as name@domain"


def _freed(text: str) -> str:
    """The address alone."""
    bare = trimmed(text)
    for _ in range(_MOST_AROUND):
        inner = trimmed(_inner(bare))
        if inner == bare:
            break
        bare = inner
    return bare


def _inner(text: str) -> str:
    if match := _MAILTO.match(text):
        return _of_link(text[match.end() :])
    closing = _PAIRS.get(text[:1], "")
    if len(text) > 1 and text[-1] in closing:
        inner = text[1:-1]
        if text[0] == '"':
            # One quoted string, and not a quoted local part with something quoted behind it.
            return re.sub(r"\\(.)", r"\1", inner) if _QUOTED.match(text) and "@" in inner else text
        return inner if "@" in inner or "\uff20" in inner else text
    if text.startswith("@"):
        route, colon, rest = text.partition(":")
        if colon and all(part.strip().startswith("@") for part in route.split(",") if part.strip()):
            return rest
    return text


def _of_link(text: str) -> str:
    """The address of a ``mailto:`` link (RFC 6068); subject and text of it are left out, other people are not."""
    address, mark, fields = text.partition("?")
    if mark and _MORE_PEOPLE.search(fields):
        raise MailboxError("this link names more people after the “?”; write each address by itself")
    if "%" not in address:
        return address
    return unquote_to_bytes(address.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def _local(local: str, domain: str) -> str:
    if not local:
        raise MailboxError("there is nothing before “@”; write the address as name@domain")
    if not local.isascii():
        local = unicodedata.normalize("NFC", local)
    if not (_DOT_ATOM.match(local) or _QUOTED.match(local)):
        if '"' not in local or not _OBSOLETE_WORDS.match(local) or local.endswith("."):
            raise MailboxError(_why_not_local(local, domain))
        local = _of_words(local)
    if len(local.encode("utf-8", "surrogateescape")) > _LOCAL_OCTETS:
        raise MailboxError(f"there are more than {_LOCAL_OCTETS} octets before “@” (RFC 5321 section 4.5.3.1.1)")
    if local.startswith("'"):
        raise MailboxError("there is an apostrophe at the start; delete it, or close it after the address")
    if _ENCODED.search(local):
        raise MailboxError("what is before “@” would be read as an encoded word (RFC 2047); write it plainly")
    return local


def _of_words(local: str) -> str:
    """Words with dots between, some of them quoted (RFC 5322 section 4.4), as one word."""
    words = [re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[0] for match in _WORD.finditer(local)]
    joined = ".".join(words)
    if _DOT_ATOM.match(joined):
        return joined
    quoted = re.sub(r'(["\\])', r"\\\1", joined)
    return f'"{quoted}"'


def _why_not_local(local: str, domain: str) -> str:
    if "@" in local:
        if local.endswith("@"):
            return "there are two “@” in a row; delete one"
        return f"there are {local.count('@') + 1} “@” in it; separate addresses with commas"
    if ".." in local:
        return "there are two dots in a row before “@”; delete one"
    if local.startswith(".") or local.endswith("."):
        return f"there is a dot {'at the start' if local.startswith('.') else 'right before “@”'}; delete it"
    if " " in local or "\t" in local:
        name, _, last = local.rpartition(" ")
        if '"' in local or _NOT_ATEXT.search(last):
            return "there is a blank before “@”; delete it"
        return f"there is a blank before “@”; delete it, or write “{name.strip()} <{last}@{domain}>” if a name is meant"
    if _WEB.match(local):
        return _NO_WEB_ADDRESS
    found = _NOT_ATEXT.search(local)
    if found is None:
        return f"“{shown(local, 40)}” cannot stand before “@”"
    return f"“{found[0]}” cannot stand before “@”; delete it, or put “{shown(local, 40)}” in quotation marks"


def _domain(domain: str) -> str:
    if not domain:
        raise MailboxError("there is no domain after “@”; write the address as name@domain")
    if _LITERAL.match(domain):
        return domain
    if domain.endswith(".") and len(domain) > 1:
        # The dot of the DNS root, or of a sentence's end: the same domain either way.
        domain = domain[:-1]
    ascii_form = ascii_domain(domain)
    if len(ascii_form) > _DOMAIN_OCTETS:
        raise MailboxError(f"the domain is longer than {_DOMAIN_OCTETS} octets (RFC 5321 section 4.5.3.1.2)")
    for label in ascii_form.split("."):
        if not _LABEL.match(label):
            raise MailboxError(_why_not_domain(domain, label))
    return domain


def _why_not_domain(domain: str, label: str) -> str:
    if not label:
        if domain.startswith("."):
            return "there is a dot right after “@”; delete it"
        return f"there are two dots in a row in the domain “{shown(domain, 60)}”; delete one"
    if domain.startswith("["):
        return f"“{shown(domain, 60)}” is not an IP address in brackets, as in [192.0.2.1]"
    if ":" in label:
        return "a domain has no port and no “:”; delete it and what follows"
    if found := re.search(r"[^A-Za-z0-9_-]", label):
        remedy = "separate addresses with commas" if found[0] in "/|&" else "delete it"
        return f"“{found[0]}” cannot stand in the domain “{shown(domain, 60)}”; {remedy}"
    if len(label) > 63:
        return "a part of the domain between dots is longer than 63 characters (RFC 1035 section 2.3.4)"
    return f"“{shown(label, 60)}” begins or ends with “-”, which no domain does; delete it"
