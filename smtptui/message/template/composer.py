"""Messages of a template, one for each row: by its skeleton where that can be, else by the builder; the same octets."""

import hashlib
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from smtptui.message.builder import build
from smtptui.message.dkim.signing import Signer
from smtptui.message.message import Message, MessageError
from smtptui.message.template.checking import SHOWN_ALONE, Checker
from smtptui.message.template.faults import Facts, Fault, Options, TemplateError
from smtptui.message.template.files import Folder
from smtptui.message.template.filling import Filled, Filler
from smtptui.message.template.letter import Collector, draft_of
from smtptui.message.template.lines import Unusual
from smtptui.message.template.piece import PieceError
from smtptui.message.template.skeleton import Skeleton
from smtptui.message.template.template import Template
from smtptui.message.template.unsubscribe import Unsubscribe
from smtptui.protocol import read_addresses, shown

GIVEN = frozenset(["address", "row", "token", "unsubscribe"])
"""What a template may name besides columns: of the recipient, who it is and where to unsubscribe."""

_SOME_ID, _SOME_TOKEN, _SOME_TIME = "<check@example.org>", "0" * 24, datetime(2000, 1, 1, tzinfo=UTC)


class Composer:
    """Makes the messages of one batch. Not for several threads."""

    def __init__(self, template: Template, columns: Sequence[str], options: Options) -> None:
        """Raises :class:`TemplateError` for what no row can mend."""
        self._columns = tuple(columns)
        self._options = options
        self._unsubscribe = Unsubscribe(options.unsubscribe, one_click=options.one_click)
        self._filler = Filler(template)
        self._folder = Folder(template.folder, template.files)
        _look_at_sender(template, options)
        self._collector = _collector(self._folder, template)
        self._signer = Signer(options.dkim) if options.dkim else None
        self._skeleton = self._made_skeleton(template)
        self._checker: Checker | None = None
        self._template = template
        self.unknown = template.fields - frozenset(columns) - GIVEN - frozenset(self._filler.variables({}, {}))
        """Names that the template fills in and that no column has; it may ask whether there is one."""
        self.fields = template.fields
        """Names that the template fills in; with ``row`` it may look at any column."""
        self.notes = (*template.notes, *self._unsubscribe.notes, *_copies(template))
        """What should be known before anything is sent, in sentences."""

    def compose(self, values: Sequence[object], facts: Facts) -> Message:
        """The message of one row; raises :class:`MessageError` where there is none."""
        filled = self._filled(values, facts)
        contents = self._collector.contents(filled)
        if self._skeleton is not None:
            more = self._unsubscribe.fields(facts.token, facts.address)
            message = self._skeleton.fill(filled, contents, facts, more, tokens(facts))
            if message is not None:
                return self._signed(message, facts)
        return self._built(filled, facts)

    def build(self, values: Sequence[object], facts: Facts) -> Message:
        """The same message, made without the skeleton; raises :class:`MessageError`."""
        return self._built(self._filled(values, facts), facts)

    def look(self, values: Sequence[object], facts: Facts) -> tuple[list[Fault], Message | None]:
        """What is wrong with the message of a row, and the message unless something keeps it from being sent."""
        if self._checker is None:
            self._checker = Checker(self._template, self._columns, self._folder, self.compose, self._filler)
        return self._checker.look(values, facts, self._given(facts.token, facts.address))

    def check(self, values: Sequence[object], address: str = "") -> list[Fault]:
        """What is wrong with the message of a row for ``address``, of whom nothing else needs to be known."""
        faults, _ = self.look(values, Facts(address, _SOME_ID, _SOME_TOKEN, _SOME_TIME))
        return faults

    def _filled(self, values: Sequence[object], facts: Facts) -> Filled:
        row = dict(zip(self._columns, values, strict=True))
        try:
            return self._filler.fill(
                self._filler.variables(row, self._given(facts.token, facts.address)), facts.message_id
            )
        except PieceError as error:
            raise TemplateError([str(error)]) from error

    def _given(self, token: str, address: str) -> dict[str, str]:
        urls = self._unsubscribe.addresses(token, address)
        return {"address": address, "token": token, "unsubscribe": urls[0] if urls else ""}

    def _built(self, filled: Filled, facts: Facts) -> Message:
        contents = self._collector.contents(filled)
        more = self._unsubscribe.fields(facts.token, facts.address)
        draft = draft_of(filled, contents, facts, self._options.sender, more)
        message = build(
            draft,
            now=facts.date,
            random_token=tokens(facts),
            smtputf8=self._options.smtputf8,
            encoding=self._options.encoding,
        )
        return self._signed(replace(message, recipients=(facts.address,)), facts)

    def _signed(self, message: Message, facts: Facts) -> Message:
        if self._signer is None:
            return message
        return replace(message, content=self._signer.signed(message.content, facts.date.timestamp()))

    def _made_skeleton(self, template: Template) -> Skeleton | None:
        if template.form is None:
            return None
        try:
            return Skeleton(template.form, self._filler.fields, self._options)
        except Unusual:
            return None


def tokens(facts: Facts) -> Callable[[], str]:
    """Letters and digits for boundaries: other ones each time, the same ones for the same recipient."""
    seed = f"{facts.message_id}\0{facts.token}".encode("utf-8", "surrogateescape")
    digest = hashlib.blake2b(seed, digest_size=10).hexdigest()
    numbers = itertools.count()
    return lambda: f"{digest}{next(numbers)}"


def _collector(folder: Folder, template: Template) -> Collector:
    try:
        return Collector(folder, template.form)
    except MessageError as error:
        raise TemplateError([str(error)]) from error


def _look_at_sender(template: Template, options: Options) -> None:
    named = template.form is None or any(field.key == "from" for field in template.form.fields)
    if not named and not options.sender:
        raise TemplateError(["From: there is none in the template; add a line like “FROM: Name <local@example.org>”."])


def _copies(template: Template) -> list[str]:
    """Whom a template wants to have copies, as mailmerge sends them with each message."""
    fields = template.form.fields if template.form is not None else ()
    notes = []
    for field in fields:
        where = f"Line {field.line}: {field.name}"
        if field.key == "bcc" and field.value:
            notes.append(
                f"{where} is left out: each message goes to the address of its row alone. Add a row to the list for "
                "each person who should get one."
            )
        elif field.key == "to" and (others := _others(field.value)):
            notes.append(
                f"{where} names more than the recipient of the row: {others}. They are shown in the message and get no "
                "copy; add a row to the list for each of them."
            )
        elif field.key != "to" and field.key in SHOWN_ALONE and field.value:
            notes.append(
                f"{where} only shows its addresses in the message: they get no copy; add a row to the list for each "
                "of them."
            )
    return notes


def _others(value: str) -> str:
    """Whom a field To of a template names besides the first that is filled in."""
    entries = read_addresses(_FILLED_IN.sub(_GAP, _TAG.sub("", value))).entries
    gaps = [entry for entry in entries if _GAP in entry.text]
    named = [entry for entry in entries if _GAP not in entry.text and "@" in entry.text]
    if not gaps:
        named = named[1:]
    words = [shown(entry.text, 80) for entry in named[:_OTHERS_SHOWN]]
    if len(named) > _OTHERS_SHOWN:
        words.append("others")
    # A gap without an address beside it is one itself; a name in front of an address is none.
    alone = [entry for entry in gaps if entry.text.strip("<> ") == _GAP or entry.text.endswith(f"<{_GAP}>")]
    if len(alone) > 1:
        words.append(f"{len(alone)} addresses are filled in")
    return " and ".join(words)


_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FILLED_IN = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_GAP = "{{}}"
_OTHERS_SHOWN = 3
