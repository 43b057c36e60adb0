"""The message options: what is sent, from whom, to whom."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from smtptui.cli.errors import usage
from smtptui.cli.options import PATH, Command, Decorator, apply, environment_variable, typed
from smtptui.cli.sections import SectionedOption
from smtptui.config import DEFAULT_LIMIT
from smtptui.message import Encoding
from smtptui.protocol import Notify, Ret

STDIN = "-"
"""The file name that means standard input."""
RAISE = "raise it with --max-size 2G"
"""What to do about a file that is too large."""

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


class SizeType(click.ParamType):  # type: ignore[type-arg]  # older clicks have none
    """A number of octets, with a decimal unit: ``500k``, ``100M``, ``2G``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of octets."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([0-9]{1,12})\s*([kmg]?)b?", str(value).strip().lower())
        if match is None or not int(match[1]):
            self.fail(f"{value!r} is not a size; write a number and its unit, such as 500M or 2G.", param, ctx)
        return int(match[1]) * _UNITS[match[2]]


@dataclass(frozen=True, slots=True)
class MessageChoice:
    """The message options as given; nothing is read or checked that needs a file or an address parser."""

    sender: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    envelope_from: str | None = None
    """Sender of the envelope; empty for the null reverse-path."""
    subject: str | None = None
    body: str | None = None
    body_file: str | None = None
    """A path, or :data:`STDIN`; so are ``eml`` and ``html``."""
    eml: str | None = None
    html: str | None = None
    markdown: bool = False
    attach: tuple[Path, ...] = ()
    inline: tuple[Path, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    notify: tuple[Notify, ...] = ()
    ret: Ret | None = None
    envid: str | None = None
    keep_bcc: bool = False
    skip_unreadable: bool = False
    encoding: Encoding = Encoding.AUTO
    smtputf8: bool = False
    max_size: int = DEFAULT_LIMIT
    """Octets of all files together."""

    def by_default(self, sender: str) -> "MessageChoice":
        """The same from this author, where no option and no environment names one."""
        return replace(self, sender=sender) if sender and not self.sender else self


def _message(*names: str, **attributes: Any) -> Decorator:
    return click.option(*names, cls=SectionedOption, section="Message", **attributes)


_OPTIONS = (
    _message(
        "--from",
        "sender",
        envvar=environment_variable("--from"),
        metavar="MAILBOX",
        help="Author, as in 'Ann <ann@example.org>'. Needed unless --eml or --envelope-from tells.",
    ),
    _message("--to", multiple=True, metavar="MAILBOX", help="Recipient; repeatable, or several with commas."),
    _message("--cc", multiple=True, metavar="MAILBOX", help="Recipient of a copy, named in Cc."),
    _message("--bcc", multiple=True, metavar="MAILBOX", help="Recipient that no header names."),
    _message("--reply-to", multiple=True, metavar="MAILBOX", help="Where answers should go."),
    _message(
        "--envelope-from",
        metavar="ADDRESS",
        help="Sender of the envelope, if not the author; '' is the null sender <>.",
    ),
    _message("--subject", help="Subject.  [default: Test message from smtptui]"),
    _message("--body", metavar="TEXT", help="Text of the message.  [default: a line saying it is a test]"),
    _message("--body-file", metavar="FILE", help="Text of the message from a UTF-8 file; - is standard input."),
    _message(
        "--eml",
        metavar="FILE",
        help="Send this message as it is; - is standard input. Sender and"
        " recipients come from its headers unless --from, --to, --cc or --bcc give them.",
    ),
    _message("--html", metavar="FILE", help="HTML version from a UTF-8 file; - is standard input."),
    _message("--markdown", is_flag=True, help="The text is Markdown: make the HTML version from it."),
    _message("--attach", type=PATH, multiple=True, metavar="FILE", help="Attach a file; repeatable."),
    _message(
        "--inline", type=PATH, multiple=True, metavar="FILE", help="A file the HTML shows as cid:NAME; repeatable."
    ),
    _message(
        "--header",
        "headers",
        multiple=True,
        metavar="'NAME: VALUE'",
        help="One more header field, or instead of one that would be made; repeatable.",
    ),
    _message(
        "--notify",
        metavar="WHEN",
        help="Ask for delivery status notifications: never, or any of success,failure,delay.",
    ),
    _message(
        "--ret",
        type=click.Choice([ret.value.lower() for ret in Ret], case_sensitive=False),
        help="What a failure notification should return.",
    ),
    _message("--envid", metavar="ID", help="Envelope identifier for notifications."),
    _message(
        "--encoding",
        type=click.Choice([encoding.value for encoding in Encoding]),
        default=Encoding.AUTO.value,
        show_default=True,
        help="How texts travel: 8bit sends them as they are and declares BODY=8BITMIME, 7bit declares BODY=7BIT.",
    ),
    _message(
        "--max-size",
        type=SizeType(),
        default="100M",
        show_default=True,
        metavar="SIZE",
        help="Read at most this from the files of the message, such as 500M or 2G.",
    ),
    _message("--smtputf8", is_flag=True, help="Declare SMTPUTF8 though nothing may need it."),
    _message("--keep-bcc", is_flag=True, help="With --eml: leave its Bcc header in the message."),
    _message(
        "--skip-unreadable",
        is_flag=True,
        help="Send to the others if some recipients cannot be read as addresses. Those left out are listed, and the"
        " exit code is 65 unless 69, 75, 76 or 77 applies.",
    ),
)


def message_options(command: Command) -> Command:
    """Give a command the message options; :func:`read_message` reads them."""
    return apply(_OPTIONS, command)


def read_message(ctx: click.Context) -> MessageChoice:
    """What the message options of a running command mean together; raises a usage :class:`CommandError`."""
    given = ctx.params
    if given["eml"] is not None:
        _check_alone(ctx)
    elif given["keep_bcc"]:
        raise usage("--keep-bcc belongs to --eml: a message that is made never has a Bcc header.")
    if given["body"] is not None and given["body_file"] is not None:
        raise usage("--body and --body-file: give one of them.")
    if given["html"] is not None and given["markdown"]:
        raise usage("--html and --markdown: give one of them, --markdown makes the HTML version itself.")
    from_stdin = [f"--{name}" for name in ("body-file", "eml", "html") if given[name.replace("-", "_")] == STDIN]
    if len(from_stdin) > 1:
        raise usage(f"{' and '.join(from_stdin)}: only one of them can be standard input.")
    # The file's own author goes before a sender that the environment sets for everything.
    sender = given["sender"] if given["eml"] is None or typed(ctx, "sender") else None
    return MessageChoice(
        sender=sender or None,
        to=given["to"],
        cc=given["cc"],
        bcc=given["bcc"],
        reply_to=given["reply_to"],
        envelope_from=given["envelope_from"],
        subject=given["subject"],
        body=given["body"],
        body_file=given["body_file"],
        eml=given["eml"],
        html=given["html"],
        markdown=given["markdown"],
        attach=given["attach"],
        inline=given["inline"],
        headers=tuple(_header(text) for text in given["headers"]),
        notify=read_notify(given["notify"]),
        ret=Ret(given["ret"].upper()) if given["ret"] else None,
        envid=given["envid"],
        keep_bcc=given["keep_bcc"],
        skip_unreadable=given["skip_unreadable"],
        encoding=Encoding(given["encoding"]),
        smtputf8=given["smtputf8"],
        max_size=given["max_size"],
    )


_CHANGES_THE_MESSAGE = {
    "reply_to": "--reply-to",
    "subject": "--subject",
    "body": "--body",
    "body_file": "--body-file",
    "html": "--html",
    "markdown": "--markdown",
    "attach": "--attach",
    "inline": "--inline",
    "headers": "--header",
}


def _check_alone(ctx: click.Context) -> None:
    both = [option for name, option in _CHANGES_THE_MESSAGE.items() if typed(ctx, name)]
    if both:
        raise usage(f"--eml sends a message as it is, so {', '.join(both)} cannot change it: leave out one or other.")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise usage(f"--header {text!r}: write it as 'Name: value'.")
    return name.strip(), value.lstrip(" \t")


def read_notify(text: str | None) -> tuple[Notify, ...]:
    """What ``--notify`` says; raises a usage error."""
    words = [word.strip().upper() for word in (text or "").split(",") if word.strip()]
    if text is not None and not words:
        raise usage("--notify: never, or any of success,failure,delay.")
    for word in words:
        if word not in list(Notify):
            raise usage(f"--notify {word.lower()!r}: never, or any of success,failure,delay.")
    found = tuple(dict.fromkeys(Notify(word) for word in words))
    if Notify.NEVER in found and len(found) > 1:
        raise usage("--notify never stands alone (RFC 3461 section 4.1).")
    return found
