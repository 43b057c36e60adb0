"""A template file, read and found to be usable; what it asks of a list; where its files are."""

import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateSyntaxError, meta, nodes

from smtptui.message.header_field import check_name
from smtptui.message.message import MessageError
from smtptui.message.template.faults import TemplateError
from smtptui.message.template.fixed_text import unseen_images
from smtptui.message.template.form import Form, FormError, Passage, head_of, misnamed, read_form
from smtptui.message.template.piece import is_static, syntax_sentence
from smtptui.message.template.sandbox import Sandbox, no_recursion
from smtptui.protocol import visible

_STATEMENT = re.compile(r"\{%[-+]?\s*(?!if|elif|else|endif|for|endfor|raw|endraw|filter|endfilter)")
_TRIMMING = re.compile(r"\{[{%#]-|-[}%#]\}")
_BLANK_BEFORE = re.compile(r"\s*\{[{%#]-")
_OTHER_FILES = (nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)
_MADE = {
    "message-id": "made for each recipient, so that a message can be told from all others",
    "dkim-signature": "made when the message is signed",
    "resent-bcc": "never part of a message",
}
_ONCE = frozenset(["date", "from", "sender", "in-reply-to", "references", "subject"])
_TEXT_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Template:
    """What is in a template file, with the HTML that is beside it. The same files make an equal template."""

    name: str
    source: str
    """With LF line ends."""
    html: str | None
    """Of the HTML file; None if there is none."""
    folder: Path | None
    """Where relative names of attachments begin."""
    files: Path | None
    """The folder that attachments may not be outside of."""
    form: Form | None
    """None where the header lines themselves depend on the row, so that each message is read after it is filled in."""
    fields: frozenset[str]
    """Names that are filled in: columns, and what comes with each recipient."""
    notes: tuple[str, ...] = ()


def read_template(
    source: bytes, *, name: str, html: bytes | None = None, files: Path | None = None, folder: Path | None = None
) -> Template:
    """Read a template: header lines, an empty line, the text; ``html`` is the text once more as HTML.

    ``files`` is the folder that attachments must be in, ``folder`` the one where their relative names begin, which is
    ``files`` unless it is given. Raises :class:`TemplateError` with all faults.
    """
    faults: list[str] = []
    text = _decoded(source, name, faults)
    rich = _decoded(html, "the HTML file", faults) if html is not None else None
    names = _names(text, name, faults) | (_names(rich, "the HTML file", faults) if rich is not None else frozenset())
    form = None
    if not faults and not _depends_on_the_row(text):
        try:
            form = read_form(text)
        except FormError as error:
            faults += error.faults
        else:
            faults += _refused(form, rich)
    if faults:
        raise TemplateError(faults)
    if form is not None and rich is not None and form.text is not None and not form.text.text.strip():
        form = Form(form.fields, Passage("", form.text.line))
    return Template(name, text, rich, folder or files, files, form, names, form.notes if form else ())


def _decoded(source: bytes, name: str, faults: list[str]) -> str:
    utf16 = source.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = source.decode("utf-16" if utf16 else "utf-8").removeprefix(_TEXT_BOM)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        faults.append(f"Line {line} of {visible(name)} has a byte that is no UTF-8; save the file as UTF-8.")
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _names(text: str, name: str, faults: list[str]) -> frozenset[str]:
    if is_static(text):
        return frozenset()
    sandbox = Sandbox()
    try:
        tree = sandbox.parse(text)
        # Some faults, such as a filter that there is not, are only found when code is made; what is made is not needed.
        sandbox.compile(text, raw=True)
        with no_recursion():
            others = [node for kind in _OTHER_FILES for node in tree.find_all(kind)]
            names = frozenset(meta.find_undeclared_variables(tree))
    except TemplateSyntaxError as error:
        faults.append(f"Line {error.lineno} of {visible(name)}: {syntax_sentence(error)}.")
        return frozenset()
    faults.extend(
        f"Line {node.lineno} of {visible(name)}: a template is one file, so that a batch has all of it; put the text "
        "of the other file here."
        for node in others
    )
    return names


def _depends_on_the_row(text: str) -> bool:
    """Whether which header lines there are, or what the text means, is only known when all is filled in as a whole."""
    head = head_of(text)
    if is_static(head):
        return bool(_BLANK_BEFORE.match(text[len(head) :]))
    if _STATEMENT.search(head) or _TRIMMING.search(head) or _BLANK_BEFORE.match(text[len(head) :]):
        return True
    sandbox = Sandbox()
    try:
        form = read_form(text)
        for field in form.fields:
            sandbox.parse(field.value)
        for passage in (form.text, form.html):
            if passage is not None:
                sandbox.parse(passage.text)
    except (FormError, TemplateSyntaxError):
        # What cannot be read line by line may still be a message once it is filled in, if a statement is the reason.
        return "{%" in head or "{#" in head
    about = re.search(r"^content-(?:type|transfer-encoding)[ \t]*:(.*)", head, re.IGNORECASE | re.MULTILINE)
    return about is not None and not is_static(about[1])


def _refused(form: Form, rich: str | None) -> list[str]:
    faults = misnamed(form)
    seen: set[str] = set()
    for field in form.fields:
        sentence = ""
        if field.key in _MADE:
            sentence = f"{field.name}: leave this field out; it is {_MADE[field.key]}."
        elif field.key.startswith("content-"):
            sentence = (
                f"{field.name}: leave this field out; it describes the message's structure, which is made by itself."
            )
        elif field.key in _ONCE and field.key in seen:
            sentence = f"{field.name}: this field occurs once at most (RFC 5322 section 3.6); remove the other."
        else:
            try:
                check_name(field.name)
            except MessageError as error:
                sentence = str(error)
        seen.add(field.key)
        if sentence:
            faults.append(f"Line {field.line}: {sentence}")
    if form.text is not None and not form.markdown and form.html is None and rich is None:
        faults += [f"Line {line}: {sentence}" for line, sentence in unseen_images(form.text)]
    if rich is not None and (form.html is not None or form.markdown):
        faults.append("The template has HTML of its own, so the HTML file is one too many; leave one of the two out.")
    return faults
