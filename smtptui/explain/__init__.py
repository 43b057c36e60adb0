"""What the words of the protocol mean: EHLO keywords, kinds of refusals, what a connection will do, what to do next."""

from smtptui.explain.advice import (
    LOOK_BEFORE_SENDING_AGAIN,
    after_lookup,
    after_no_connection,
    after_refusal,
    after_refused_login,
    after_silence,
    after_verification,
)
from smtptui.explain.forecast import Forecast, forecast_of
from smtptui.explain.keywords import Keyword, keyword, known_keywords, parameters_in_words
from smtptui.explain.refusals import asks_for_login, asks_for_tls, kind_of, too_many_recipients

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
