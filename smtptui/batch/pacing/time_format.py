"""Moments and amounts in words, as somebody reads them who looks how a batch is doing."""

from datetime import datetime, timedelta, tzinfo

_PER = {1.0: "a second", 60.0: "a minute", 3600.0: "an hour"}


def local(at: float, zone: tzinfo | None = None) -> datetime:
    """A time since the epoch by the clock of a place, or of this machine."""
    return datetime.fromtimestamp(at, zone) if zone is not None else datetime.fromtimestamp(at).astimezone()


def moment(at: float, now: float, zone: tzinfo | None = None) -> str:
    """``14:05`` today, ``Thu 08:00`` within a week, else with the date; seconds where it is that near."""
    then, here = local(at, zone), local(now, zone)
    if 0 <= at - now < 60:
        return f"{then:%H:%M:%S}"
    if at != int(at // 60) * 60:
        # Never a minute too early: who looks at that time should see it go on.
        then += timedelta(minutes=1)
    if then.date() == here.date():
        return f"{then:%H:%M}"
    if abs(at - now) < 6 * 86400:
        return f"{then:%a %H:%M}"
    return f"{then:%Y-%m-%d %H:%M}"


def amount(value: float) -> str:
    """A number without a needless fraction."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"


def rate_words(cap: float, window: float) -> str:
    """``30 a minute``."""
    return f"{amount(cap)} {_PER[window]}"
