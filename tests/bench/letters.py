"""What the senders of the batch benchmark send: one letter, personalised, 10 KiB as text and HTML, and its list."""

import csv
from collections.abc import Iterator
from pathlib import Path

SENDER = "bench@good.test"
FIELDS = ("email", "name", "city", "plan", "amount", "due", "code", "contact", "phone", "tip")
_LINES = (
    "Dear {{ name }},",
    "thank you for the trust that you and everybody in {{ city }} have put into us through this long year.",
    "Your plan {{ plan }} goes on: {{ amount }} € are due on {{ due }}, your reference is {{ code }}.",
    "In case of questions {{ contact }} is there for you, also by telephone: {{ phone }}.",
    "Our tip for you: {{ tip }}. Grüße aus München, and do come and see us when you are near.",
)
_LONG = (
    "Whoever reads as far as this learns how we have become better: in the first half of the year we answered "
    "nine of ten letters on the day they came, repaired what was broken within three, and lost nothing at all. "
)


def text() -> str:
    """The text version, a template; Jinja2 and a plain replacement of ``{{ name }}`` make the same of it."""
    return "\n\n".join((*_LINES, *(_LONG for _ in range(12)), "List, Good Street 1, 80331 Good Town")) + "\n"


def html() -> str:
    """The HTML version."""
    rows = "".join(
        f'<tr style="border:1px solid #ddd"><td class="n">{number}</td>\n<td>{{{{ {name} }}}}</td></tr>\n'
        for number, name in enumerate(FIELDS[1:] * 3, 1)
    )
    body = "".join(f'<p style="margin:0 0 1em">{line}</p>\n' for line in (*_LINES, *(_LONG for _ in range(14))))
    return f"<!doctype html>\n<html>\n<body>\n{body}<table>\n{rows}</table>\n</body>\n</html>\n"


def rows(count: int) -> Iterator[dict[str, str]]:
    """The list, row by row."""
    for number in range(count):
        yield {
            "email": f"user{number}@good{number % 50}.test",
            "name": f"Jörg Nummer {number}",
            "city": f"Köln-{number % 97}",
            "plan": ("basic", "family", "office")[number % 3],
            "amount": f"{number % 90 + 10}.50",
            "due": f"2026-12-{number % 28 + 1:02}",
            "code": f"R{number:09}",
            "contact": f"Anna Ärmel {number % 7}",
            "phone": f"+49 89 {number % 9000 + 1000}",
            "tip": f"look at page {number % 300} of the handbook",
        }


def lay_out(folder: Path, count: int) -> None:
    """Write ``list.csv``, ``letter.txt`` and ``letter.html`` for smtptui, ``mailmerge.txt`` for mailmerge, and the
    bare ``text`` and ``html``."""
    with (folder / "list.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows(count))
    head = f"To: {{{{ email }}}}\nSubject: Your plan {{{{ plan }}}}, {{{{ name }}}}\nFrom: List <{SENDER}>\n"
    (folder / "letter.txt").write_text(f"{head}\n{text()}", "utf-8")
    (folder / "letter.html").write_text(html(), "utf-8")
    parts = "".join(
        f"--part\nContent-Type: text/{kind}; charset=utf-8\n\n{content}\n"
        for kind, content in (("plain", text()), ("html", html()))
    )
    multipart = f'{head}MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="part"\n\n{parts}--part--\n'
    (folder / "mailmerge.txt").write_text(multipart, "utf-8")
    (folder / "text").write_text(text(), "utf-8")
