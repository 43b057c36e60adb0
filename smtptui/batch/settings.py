"""What a batch was made with: its files, its message, its relay, its limits. Kept in the journal as JSON, no secret."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from smtptui.batch.model import unit_of
from smtptui.protocol import Connection, Notify, Ret
from smtptui.session import Pipelining


class SettingsError(ValueError):
    """Settings that cannot be read, in a sentence."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceFile(_Part):
    """A file as it was when the batch was made."""

    path: Path
    """Absolute."""
    sha256: str
    """Of its octets, in hexadecimal."""


class ListSettings(_Part):
    """The list of recipients, and how it was read."""

    file: SourceFile | None = None
    """None where it came from standard input: then there is nothing to compare with."""
    encoding: str | None = None
    """As given; None where it was found."""
    delimiter: str | None = None
    sheet: str | None = None
    """Of a workbook; None is the first one that is visible."""
    hidden: Literal["skip", "include"] = "skip"
    """What became of rows that the workbook hides."""
    header: bool = True
    columns: tuple[str, ...] = ()
    """Names given for the columns of a list without a header."""
    kind: str = ""
    """How it is written, a value of :class:`smtptui.batch.ListKind`; empty in batches of older versions."""
    address_column: str = ""
    """The column that has the address."""
    allow_duplicates: bool = False
    allow_roles: bool = False
    allow_typos: bool = False
    check_mx: bool = False

    @property
    def unit(self) -> str:
        """What the numbers of recipients count: ``row`` as a workbook's program shows them, else ``line``."""
        suffix = self.file.path.suffix.lower() if self.file is not None else ""
        return unit_of(self.kind or suffix.removeprefix("."))

    def place(self, line: int) -> str:
        """Where a recipient stands in the list: the one number by which people find it, and its word."""
        return f"{self.unit} {line}"


class Signing(_Part):
    """How messages are signed with DKIM (RFC 6376). The key stays in its file."""

    key: Path
    selector: str = Field(min_length=1)
    domain: str = ""
    """Who signs; empty is the domain of the author."""


class MessageSettings(_Part):
    """The message and its envelope."""

    template: SourceFile
    html: SourceFile | None = None
    files: Path | None = None
    """Folder that attachments and inline images are taken from, and that none may be outside of."""
    sender: str = ""
    """Author, where the template has no From."""
    envelope_sender: str | None = None
    """Sender of the envelope; empty is the null sender, None the author's address."""
    domain: str = "localhost"
    """Where Message-IDs belong to: the author's domain."""
    verp: bool = False
    """Whether each recipient has an envelope sender of their own: ``local+TOKEN@domain``."""
    unsubscribe: str | None = None
    """Address to unsubscribe at, with ``{token}`` for whom: an https URL, or mailto."""
    one_click: bool = True
    """Whether List-Unsubscribe-Post goes with an https URL (RFC 8058)."""
    signing: Signing | None = None
    encoding: str = "auto"
    """How the text is encoded for transport; a value of :class:`smtptui.message.Encoding`."""
    notify: tuple[Notify, ...] = ()
    ret: Ret | None = None


class Relay(_Part):
    """The server that takes the messages, without what logs in there."""

    connection: Connection
    """As it was when the batch was made."""
    user: str = ""
    profile: str | None = None
    """The profile it came from; it is read again when the batch runs."""
    options: dict[str, str | bool | int | float | None] = Field(default_factory=dict)
    """Fields of the profile that options said instead; None takes one out."""


class LimitSettings(_Part):
    """How fast a batch may go. None is no limit, or for what has a default, that."""

    connections: int = Field(2, ge=1)
    messages_per_connection: int = Field(100, ge=1)
    per_second: float | None = Field(None, gt=0)
    per_minute: float | None = Field(None, gt=0)
    per_hour: float | None = Field(None, gt=0)
    per_day: int | None = Field(None, ge=1)
    """Recipients of the account in any 24 hours, across batches."""
    hours: str | None = None
    """When messages may be begun, local time: ``08:00-18:00``."""
    destination_connections: int | None = Field(None, ge=1)
    destination_per_minute: float | None = Field(None, gt=0)
    canary: int | None = Field(None, ge=0)
    """Recipients of the first wave; 0 sends without waves."""
    wave_factor: float | None = Field(None, ge=1)
    max_failed: float | None = Field(None, ge=0, le=1)
    """Share of refused recipients at which a wave ends the run."""
    max_deferred: float | None = Field(None, ge=0, le=1)
    max_age: float | None = Field(None, gt=0)
    """Seconds after its first attempt at which a deferred recipient has failed."""


class Shard(_Part):
    """This machine's part of the list: number ``number`` of ``of``, counted from 1."""

    number: int = Field(ge=1)
    of: int = Field(ge=1)


class BatchSettings(_Part):
    """All that a batch was made with."""

    list: ListSettings = ListSettings()
    message: MessageSettings
    relay: Relay
    limits: LimitSettings = LimitSettings()
    pipelining: Pipelining = Pipelining.AUTO
    keep_transcripts: bool = False
    """Whether the dialogue of successes is kept, too."""
    shard: Shard | None = None
    again: bool = False
    """Whether a user has decided that people who had the same message from another batch get it again."""

    def to_json(self) -> str:
        """As the journal keeps them."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote; raises :class:`SettingsError`."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise SettingsError(
                f"The batch has settings that this version cannot read ({where or 'they are no JSON'}): it was made by"
                " another version of smtptui, or its file is damaged."
            ) from None
