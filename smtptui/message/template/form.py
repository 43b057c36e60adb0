"""The form of a template file: header lines, an empty line, the text; or a multipart message with its parts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from smtptui.message.content import decoded
from smtptui.message.draft import Attachment
from smtptui.message.draft_parts import read_parts
from smtptui.message.template.header_names import means_attachment, name_meant
from smtptui.protocol import visible

_FIELD = re.compile(r"([!-9;-z|~]+)[ \t]*:(.*)\Z", re.DOTALL)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_ENCODED = ("base64", "quoted-printable")
MARKDOWN = ("text/markdown", "text/x-markdown")
_ABOUT_THE_BODY = ("content-type", "content-transfer-encoding", "mime-version", "content-disposition")


@dataclass(frozen=True, slots=True)
class Field:
    """One header field as the template has it."""

    name: str
    value: str
    line: int = 0

    @property
    def key(self) -> str:
        """The name in lower case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Passage:
    """A text and the line of the template in which it begins."""

    text: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class Form:
    """What a template says, still to be filled in, or filled in already."""

    fields: tuple[Field, ...]
    """Without those that describe the body."""
    text: Passage | None = None
    html: Passage | None = None
    markdown: bool = False
    """Whether the text is Markdown, from which the HTML is made."""
    attachments: tuple[Attachment, ...] = ()
    """Files that are in the template itself, as parts of a multipart."""
    inline: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()


class FormError(Exception):
    """A text that is no template; ``faults`` are sentences with line and reason."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def head_of(text: str) -> str:
    """The lines before the first empty one."""
    lines = text.split("\n")
    end = next((index for index, line in enumerate(lines) if not line.strip()), len(lines))
    return "\n".join(lines[:end])


def read_form(text: str) -> Form:
    """Take a text with LF line ends apart; raises :class:`FormError`."""
    head = head_of(text)
    faults: list[str] = []
    fields = _fields(head, faults)
    if not fields and not faults:
        faults.append(
            "There is no header before the first empty line; a template begins with lines such as “TO: {{email}}”."
        )
    if faults:
        raise FormError([*faults, *_misnamed_fields(fields)])
    body = Passage(text[len(head) :].partition("\n")[2].partition("\n")[2], head.count("\n") + 3)
    about = {field.key: field for field in fields if field.key in _ABOUT_THE_BODY}
    form = Form(tuple(field for field in fields if field.key not in _ABOUT_THE_BODY))
    kind = about["content-type"].value if "content-type" in about else "text/plain"
    essence = kind.partition(";")[0].strip().lower()
    encoding = about["content-transfer-encoding"].value.strip().lower() if "content-transfer-encoding" in about else ""
    if essence.startswith("multipart/") or (essence in ("text/plain", "text/html") and encoding in _ENCODED):
        return _of_parts(form, about, body)
    if essence == "text/html":
        return replace(form, html=body)
    if essence in ("text/plain", "text", ""):
        return replace(form, text=body)
    if essence in MARKDOWN:
        return replace(form, text=body, markdown=True)
    raise FormError(
        [
            f"Line {about['content-type'].line}: the text of a template can be text/plain, text/html, text/markdown or "
            f"a multipart of these; “{visible(essence)}” is not possible, attach it as a file."
        ]
    )


def misnamed(form: Form) -> list[str]:
    """What is wrong with header names that are near to a known one, in sentences."""
    return _misnamed_fields(form.fields)


def _misnamed_fields(fields: Iterable[Field]) -> list[str]:
    return [_misnamed(field.line, field.name, meant) for field in fields if (meant := name_meant(field.name))]


def _fields(head: str, faults: list[str]) -> list[Field]:
    fields: list[Field] = []
    for number, line in enumerate(head.split("\n") if head else [], 1):
        if line[0] in " \t" and fields:
            last = fields[-1]
            fields[-1] = replace(last, value=f"{last.value}\n{line}")
        elif match := _FIELD.match(line):
            fields.append(Field(match[1], match[2], number))
        elif meant := name_meant(line.partition(":")[0] if ":" in line else ""):
            faults.append(_misnamed(number, line.partition(":")[0], meant))
        else:
            faults.append(
                f"Line {number} is not a header field: “{visible(line[:60])}”; header lines are like “SUBJECT: …”, and "
                "an empty line comes between them and the text."
            )
    return [replace(field, value=_unfolded(field.value)) for field in fields]


def _misnamed(line: int, name: str, meant: str) -> str:
    own = re.sub(r"[^!-9;-~]+", "-", name.strip())
    others = "" if means_attachment(name) else f" (or X-{own}:, if you want a field of that name)"
    files = ", one line for each file" if means_attachment(name) else ""
    return f"Line {line}: “{visible(name)}” is not a header name; write {meant.upper()}:{files}{others}."


def _unfolded(value: str) -> str:
    value = _FOLD.sub("", value).strip(" \t")
    # Words that somebody has encoded by hand are encoded again, so they must be text here (RFC 2047).
    return decoded(value) if "=?" in value else value


def _of_parts(form: Form, about: dict[str, Field], body: Passage) -> Form:
    header = "".join(f"{field.name}: {field.value}\r\n" for field in about.values())
    notes: list[str] = []
    texts = read_parts(header.encode("utf-8", "surrogateescape"), body.text.encode("utf-8", "surrogateescape"), notes)
    if not texts.text and not texts.html:
        raise FormError(
            [
                f"Line {about['content-type'].line}: no text was found in the multipart; does its boundary occur in "
                "the text?"
            ]
        )
    return replace(
        form,
        text=_placed(texts.text, body) if texts.text else None,
        html=_placed(texts.html, body) if texts.html else None,
        attachments=texts.attachments,
        inline=texts.inline,
        notes=tuple(notes),
    )


def _placed(text: str, body: Passage) -> Passage:
    place = body.text.find(text.strip("\n"))
    begin = place - (len(text) - len(text.lstrip("\n")))
    return Passage(text, body.line + body.text.count("\n", 0, max(0, begin)) if place >= 0 else body.line)
