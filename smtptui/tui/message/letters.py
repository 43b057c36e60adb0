"""Drafts as the form holds them."""

from smtptui.message import Attachment, Draft
from smtptui.tui.message.model import File, Format, Letter


def letter_of(draft: Draft) -> Letter:
    """A draft as fields. Its files' octets stay in memory, since there is no file to read them from later."""
    html = draft.html is not None and not draft.markdown
    return Letter(
        sender=draft.sender,
        to=", ".join(draft.to),
        cc=", ".join(draft.cc),
        bcc=", ".join(draft.bcc),
        reply_to=", ".join(draft.reply_to),
        subject=draft.subject,
        body=draft.html or "" if html else draft.text,
        format=Format.HTML if html else Format.MARKDOWN if draft.markdown else Format.TEXT,
        alternative=draft.text if html else "",
        headers=draft.headers,
        files=(
            *(_file(attachment, inline=False) for attachment in draft.attachments),
            *(_file(attachment, inline=True) for attachment in draft.inline),
        ),
    )


def _file(attachment: Attachment, *, inline: bool) -> File:
    return File(
        attachment.name,
        attachment.content_type,
        len(attachment.content),
        content=attachment.content,
        content_id=attachment.content_id,
        inline=inline,
    )
