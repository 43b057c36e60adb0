"""Presets: what is known of providers, and how one of them becomes a profile. The facts are in ``presets.yaml``."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from smtptui.profiles.model import Limits, Profile
from smtptui.protocol import MailboxError, TlsMode, parse_mailbox, tls_for_port


class PresetKind(StrEnum):
    """What one gets from a provider; lists are grouped by it."""

    MAILBOX = "mailbox"
    SERVICE = "service"
    LOCAL = "local"

    @property
    def heading(self) -> str:
        """What stands above the group."""
        return {"mailbox": "Mailboxes", "service": "Sending services", "local": "On this machine"}[self.value]


class UserForm(StrEnum):
    """What a provider takes as the user name."""

    ADDRESS = "address"
    LOCAL_PART = "local part"
    FIXED = "fixed"
    """The same for everybody."""
    GIVEN = "given"
    """A name that the provider gives out; no address tells it."""
    TOKEN = "token"  # noqa: S105 - a name
    """The secret is the user name as well."""
    NONE = "none"
    """Nobody logs in."""


class Way(BaseModel):
    """A port, and when TLS starts there. Written as in ``465 implicit``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    port: int
    tls: TlsMode

    @property
    def label(self) -> str:
        """As in ``465 implicit``."""
        return f"{self.port} {self.tls}"


class Parameter(BaseModel):
    """A part of the host that differs from account to account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    meaning: str
    default: str = ""
    """Empty where there is none and a value has to be given."""


def _words(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


def _way(value: object) -> object:
    if isinstance(value, str):
        port, _, tls = value.partition(" ")
        return {"port": port, "tls": tls}
    return value


class Preset(BaseModel):
    """A provider's servers, as the documents named in ``source`` describe them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: PresetKind
    host: str
    """May hold parameters, as in ``email-smtp.{region}.amazonaws.com``."""
    ways: tuple[Annotated[Way, BeforeValidator(_way)], ...]
    """The first one is what the provider recommends."""
    user_form: UserForm = UserForm.ADDRESS
    user: str = ""
    """The user name, where it is the same for everybody."""
    auth: str = "auto"
    wants: tuple[str, ...] = ()
    """Sentences: what has to be done or known before a login works."""
    domains: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    """Domains of addresses whose mailboxes are there."""
    parameters: tuple[Parameter, ...] = ()
    limits: Limits = Limits()
    allows: str = ""
    """The limits in words, also those that :class:`Limits` has no field for."""
    source: tuple[str, ...] = ()
    """Where the facts were found."""
    checked: date | None = None
    """When they were last compared with the source."""
    verified: bool = True
    """Whether the source is the provider's own, or a database of servers that is kept for mail programs."""

    @property
    def advice(self) -> tuple[str, ...]:
        """What to know before using it, in sentences."""
        sentences = [self._user_sentence(), *self.wants]
        sentences += [f"Fill in {one.name.upper()}: {one.meaning}{_at_first(one)}." for one in self.parameters]
        if self.allows:
            sentences.append(f"It allows {self.allows}.")
        if not self.verified:
            sentences.append("Not verified: no document of the provider was found for these settings.")
        return tuple(sentences)

    @property
    def shown_host(self) -> str:
        """The host with parameters as people read them, as in ``email-smtp.REGION.amazonaws.com``."""
        return self.host.format_map({one.name: one.name.upper() for one in self.parameters})

    def _user_sentence(self) -> str:
        match self.user_form:
            case UserForm.ADDRESS:
                return "The user is the whole address."
            case UserForm.LOCAL_PART:
                return "The user is what stands before the @ of the address."
            case UserForm.FIXED:
                return f"The user is always {self.user}."
            case UserForm.GIVEN:
                return "The user is a name that the provider gives you; it is not your address."
            case UserForm.TOKEN:
                return "The token is the password, and the user as well."
            case UserForm.NONE:
                return "Nobody logs in."

    def host_for(self, parameters: Mapping[str, str] | None = None) -> str:
        """The host with its parameters filled in.

        Raises :class:`ValueError`, a sentence, for a value that no host name can hold, one that is missing, or one
        that nothing asks for.
        """
        given = dict(parameters or {})
        values = {one.name: given.pop(one.name, "").strip() or one.default for one in self.parameters}
        for name in given:
            known = ", ".join(values) or "none"
            raise ValueError(f"{self.name} has no {name!r} to fill in; what it has: {known}.")
        for one in self.parameters:
            if not values[one.name]:
                raise ValueError(f"{self.name} needs {one.name}: {one.meaning}.")
            if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?", values[one.name]):
                raise ValueError(f"{one.name} {values[one.name]!r}: use letters, digits, hyphens and dots.")
        return self.host.format_map(values)

    @property
    def placeholders(self) -> dict[str, str]:
        """Values with which a form shows what has to be filled in: its name in capitals where there is no default."""
        return {one.name: one.default or one.name.upper() for one in self.parameters}

    def user_for(self, address: str, user: str = "") -> str:
        """Who logs in: ``user`` where one is given, else what the address tells; empty for nobody."""
        if user:
            return user
        match self.user_form:
            case UserForm.FIXED:
                return self.user
            case UserForm.ADDRESS:
                return _address(address)
            case UserForm.LOCAL_PART:
                return _address(address).rpartition("@")[0]
            case UserForm.GIVEN | UserForm.TOKEN | UserForm.NONE:
                return ""

    def profile(
        self,
        *,
        address: str = "",
        user: str = "",
        name: str = "",
        way: Way | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Profile:
        """A profile for ``address``, which may have a name; ``user`` is needed where the provider gives one out.

        Without a user, and an address to tell it from, nobody logs in yet. Raises :class:`ValueError`, of which
        pydantic's ``ValidationError`` is one, if what is given makes no profile.
        """
        way = way or self.ways[0]
        login = self.user_for(address, user)
        return Profile(
            name=name or self.name,
            host=self.host_for(parameters),
            port=way.port,
            # Where the port says it already, the file need not.
            tls=None if tls_for_port(way.port) is way.tls else way.tls,
            auth=self.auth if login else "auto",
            user=login,
            from_address=address,
            limits=self.limits,
        )


@cache
def load_presets() -> tuple[Preset, ...]:
    """All presets, in the order of the file, which is the order of lists. It is read at the first call."""
    # Only now: who needs no preset does without the parser.
    import yaml

    # The C loader is ten times faster, but PyYAML may have been built without it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files("smtptui.profiles").joinpath("presets.yaml").read_text(encoding="utf-8")
    document: dict[str, dict[str, object]] = yaml.load(text, Loader=loader)  # noqa: S506 - either one is safe
    return tuple(Preset.model_validate({"id": identifier, **fields}) for identifier, fields in document.items())


def find_preset(identifier: str) -> Preset | None:
    """The preset of that id or name, in any case."""
    wanted = identifier.strip().casefold()
    return next((one for one in load_presets() if wanted in (one.id.casefold(), one.name.casefold())), None)


def preset_for_address(address: str) -> Preset | None:
    """Where the mailbox of an address is, as far as its domain tells; None for a domain of one's own."""
    domain = _address(address).rpartition("@")[2].rstrip(".").lower()
    return next((one for one in load_presets() if domain in one.domains), None)


def _address(text: str) -> str:
    """What stands between the angle brackets, if the text has some; the text itself where it is no mailbox."""
    try:
        return parse_mailbox(text).address
    except MailboxError:
        return text.strip()


def _at_first(parameter: Parameter) -> str:
    return f"; {parameter.default} unless you say otherwise" if parameter.default else ""
