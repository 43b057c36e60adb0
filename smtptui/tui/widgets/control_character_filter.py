"""The last gate before the terminal: what no widget may let through is taken out of every line that is painted.

Text from servers and files is made visible where it is shown, so there should be nothing left to take. A field that
holds what a file says, such as the subject of a draft, shows it as it is; Textual would pass an escape on.
"""

import re

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

# C0, DEL and C1; what turns the order of letters round, so that one host could look like another; surrogates, which
# cannot even be written.
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class ControlCharacterFilter(LineFilter):
    """Takes control characters out; the rest stays where it is."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, nearly always the same ones."""
        if not any(_HARMFUL.search(segment.text) for segment in segments):
            return segments
        return [Segment(_HARMFUL.sub(_instead, segment.text), segment.style, segment.control) for segment in segments]


def _instead(match: re.Match[str]) -> str:
    # As wide as Textual took it for.
    return "\N{REPLACEMENT CHARACTER}" if cell_len(match[0]) else ""
