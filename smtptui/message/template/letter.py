"""What a filled template says as a draft: who it is from and for, its texts, its files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from smtptui.message.draft import Draft
from smtptui.message.fields import GROUP_OF_NONE
from smtptui.message.message import MessageError
from smtptui.message.template.faults import Facts
from smtptui.message.template.files import Folder, StoredFile, stored
from smtptui.message.template.filling import Filled
from smtptui.message.template.form import Form
from smtptui.message.template.images import linked

NOT_SENT = ("bcc", "attachment")
"""Fields of a template that no message has."""
SPELLED = {"from": "From", "to": "To", "cc": "Cc", "reply-to": "Reply-To", "subject": "Subject"}
"""Fields of a template that a draft has, too, and that are written in one way whatever the template's is."""
_PATHS = 4096


@dataclass(frozen=True, slots=True)
class Contents:
    """Texts and files of one message."""

    text: str
    html: str | None
    attached: tuple[StoredFile, ...]
    inline: tuple[StoredFile, ...]


class Collector:
    """Finds the texts and files of messages."""

    def __init__(self, folder: Folder, form: Form | None) -> None:
        """Raises :class:`MessageError` for a file in the template that cannot be sent."""
        self._folder = folder
        self._path_of: Callable[[str], Path] = lru_cache(_PATHS)(folder.path_of)
        self._both_of = lru_cache(16)(_markdown)
        self._own = _parts(form) if form is not None else None

    def contents(self, filled: Filled) -> Contents:
        """The texts as they are sent and the files with them; raises :class:`MessageError`."""
        text, html = filled.text, filled.html
        if filled.markdown and text:
            text, html = self._both_of(text)
        files = [
            self._folder.read(value)
            for field, value in zip(filled.fields, filled.values, strict=True)
            if field.key == "attachment"
        ]
        own = self._own if self._own is not None else _parts(filled)
        if own:
            files = [*own, *files]
        if html is None:
            return Contents(text, None, tuple(files), ())
        html, inline = linked(html, files, self._path_of, self._folder.read)
        shown = {file.attachment.content_id for file in inline}
        attached = tuple(file for file in files if file.attachment.content_id not in shown)
        return Contents(text, html, attached, inline)


def draft_of(filled: Filled, contents: Contents, facts: Facts, sender: str, more: Sequence[tuple[str, str]]) -> Draft:
    """The draft of one message; ``more`` are header fields that no template has. Raises :class:`MessageError`."""
    form: dict[str, list[str]] = {name: [] for name in SPELLED}
    headers: list[tuple[str, str]] = []
    for field, value in zip(filled.fields, filled.values, strict=True):
        if field.key in NOT_SENT or not value.strip():
            continue
        if field.key in SPELLED and not GROUP_OF_NONE.match(value.strip()):
            form[field.key].append(value)
        else:
            headers.append((SPELLED.get(field.key, field.name), value))
    named = [field.key for field in filled.fields]
    if "to" in named and not form["to"] and not any(name.lower() == "to" for name, _ in headers):
        raise MessageError("To: it is empty; write {{ and the name of the column that has the address }} there.")
    for name in ("from", "subject"):
        if len(form[name]) > 1:
            raise MessageError(f"{name.title()}: the template has this field twice; leave one out.")
    return Draft(
        sender=form["from"][0] if form["from"] else sender,
        to=tuple(form["to"]) if "to" in named else (facts.address,),
        cc=tuple(form["cc"]),
        reply_to=tuple(form["reply-to"]),
        subject=form["subject"][0] if form["subject"] else "",
        text=contents.text,
        html=contents.html,
        attachments=tuple(file.attachment for file in contents.attached),
        inline=tuple(file.attachment for file in contents.inline),
        headers=(*headers, *more),
        date=facts.date,
        message_id=facts.message_id,
    )


def _parts(holder: Form | Filled) -> tuple[StoredFile, ...]:
    return tuple(stored(file) for file in (*holder.attachments, *holder.inline))


def _markdown(text: str) -> tuple[str, str]:
    # Imported when it is needed: most templates do without.
    from smtptui.message.markdown import markdown_both

    return markdown_both(text)
