"""Text as a YAML scalar: plain where that is safe, else in quotes, in the manner of what stood there before."""

import re

import yaml

from smtptui.config.parsing import YamlFault, parse
from smtptui.config.tree import MappingNode, ScalarNode

# What is safe raw within quotes: printable, and no line break of any kind (YAML 1.1 has five).
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]')
_NAMED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
# Letters that a plain scalar may begin and go on with whatever stands around it; others have to be tried.
_HARMLESS = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./+@-]*(?: [A-Za-z0-9_./+@-]+)*")


def scalar(text: str, *, style: str = "", flow: bool = False, key: bool = False, typed: bool = False) -> str:
    """``text`` as it may stand in a file on one line.

    ``style`` is the quote to use if it can be, ``flow`` says that it will stand in braces, ``key`` before a colon.
    With ``typed`` it is a number or a word of YAML's own and stays plain; without, text that other programs would
    take for one (``0123``, ``off``) is put in quotes.
    """
    if style == "'" and not re.search("[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]", text):
        return "'" + text.replace("'", "''") + "'"
    if style == '"' or not _plain(text, flow=flow, key=key, typed=typed):
        return '"' + _ESCAPED.sub(_escape, text) + '"'
    return text


def literal(text: str, indent: str, newline: str) -> str | None:
    """``text`` of several lines as a literal block, header first and without a line break at the end.

    None where such a block could not hold it: lines that begin or end in white space, or are not printable.
    """
    header, ended = ("|", text[:-1]) if text.endswith("\n") else ("|-", text)
    lines = ended.split("\n")
    if "\n" not in text or not all(lines[:1]) or not lines[-1]:
        return None
    for line in lines:
        if line != line.strip() or re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", line):
            return None
    return newline.join([header, *(f"{indent}{line}" if line else "" for line in lines)])


def _plain(text: str, *, flow: bool, key: bool, typed: bool) -> bool:
    if not text or (not typed and _other_type(text)):
        return False
    if _HARMLESS.fullmatch(text):
        return typed or not _null(text)
    around = ("{" if flow else "", "}" if flow else "")
    candidate = f"{around[0]}{text}: x{around[1]}" if key else f"{around[0]}k: {text}{around[1]}"
    try:
        node = parse(candidate)
    except YamlFault:
        return False
    if not isinstance(node, MappingNode) or len(node.pairs) != 1:
        return False
    pair = node.pairs[0]
    found = pair.key if key else pair.value
    # A merge key is none of the fields.
    return isinstance(found, ScalarNode) and found.text == text and not found.absent and text != "<<"


def _null(text: str) -> bool:
    return text in ("~", "null", "Null", "NULL")


def _other_type(text: str) -> bool:
    """Whether YAML 1.1, or 1.2, would read a plain ``text`` as a number, a date or a truth."""
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    return (
        tag != "tag:yaml.org,2002:str"
        or re.fullmatch(r"0o[0-7]+|[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?|[yYnN]", text) is not None
    )


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    point = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"
