"""A profile as a form holds it: texts by field, as in the file, not necessarily complete or right."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from smtptui.profiles import Profile
from smtptui.protocol import TlsMode, tls_for_port

Values = dict[str, Any]
"""Fields as in ``profiles.yaml``: texts, and booleans; limits below ``limits``. An absent field has its default."""

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
    values: Values = profile.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    values.pop("name", None)
    return _texts(values)


def profile_of(values: Mapping[str, Any], name: str = UNNAMED, *, any_host: bool = False) -> Profile:
    """The profile; raises :class:`ProfileFault`. With ``any_host`` it needs neither host nor socket."""
    given = {"name": name, **values}
    if any_host and not given.get("host") and not given.get("socket"):
        given["host"] = ANY_HOST
    try:
        return Profile.model_validate(given)
    except ValidationError as error:
        raise ProfileFault(faults_of(error)) from error


def faults_of(error: ValidationError) -> dict[str, str]:
    """Each fault by its field; what concerns the whole names its field in front."""
    faults: dict[str, str] = {}
    for each in error.errors(include_url=False):
        field = ".".join(str(part) for part in each["loc"])
        message = each["msg"].removeprefix("Value error, ")
        if not field:
            named, _, rest = message.partition(": ")
            if named in Profile.model_fields:
                field, message = named, rest
            else:
                field = next((known for word, known in _SAID_AS.items() if message.startswith(word)), "host")
        faults.setdefault(field, message)
    return faults


_SAID_AS = {"EHLO": "ehlo", "SNI": "sni", "a client key": "client_cert", "timeout": "timeout"}
"""How a connection begins when it complains of a field."""


def merged(origin: Profile, values: Mapping[str, Any]) -> Values:
    """The values as a change of ``origin``: what the rows spell out and the profile leaves open stays open."""
    before, after = values_of(origin), dict(values)
    connection = origin.connection()
    if "port" not in before and after.get("port") == str(connection.port):
        after.pop("port")
    mode = after.get("tls", suggested(values))
    if mode == connection.tls_mode:
        after.pop("tls", None)
        if "tls" in before:
            after["tls"] = before["tls"]
    return after


def suggested(values: Mapping[str, Any]) -> TlsMode:
    """The TLS mode that the port stands for."""
    port = str(values.get("port") or "")
    return tls_for_port(int(port)) if port.isdecimal() else TlsMode.OPPORTUNISTIC


def logs_in(profile: Profile) -> bool:
    """Whether somebody logs in."""
    return profile.auth != "off" and bool(profile.user or profile.client_cert or profile.auth == "EXTERNAL")


def _texts(values: Mapping[str, Any]) -> Values:
    return {
        field: _texts(value)
        if isinstance(value, dict)
        else value
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
        for field, value in values.items()
    }
