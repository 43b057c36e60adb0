"""How fast a batch may go: what was asked for, what the profile allows, and gentle defaults for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from smtptui.batch.pacing.hours import Hours
from smtptui.batch.settings import LimitSettings, Shard
from smtptui.profiles import Limits as ProfileLimits


class Origin(StrEnum):
    """Who said a limit, in words that follow it."""

    DEFAULT = "the default for a relay nobody has said more about"
    PROFILE = "as the profile says"
    ASKED = "as asked for"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one run. None is no limit."""

    connections: int = 2
    messages_per_connection: int = 100
    per_second: float | None = None
    per_minute: float | None = None
    per_hour: float | None = None
    per_day: int | None = None
    """Recipients of the account in any 24 hours; reserved outside, see :meth:`Pacer.allow`."""
    hours: Hours | None = None
    destination_connections: int | None = None
    """Messages on their way to one destination at a time."""
    destination_per_minute: float | None = None
    canary: int = 20
    """Recipients of the first wave; 0 is no waves."""
    wave_factor: float = 3.0
    max_failed: float = 0.05
    """Share of refused recipients above which the batch pauses."""
    max_deferred: float = 0.1
    """Share of recipients put off, but for greylisting, above which a wave is the last one."""
    max_age: float = 86400.0
    """Seconds after its first attempt at which a deferred recipient has failed."""
    same_in_a_row: int = 10
    """Refusals in the same words, one after another, at which the batch pauses."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """Who said a limit, by its name; the default for those that are absent."""
    shards: int = 1
    """Machines that share these limits; they are divided already."""

    def origin(self, name: str) -> str:
        """Who said it, and for how many machines."""
        said = str(self.origins.get(name, Origin.DEFAULT))
        return f"{said}, divided by {self.shards} machines" if self.shards > 1 else said


_OF_PROFILES = ("per_minute", "per_day", "connections", "messages_per_connection")
_SHARED_RATES = ("per_second", "per_minute", "per_hour", "destination_per_minute")
_SHARED_COUNTS = ("connections", "per_day", "destination_connections", "canary")


def limits_of(settings: LimitSettings, profile: ProfileLimits | None = None, shard: Shard | None = None) -> Limits:
    """The limits of a run; raises :class:`HoursError`.

    Options say more than the profile, and the profile more than the defaults. With a shard, what the machines share
    is divided among them: rates evenly, counts so that they add up; but each may have one connection, and one
    recipient a day.
    """
    merged: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    defaults = LimitSettings()
    for name in LimitSettings.model_fields:
        value = getattr(settings, name)
        known = getattr(profile, name, None) if name in _OF_PROFILES else None
        if known is not None and value in (None, known, getattr(defaults, name)):
            value, origins[name] = known, Origin.PROFILE
        elif value is not None and value != getattr(defaults, name):
            origins[name] = Origin.ASKED
        if value is not None:
            merged[name] = value
    if isinstance(merged.get("hours"), str):
        merged["hours"] = Hours.parse(merged["hours"])
    if shard is not None and shard.of > 1:
        for name in _SHARED_RATES:
            if name in merged:
                merged[name] /= shard.of
        for name in _SHARED_COUNTS:
            count = merged.get(name, getattr(_DEFAULTS, name))
            if count:
                merged[name] = max(1, count // shard.of + (shard.number <= count % shard.of))
    return Limits(**merged, origins=origins, shards=shard.of if shard is not None else 1)


_DEFAULTS = Limits()
