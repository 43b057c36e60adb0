"""Shows a number as a spreadsheet does, by its format code (ECMA-376 part 1, 18.8.30 and 18.8.31), or refuses to."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import NoReturn

from smtptui.batch.lists.shown_dates import NotShown, Part, is_date, parse_date, show_date

GENERAL = "General"
BUILTIN = {
    0: GENERAL,
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)',
    8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "m/d/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yyyy h:mm",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
    42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}
"""Format codes that a workbook names by number alone, as Excel has them in US English."""
BY_COUNTRY = frozenset({5, 6, 7, 8, 14, 22, 42, 44})
"""Of these the dates and currencies that each computer shows as its country does."""
_INTEGER_DIGITS = 15
"""Digits that a spreadsheet keeps of a number."""
_GENERAL_WIDTH = 10
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<exponent>[Ee][+-])|(?P<word>AM/PM|A/P|[yYmMdDhHsS]+)|(?P<digit>[0#?])|(?P<sign>.)",
    re.DOTALL,
)
_COLOUR = re.compile(r"(?:black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]{1,2})", re.IGNORECASE)
_CURRENCY = re.compile(r"\$(?P<symbol>[^-\]]*)(?:-(?P<locale>[0-9A-Fa-f]+)(?:,\d+)?)?")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_PLAIN = frozenset("$-+/():!^&'~{}<>= .,%@;|")
"""ASCII signs that stand for themselves, or are looked at by those who read the parts."""
_ENGLISH = frozenset((0x09, 0x409, 0x809, 0xC09, 0x1009, 0x1409, 0x1809))


@dataclass(frozen=True, slots=True)
class Section:
    """One of the up to four parts of a format code, which are divided by semicolons."""

    parts: tuple[Part, ...]
    has_text: bool
    is_date: bool


def show(number: float, code: str, *, from_1904: bool = False) -> str:
    """The number as a cell of this format shows it in US English, however wide its column; raises NotShown."""
    value = _fifteen_digits(number)
    sections = _sections(code)
    numeric = [section for section in sections if not section.has_text]
    if not numeric:
        # A format for text: the number is shown as if it had none.
        return general(number) if code.strip() == "@" else _refused(code)
    if value < 0 and len(numeric) > 1:
        section, value = numeric[1], -value
    elif value == 0 and len(numeric) > 2:
        section = numeric[2]
    else:
        section = numeric[0]
    if section.is_date:
        if value < 0 or number < 0:
            raise NotShown("a date or time before the first one that a sheet has")
        return show_date(section.parts, number, from_1904=from_1904)
    if any(part.kind == "general" for part in section.parts):
        shown = "".join(general(float(value)) if part.kind == "general" else part.text for part in section.parts)
        return shown.strip()
    sign = "-" if value < 0 else ""
    return sign + _show_number(section.parts, abs(value), code) if section.parts else ""


def show_text(text: str, code: str) -> str:
    """A text as a cell of this format shows it; raises NotShown."""
    if "@" not in code and ";" not in code:
        return text
    sections = _sections(code)
    if sections[-1].has_text:
        shown = [text if part.kind == "sign" and part.text == "@" else part.text for part in sections[-1].parts]
        return "".join(shown)
    return "" if len(sections) == 4 else text


def general(number: float) -> str:
    """As the format General shows it; integers with all their digits, up to the 15 that a sheet keeps."""
    value = _fifteen_digits(number)
    if value == 0:
        return "0"
    if value == value.to_integral_value() and abs(value) < Decimal(10) ** _INTEGER_DIGITS:
        return str(value.to_integral_value().quantize(Decimal(1)))
    power = value.adjusted()
    if -5 < power < 0 or 0 <= power <= _GENERAL_WIDTH:
        places = max(0, _GENERAL_WIDTH - 1 - max(power, 0))
        shown = f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
        return shown.rstrip("0").rstrip(".") if "." in shown else shown
    mantissa = (value.scaleb(-power)).quantize(Decimal("0.00001"), ROUND_HALF_UP)
    if abs(mantissa) >= 10:
        mantissa, power = mantissa / 10, power + 1
    text = f"{mantissa:f}".rstrip("0").rstrip(".")
    return f"{text}E{'-' if power < 0 else '+'}{abs(power):02d}"


def _fifteen_digits(number: float) -> Decimal:
    try:
        value = Decimal(f"{number:.15g}")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise NotShown("a number that no sheet has")
    return value


@lru_cache(maxsize=500)
def _sections(code: str) -> tuple[Section, ...]:
    """The sections of a format code; raises NotShown if one has what is not shown here."""
    found: list[list[Part]] = [[]]
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup or "", match[match.lastgroup or 0]
        if kind == "sign" and text == ";":
            found.append([])
            continue
        found[-1].extend(_part(kind, text, code))
    if len(found) > 4:
        raise NotShown("a format with more than four sections")
    sections = []
    for parts in found:
        text = any(part.kind == "sign" and part.text == "@" for part in parts)
        date = is_date(parts)
        sections.append(Section(tuple(parse_date(parts) if date else parts), text, date))
    return tuple(sections)


def _part(kind: str, text: str, code: str) -> list[Part]:
    match kind:
        case "quoted" | "escaped":
            return [Part("text", text)] if text else []
        case "space":
            return [Part("text", " ")]
        case "fill":
            # It fills the column: in a text there is nothing to fill.
            return [] if text == " " else _refused(code)
        case "bracket":
            return _bracket(text, code)
        case "exponent":
            return _refused(code)
        case "sign":
            if text in _PLAIN or not text.isascii():
                return [Part("sign", text)]
            return _refused(code)
        case _:
            return [Part(kind, text)]


def _bracket(text: str, code: str) -> list[Part]:
    if _COLOUR.fullmatch(text):
        return []
    if _ELAPSED.fullmatch(text):
        return [Part("elapsed", text.lower())]
    currency = _CURRENCY.fullmatch(text)
    if currency is None:
        return _refused(code)
    locale = int(currency["locale"] or "409", 16)
    if currency["symbol"]:
        # The locale is that of the symbol, and changes nothing of the digits.
        return [Part("text", currency["symbol"])] if locale <= 0xFFFF else _refused(code)
    # Names of months and days would be in another language, or the form be that of the computer.
    return [] if locale in _ENGLISH else [Part("locale", text)] if locale < 0xF000 else _refused(code)


def _refused(code: str) -> NoReturn:
    raise NotShown(f"the format {code}")


def _show_number(parts: tuple[Part, ...], value: Decimal, code: str) -> str:
    if any(part.kind == "sign" and part.text in "/@" for part in parts) and any(part.kind == "digit" for part in parts):
        _refused(code)
    places = [at for at, part in enumerate(parts) if part.kind == "digit"]
    if not places:
        return "".join(part.text for part in parts if part.kind != "locale").strip()
    point = next((at for at, part in enumerate(parts) if part.kind == "sign" and part.text == "."), None)
    last_whole = max((at for at in places if point is None or at < point), default=None)
    grouped, scale, dropped = False, 0, set()
    for at, part in enumerate(parts):
        if part.kind == "sign" and part.text == ",":
            dropped.add(at)
            if last_whole is not None and places[0] < at < last_whole:
                grouped = True
            elif any(_commas(parts, place + 1, at) for place in (last_whole, places[-1]) if place is not None):
                scale += 1
            else:
                _refused(code)
    percent = sum(part.kind == "sign" and part.text == "%" for part in parts)
    decimals = [at for at in places if point is not None and at > point]
    value = value.scaleb(2 * percent - 3 * scale).quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    whole, _, fraction = f"{value:f}".partition(".")
    if whole == "0":
        whole = ""
    shown = _whole(parts, [at for at in places if at not in decimals], whole, grouped)
    shown |= _fraction(parts, decimals, fraction)
    return "".join(
        shown.get(at, "" if at in dropped or part.kind == "locale" else part.text) for at, part in enumerate(parts)
    ).strip()


def _commas(parts: tuple[Part, ...], begin: int, end: int) -> bool:
    """Whether only commas stand there: behind the last digit each divides by a thousand."""
    return begin <= end and all(part.kind == "sign" and part.text == "," for part in parts[begin : end + 1])


def _whole(parts: tuple[Part, ...], places: list[int], digits: str, grouped: bool) -> dict[int, str]:
    """What stands at each place of the integer part, filled from the right; what is left goes to the first one."""
    shown: dict[int, str] = {}
    count = 0
    for number, at in enumerate(reversed(places), 1):
        taken = digits if number == len(places) else digits[-1:]
        digits = digits[: len(digits) - len(taken)]
        if not taken:
            taken = {"0": "0", "?": " ", "#": ""}[parts[at].text]
        text = ""
        for digit in reversed(taken):
            if grouped and count and count % 3 == 0 and digit != " ":
                text = f",{text}"
            text = digit + text
            count += 1
        shown[at] = text
    if not places:
        return {}
    return shown


def _fraction(parts: tuple[Part, ...], places: list[int], digits: str) -> dict[int, str]:
    shown: dict[int, str] = {}
    significant = len(digits.rstrip("0"))
    for number, at in enumerate(places):
        empty = number >= significant and all(parts[each].text != "0" for each in places[number:])
        shown[at] = {"?": " "}.get(parts[at].text, "") if empty else digits[number]
    return shown
