"""Reading and checking a list: time and memory at 10,000 and a million rows. ``python -m tests.bench.lists``."""

import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from smtptui.batch import address_column, check_rows, open_list

_DOMAINS = ("gmail.com", "yahoo.com", "outlook.com", "example.org", "gmial.com", *(f"d{n}.example" for n in range(500)))


def _write(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("email,name,city,amount\n")
        for row in range(rows):
            who = row if row % 50 else row // 2
            file.write(f"User.{who}@{_DOMAINS[who % len(_DOMAINS)]},Müller {row},Köln,{row}.50\n")


def _read(path: Path) -> None:
    began = time.perf_counter()
    with open_list(path) as reader:
        opened = time.perf_counter()
        rows = check_rows(reader, address_column(reader), len(reader.columns))
        states = Counter(one.state for one in rows)
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{states.total():>9,} rows: opened in {opened - began:.1f} s, checked in {ended - opened:.1f} s "
        f"({(ended - began) / states.total() * 1e6:.1f} µs a row), peak {peak:.0f} MiB; {dict(states)}"
    )


def main() -> None:
    """Write lists, and read each in a process of its own, whose peak of memory is its own."""
    if len(sys.argv) > 1:
        _read(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        for rows in (10_000, 1_000_000):
            path = Path(folder) / f"{rows}.csv"
            _write(path, rows)
            subprocess.run([sys.executable, "-m", "tests.bench.lists", str(path)], check=True)


if __name__ == "__main__":
    main()
