"""Amounts as people type them: ``10/s``, ``4d``, ``2%``, ``1/3``."""

import re

from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind

_PER = {"s": "per_second", "m": "per_minute", "h": "per_hour"}
_WORDS = {"s": "s", "sec": "s", "second": "s", "m": "m", "min": "m", "minute": "m", "h": "h", "hour": "h"}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,6})?)"


def read_rate(text: str, option: str) -> tuple[str, float]:
    """``10/s`` as ``per_second`` and 10, so for minute, hour; raises :class:`BatchError` that names ``option``."""
    match = re.fullmatch(rf"{_NUMBER}\s*/\s*([a-z]+)", text.strip().lower())
    unit = _WORDS.get(match[2]) if match else None
    if match is None or unit is None or not float(match[1]):
        raise _usage(f"{option} {text!r} is no rate: write a number above 0 and the time, as in 10/s, 300/m or 2000/h.")
    return _PER[unit], float(match[1])


def read_duration(text: str, option: str) -> float:
    """``90m``, ``12h`` or ``4d`` in seconds; raises :class:`BatchError` that names ``option``."""
    match = re.fullmatch(rf"{_NUMBER}\s*([smhd])", text.strip().lower())
    if match is None or not float(match[1]):
        raise _usage(f"{option} {text!r} is no time: write a number above 0 and its unit, as in 90m, 12h or 4d.")
    return float(match[1]) * _SECONDS[match[2]]


def read_share(text: str, option: str) -> float:
    """``2`` or ``2%`` as 0.02; raises :class:`BatchError` that names ``option``."""
    match = re.fullmatch(rf"{_NUMBER}\s*%?", text.strip())
    if match is None or float(match[1]) > 100:
        raise _usage(f"{option} {text!r} is no share: write percent, as in 2 or 0.5%.")
    return float(match[1]) / 100


def read_shard(text: str) -> tuple[int, int]:
    """``2/3`` as 2 and 3; raises :class:`BatchError`."""
    match = re.fullmatch(r"([0-9]{1,6})\s*/\s*([0-9]{1,6})", text.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise _usage(f"--shard {text!r} is no part: write K/N, as in 1/3, 2/3 and 3/3 on three machines.")
    return int(match[1]), int(match[2])


def _usage(sentence: str) -> BatchError:
    return BatchError(BatchErrorKind.USAGE, sentence)
