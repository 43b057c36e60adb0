"""The options of ``batch new``: how the list is read, what is sent, how fast."""

from collections.abc import Sequence
from typing import Any

import click

from smtptui.cli.options import PATH, Command, Decorator, apply, environment_variable
from smtptui.cli.sections import SectionedOption


def _option(section: str, *names: str, **attributes: Any) -> Decorator:
    return click.option(*names, cls=SectionedOption, section=section, **attributes)


def state_option(states: Sequence[str], help_: str, **attributes: Any) -> Decorator:
    """``--state``: one or more of ``states``, repeated or with commas between them."""

    def read(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
        named = [word.strip().lower() for text in given for word in text.split(",")]
        for word in named:
            if word not in states:
                raise click.BadParameter(f"{word!r} is not one of {', '.join(states)}.", ctx, parameter)
        return tuple(dict.fromkeys(named))

    return click.option("--state", "states", multiple=True, metavar="STATE", callback=read, help=help_, **attributes)


_LIST = (
    _option(
        "List",
        "--from-batch",
        metavar="BATCH",
        help="Instead of LIST: the recipients that this batch has left, with its template and settings; options say"
        " otherwise.",
    ),
    state_option(
        ("pending", "deferred", "failed", "suppressed", "skipped"),
        "With --from-batch: only those in this state; repeatable, or several with commas.  [default: pending, deferred,"
        " failed]",
        cls=SectionedOption,
        section="List",
    ),
    _option(
        "List",
        "--column",
        "columns",
        multiple=True,
        metavar="NAME",
        help="Column that has the address, if it cannot be detected. With --no-header: the columns' names in their"
        " order; repeatable.",
    ),
    _option("List", "--no-header", is_flag=True, help="The list has no header row."),
    _option("List", "--encoding", metavar="NAME", help="Encoding of the list.  [default: found by looking]"),
    _option(
        "List", "--delimiter", metavar="CHAR", help="What separates the fields of a CSV, or tab.  [default: found]"
    ),
    _option("List", "--sheet", metavar="NAME", help="Sheet of a workbook.  [default: the first visible one]"),
    _option(
        "List",
        "--hidden",
        type=click.Choice(["skip", "include"]),
        default="skip",
        show_default=True,
        help="Leave out the rows that a workbook hides or filters out, or send to them, too.",
    ),
    _option("List", "--allow-duplicates", is_flag=True, help="Send to duplicate addresses too."),
    _option("List", "--allow-roles", is_flag=True, help="Send to addresses such as info@ or abuse@, too."),
    _option("List", "--allow-typos", is_flag=True, help="Send to domains that look mistyped, such as gmial.com, too."),
    _option("List", "--check-mx", is_flag=True, help="Ask the DNS whether each domain takes mail."),
    _option(
        "List",
        "--not-in",
        multiple=True,
        metavar="BATCH",
        help="Leave out those whom this batch has sent to, or may have sent to (uncertain); repeatable.",
    ),
    _option(
        "List",
        "--shard",
        metavar="K/N",
        help="Take only part K of N, by a hash of the address, so that N machines send the list together. Rates and"
        " daily cap are divided by N.",
    ),
)
_MESSAGE = (
    _option(
        "Message",
        "--template",
        type=PATH,
        metavar="FILE",
        help="Header lines, an empty line, the text; {{ name }} stands for a column (Jinja2).",
    ),
    _option("Message", "--html", type=PATH, metavar="FILE", help="HTML version, a template as well."),
    _option(
        "Message",
        "--files",
        type=PATH,
        metavar="FOLDER",
        help="Where attachments are; none may be outside of it.  [default: the template's folder]",
    ),
    _option(
        "Message",
        "--from",
        "sender",
        envvar=environment_variable("--from"),
        metavar="MAILBOX",
        help="Author, where the template has no From line.  [default: what the profile says]",
    ),
    _option(
        "Message",
        "--envelope-from",
        metavar="ADDRESS",
        help="Sender of the envelope, who gets the bounces, if not the author; '' is the null sender <>.",
    ),
    _option(
        "Message",
        "--verp",
        is_flag=True,
        help="Use a unique envelope sender per recipient (VERP), local+TOKEN@domain, to identify bounces.",
    ),
    _option(
        "Message",
        "--unsubscribe",
        metavar="URL",
        help="Add List-Unsubscribe with this https or mailto address; {token} in it tells whose it is.",
    ),
    _option(
        "Message",
        "--no-one-click",
        is_flag=True,
        help="Leave out List-Unsubscribe-Post, where the https address takes no POST (RFC 8058).",
    ),
    _option("Message", "--dkim-key", type=PATH, metavar="FILE", help="Sign with this private key (PEM)."),
    _option("Message", "--dkim-selector", metavar="NAME", help="Selector of the key in the DNS."),
    _option("Message", "--dkim-domain", metavar="DOMAIN", help="Domain that signs.  [default: the author's]"),
    _option(
        "Message",
        "--notify",
        metavar="WHEN",
        help="Ask for delivery status notifications: never, or any of success,failure,delay.",
    ),
    _option("Message", "--ret", type=click.Choice(["full", "hdrs"]), help="What a notification of failure returns."),
)
WAVES = (
    _option(
        "Waves",
        "--canary",
        type=click.IntRange(0),
        metavar="N",
        help="Recipients of the first wave; each wave is judged before the next, larger one begins. 0: no waves."
        "  [default: 20]",
    ),
    _option(
        "Waves",
        "--wave-factor",
        type=click.FloatRange(1, 1000),
        metavar="N",
        help="How many times larger each wave is than the one before.  [default: 3]",
    ),
    _option(
        "Waves",
        "--max-failed",
        metavar="PERCENT",
        help="Pause if the servers refuse more recipients than this, beyond what chance explains (95 %).  [default: 5]",
    ),
    _option(
        "Waves",
        "--max-deferred",
        metavar="PERCENT",
        help="Pause if the servers defer more recipients of a wave than this, beyond chance; greylisting does not"
        " count.  [default: 10]",
    ),
)
"""How the first messages are judged; kept with the batch, and changed by ``run`` and ``resume``."""
_PACE = (
    _option(
        "Pace",
        "--rate",
        "rates",
        multiple=True,
        metavar="N/s|m|h",
        help="Messages a second, minute or hour at most; repeatable.  [default: what the profile says]",
    ),
    _option(
        "Pace",
        "--per-day",
        type=click.IntRange(1),
        metavar="N",
        help="Recipients of this account in any 24 hours, all batches together.  [default: what the profile says]",
    ),
    _option(
        "Pace",
        "--connections",
        type=click.IntRange(1, 1000),
        metavar="N",
        help="Connections at once.  [default: what the profile says, else 2]",
    ),
    _option(
        "Pace",
        "--messages-per-connection",
        type=click.IntRange(1),
        metavar="N",
        help="Messages before a connection is replaced.  [default: what the profile says, else 100]",
    ),
    _option(
        "Pace", "--hours", metavar="HH:MM-HH:MM", help="Begin messages only in these hours of the day, local time."
    ),
    _option(
        "Pace",
        "--destination-connections",
        type=click.IntRange(1),
        metavar="N",
        help="Connections at once for recipients of one domain or provider.",
    ),
    _option(
        "Pace",
        "--destination-rate",
        metavar="N/s|m|h",
        help="Messages to one domain or provider in that time, at most.",
    ),
    *WAVES,
    _option("Pace", "--max-age", metavar="N[m|h|d]", help="Give up on a recipient that is deferred for this long."),
    _option(
        "Pace",
        "--pipelining",
        type=click.Choice(["off", "message", "auto"]),
        default="auto",
        show_default=True,
        help="Commands sent before their replies came: none, within a message, or across messages once that went well.",
    ),
)
_BATCH = (
    _option("Batch", "--name", metavar="NAME", help="Name for the other verbs.  [default: the list's]"),
    _option("Batch", "--keep-transcripts", is_flag=True, help="Keep the whole dialogue of successes, too."),
    _option("Batch", "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."),
)


def new_options(command: Command) -> Command:
    """Give ``new`` its own options; those of the connection come before."""
    return apply((*_LIST, *_MESSAGE, *_PACE, *_BATCH), command)


JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
