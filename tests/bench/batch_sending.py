"""A peer sending the letter, in a process of its own: ``python -m tests.bench.batch_sending KIND PORT LANES FOLDER``.

KIND is ``aiosmtplib`` (stock, ``send_message``), ``smtplib`` (one connection) or ``naive``: aiosmtplib with a commit
for each message, as somebody writes who wants to know what was sent. All render with Jinja2, as their users do.
"""

import asyncio
import contextlib
import csv
import smtplib
import sqlite3
import sys
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import aiosmtplib
import jinja2

from tests.bench.letters import SENDER

Row = dict[str, str]


def maker(folder: Path) -> Callable[[Row], EmailMessage]:
    """What makes a row's message."""
    text, html = (jinja2.Template((folder / name).read_text("utf-8")) for name in ("text", "letter.html"))

    def make(row: Row) -> EmailMessage:
        message = EmailMessage()
        message["To"] = row["email"]
        message["From"] = f"List <{SENDER}>"
        message["Subject"] = f"Your plan {row['plan']}, {row['name']}"
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="bench.test")
        message.set_content(text.render(row))
        message.add_alternative(html.render(row), subtype="html")
        return message

    return make


async def concurrently(
    port: int, rows: Sequence[Row], connections: int, make: Callable[[Row], EmailMessage], sent: Callable[[Row], None]
) -> None:
    """Send over as many connections at once."""

    async def one(share: Sequence[Row]) -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, local_hostname="bench.test")
        await client.connect()
        for row in share:
            await client.send_message(make(row))
            sent(row)
        await client.quit()

    async with asyncio.TaskGroup() as group:
        for start in range(connections):
            group.create_task(one(rows[start::connections]))


def main() -> None:
    """Send."""
    kind, port, connections, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    with (folder / "list.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    make = maker(folder)
    if kind == "smtplib":
        with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.test") as client:
            for row in rows:
                client.send_message(make(row))
    elif kind == "aiosmtplib":
        asyncio.run(concurrently(port, rows, connections, make, lambda row: None))
    else:
        with contextlib.closing(sqlite3.connect(folder / "naive.sqlite")) as journal:
            journal.execute("CREATE TABLE sent (address TEXT PRIMARY KEY)")

            def note(row: Row) -> None:
                journal.execute("INSERT INTO sent VALUES (?)", (row["email"],))
                journal.commit()

            asyncio.run(concurrently(port, rows, connections, make, note))


if __name__ == "__main__":
    main()
