"""What the words of the protocol mean: EHLO keywords, kinds of refusals, what a connection will do, what to do next."""

import importlib
from typing import TYPE_CHECKING

from smtptui.explain.advice import (
    LOOK_BEFORE_SENDING_AGAIN,
    after_lookup,
    after_no_connection,
    after_refusal,
    after_refused_login,
    after_silence,
    after_verification,
)
from smtptui.explain.refusals import asks_for_login, asks_for_tls, kind_of, too_many_recipients

if TYPE_CHECKING:
    from smtptui.explain.forecast import Forecast, forecast_of
    from smtptui.explain.keywords import Keyword, keyword, known_keywords, parameters_in_words

__all__ = [
    "LOOK_BEFORE_SENDING_AGAIN",
    "Forecast",
    "Keyword",
    "after_lookup",
    "after_no_connection",
    "after_refusal",
    "after_refused_login",
    "after_silence",
    "after_verification",
    "asks_for_login",
    "asks_for_tls",
    "forecast_of",
    "keyword",
    "kind_of",
    "known_keywords",
    "parameters_in_words",
    "too_many_recipients",
]

# A session needs none of these, and starts without them.
_HOMES = {
    "forecast": ("Forecast", "forecast_of"),
    "keywords": ("Keyword", "keyword", "known_keywords", "parameters_in_words"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
