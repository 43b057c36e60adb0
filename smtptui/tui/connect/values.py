"""A profile as a form holds it: texts by field, as in the file, not necessarily complete or right."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from smtptui.config import allowed, field_names
from smtptui.profiles import PROFILE_FIELDS, Limits, Profile, as_data, fields_of
from smtptui.protocol import TlsMode, tls_for_port

Values = dict[str, Any]
"""Fields as in ``profiles.yaml``, all texts, limits below ``limits``. An absent field has its default."""

UNNAMED = "unnamed"
"""Stands for the name while there is none."""
ANY_HOST = "mx.invalid"
"""Stands for the host while the recipients' mail exchanger is meant."""
SHOWN = ("host", "port", "tls", "auth", "user")
"""The fields that the rows of the connection form show."""


class ProfileFault(ValueError):
    """The values make no profile; ``faults`` says for each field what is allowed."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {fault}" for field, fault in faults.items()))
        self.faults = dict(faults)


def values_of(profile: Profile) -> Values:
    """What differs from the defaults, without the name."""
    return as_data(fields_of(profile))


def profile_of(values: Mapping[str, Any], name: str = UNNAMED, *, any_host: bool = False) -> Profile:
    """The profile; raises :class:`ProfileFault`. With ``any_host`` it needs neither host nor socket."""
    given = {"name": name, **values}
    if any_host and not given.get("host") and not given.get("socket"):
        given["host"] = ANY_HOST
    try:
        return Profile.model_validate(given)
    except ValidationError as error:
        raise ProfileFault(faults_of(error)) from error


def usable_of(values: Mapping[str, object]) -> Values:
    """Of values from anywhere, those that make a profile."""
    usable: Values = {
        str(field): dict(value) if isinstance(value, Mapping) else value
        for field, value in values.items()
        if field in PROFILE_FIELDS and isinstance(value, str | Mapping)
    }
    while True:
        try:
            profile_of(usable, any_host=True)
        except ProfileFault as fault:
            wrong = {field.partition(".")[0] for field in fault.faults} & set(usable)
            if not wrong:
                return {}
            usable = {field: value for field, value in usable.items() if field not in wrong}
        else:
            return usable


def faults_of(error: ValidationError) -> dict[str, str]:
    """For each field what is allowed; what concerns the whole names its field in front."""
    faults: dict[str, str] = {}
    for each in error.errors(include_url=False):
        path = [str(part) for part in each["loc"]]
        words = str(each.get("ctx", {}).get("error") or each["msg"])
        if path:
            faults.setdefault(".".join(path), _allowed(path, words if each["type"] == "value_error" else ""))
            continue
        for line in words.split("\n"):
            named, _, rest = line.partition(": ")
            known = named in _FIELDS
            faults.setdefault(named if known else "host", rest if known else line)
    return faults


_FIELDS = field_names(Profile)


def _allowed(path: Sequence[str], words: str) -> str:
    info = (field_names(Limits) if len(path) > 1 else _FIELDS).get(path[-1])
    said = allowed(info) if info is not None else ""
    # What is a number says so itself, with its limits.
    what = said if "number" in said or not words else words
    return f"allowed: {what}" if what else words


def merged(origin: Profile, values: Mapping[str, Any]) -> Values:
    """The values as a change of ``origin``: what the rows spell out and the profile leaves open stays open."""
    before, after = values_of(origin), dict(values)
    connection = origin.connection()
    mode = after.get("tls", suggested(values))
    # The two go together: what is left open of one follows from the other.
    same = mode == connection.tls_mode and after.get("port") == str(connection.port)
    for field in ("port", "tls"):
        if same:
            after.pop(field, None)
        if field in before and (same or (field == "tls" and mode == before["tls"])):
            after[field] = before[field]
    return after


def suggested(values: Mapping[str, Any]) -> TlsMode:
    """The TLS mode that the port stands for; a socket stands for none."""
    if values.get("socket"):
        return TlsMode.NONE
    port = str(values.get("port") or "")
    return tls_for_port(int(port)) if port.isdecimal() else TlsMode.OPPORTUNISTIC


def place(profile: Profile) -> str:
    """Where a profile leads, for titles and sentences."""
    connection = profile.connection()
    return f"the recipients' MX, port {connection.port}" if profile.host == ANY_HOST else connection.label


def target(values: Mapping[str, Any]) -> str:
    """Where values lead, as far as they are filled in."""
    host = str(values.get("host") or "MX")
    if ":" in host:
        host = f"[{host}]"
    return str(values.get("socket") or f"{host}:{values.get('port') or '…'}")


def absolute(values: Mapping[str, Any]) -> Values:
    """The same with whole paths: where they are kept, others would begin in another folder."""
    return {
        field: os.path.abspath(os.path.expanduser(value)) if field in _PATHS and value else value
        for field, value in values.items()
    }


_PATHS = frozenset({"ca_file", "client_cert", "client_key", "socket"})
