"""What the words of the protocol mean, from data files: the keywords of EHLO with their parameters."""

from smtptui.explain.forecast import Forecast, forecast_of
from smtptui.explain.keywords import KEYWORDS, MECHANISM_WORDS, Keyword, keyword, parameters_in_words

__all__ = ["KEYWORDS", "MECHANISM_WORDS", "Forecast", "Keyword", "forecast_of", "keyword", "parameters_in_words"]
