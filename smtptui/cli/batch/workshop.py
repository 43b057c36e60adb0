"""What makes a batch's messages: its template compiled, its keys read, the rules of its envelopes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from smtptui.batch import BatchFacts, BatchSettings, Composing, EnvelopeRules, Journal, Recipient, RecipientState
from smtptui.cli.errors import bad_input, unreadable, usage
from smtptui.message import Composer, DkimKey, Encoding, Facts, MessageError, Options, read_dkim_key, read_template
from smtptui.protocol import MailboxError, ascii_domain, parse_mailbox

_NOBODY = "localhost.localdomain"


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes the messages of one batch."""

    composer: Composer
    composing: Composing
    domain: str
    """Where its Message-IDs belong to."""


def workshop(journal: Journal, facts: BatchFacts, settings: BatchSettings) -> Workshop:
    """What makes the messages of a batch that is there; raises :class:`CommandError`."""
    documents = {name: journal.document(name) for name in facts.documents}
    first = next(iter(journal.recipients()), None)
    return made_workshop(settings, facts.columns, documents, first)


def made_workshop(
    settings: BatchSettings, columns: tuple[str, ...], documents: Mapping[str, bytes], first: Recipient | None
) -> Workshop:
    """The same of what a batch is to be made of; ``first`` is whom the domain is looked for with."""
    message = settings.message
    try:
        template = read_template(
            documents["template"],
            name=message.template.path.name,
            html=documents.get("html"),
            files=message.files,
            folder=message.template.path.parent,
        )
        composer = Composer(
            template,
            columns,
            Options(
                sender=message.sender,
                unsubscribe=message.unsubscribe,
                one_click=message.one_click,
                dkim=_keys(settings),
                encoding=Encoding(message.encoding),
            ),
        )
    except MessageError as error:
        raise bad_input(" ".join(str(error).splitlines())) from error
    if composer.unknown:
        names = ", ".join(sorted(composer.unknown))
        raise bad_input(
            f"The template fills in {names}, which the list has no column for; it has {', '.join(columns)}."
        )
    domain = _domain(settings, composer, first)
    rules = EnvelopeRules(
        domain=domain, sender=message.envelope_sender, verp=message.verp, notify=message.notify, ret=message.ret
    )
    return Workshop(composer, Composing(composer, rules, now=lambda: datetime.now(UTC).astimezone()), domain)


def first_to_be_sent(journal: Journal, row: int | None) -> Recipient:
    """Recipient number ``row``, else the first that is not skipped; raises a usage :class:`CommandError`."""
    if row is not None:
        try:
            return journal.recipient(row)
        except KeyError:
            raise usage(f"--row {row}: the list has {journal.tally().total} recipients.") from None
    left_out = (RecipientState.SKIPPED, RecipientState.SUPPRESSED)
    found = next((each for each in journal.recipients() if each.state not in left_out), None)
    if found is None:
        raise usage("The batch has nobody to send to: every recipient is skipped or suppressed.")
    return found


def _keys(settings: BatchSettings) -> tuple[DkimKey, ...]:
    signing = settings.message.signing
    if signing is None:
        return ()
    try:
        pem = signing.key.read_bytes()
    except OSError as error:
        raise unreadable(signing.key, "--dkim-key", error) from error
    domain = signing.domain or _domain_of(settings.message.sender)
    if not domain:
        raise usage("--dkim-domain is missing: the template has no author that is known beforehand; name the domain.")
    return (read_dkim_key(pem, domain=domain, selector=signing.selector),)


def _domain(settings: BatchSettings, composer: Composer, first: Recipient | None) -> str:
    """The author's domain, as far as it is known before anything is sent; the same whenever it is asked for."""
    if found := _domain_of(settings.message.sender):
        return found
    if first is None:
        return _NOBODY
    about = Facts(first.address or "nobody@localhost", "<x@localhost>", first.token, datetime(2000, 1, 1, tzinfo=UTC))
    try:
        return _domain_of(composer.compose(first.values, about).sender) or _NOBODY
    except MessageError:
        return _NOBODY


def _domain_of(mailbox: str) -> str:
    try:
        return ascii_domain(parse_mailbox(mailbox).domain).lower() if mailbox else ""
    except MailboxError:
        return ""
