"""What a template says to everyone alike: its fixed texts with their lines, and the slips that are seen in them."""

import re
from collections.abc import Iterator

from jinja2 import nodes

from smtptui.message.template.form import Form, Passage
from smtptui.message.template.header_names import means_attachment, name_meant
from smtptui.message.template.sandbox import Sandbox
from smtptui.protocol import visible

_IMAGE = re.compile(
    r"""!\[[^\]\n]*\]\(\s*<?([^)\s>]+)[^)\n]*\)|<img\b[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)[^>]*>""", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"(?:https?|data|cid):", re.IGNORECASE)
_LIKE_A_FIELD = re.compile(r"([^\W\d_][\w -]{1,30}?)[ \t]*:[ \t]*(\S.*)")
_FIRST = frozenset(["from", "to", "cc", "bcc", "subject", "reply-to", "content-type", "mime-version", "sender"])
"""Fields of which a text that begins with one is a header that began after an empty line."""


def fixed_texts(source: str, line: int) -> Iterator[tuple[str, int]]:
    """The texts of a piece that begins in ``line``, each with its first line, also those within expressions."""
    tree = Sandbox().parse("{#" + "\n" * (line - 1) + "#}" + source)
    for node in tree.find_all(nodes.TemplateData):
        yield node.data, node.lineno
    formats = {id(const) for form in _formats(tree) for const in form.find_all(nodes.Const)}
    for const in tree.find_all(nodes.Const):
        if isinstance(const.value, str) and id(const) not in formats:
            yield const.value, const.lineno


def _formats(tree: nodes.Template) -> Iterator[nodes.Node]:
    """Expressions whose text has fields that Jinja2 fills in."""
    yield from (node for node in tree.find_all(nodes.Filter) if node.name == "format")
    yield from (node.left for node in tree.find_all(nodes.Mod))
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.attr in ("format", "format_map"):
            yield call.node
    yield from tree.find_all(nodes.Getitem)


def unseen_images(text: Passage) -> list[tuple[int, str]]:
    """Images by a path in a text that no HTML is made of: the line, and a sentence without it."""
    found = []
    for match in _IMAGE.finditer(text.text):
        target = match[1] or match[2]
        if not _ELSEWHERE.match(target):
            line = text.line + text.text.count("\n", 0, match.start())
            kind = "text/markdown" if match[1] else "text/html"
            sentence = (
                f"“{visible(match[0][:60])}” is shown as it is written, since the text is plain. Add the header line "
                f"CONTENT-TYPE: {kind}, or attach the file with ATTACHMENT: {visible(target)}."
            )
            found.append((line, sentence))
    return found


def misplaced_fields(form: Form) -> list[tuple[int, str]]:
    """Lines of the text that were meant to be in the header: the line, and a sentence without it."""
    found = []
    for passage in (form.text, form.html):
        if passage is None:
            continue
        begun = False
        for number, line in enumerate(passage.text.split("\n"), passage.line):
            match = _LIKE_A_FIELD.match(line)
            if match is not None:
                name = match[1].strip()
                file = means_attachment(name) and (name.isupper() or _like_a_file(match[2]))
                if file or (not begun and ((name_meant(name) or name).lower() in _FIRST)):
                    sentence = (
                        f"“{visible(line[:60])}” is part of the text, since an empty line ended the "
                        "header; move it above that line if it is a header field."
                    )
                    found.append((number, sentence))
                    # The lines of a header are together.
                    continue
            begun = begun or bool(line.strip())
    return found


def _like_a_file(value: str) -> bool:
    return re.fullmatch(r".*\.(?:\w{1,5}|\{\{.*\}\})\s*", value) is not None and "://" not in value
