"""Breaks what a reader reads, at random, and looks whether it fails otherwise than it says; also as a command:

python -m tests.fuzz.fuzzing READER SECONDS [SEED]
"""

import random
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from cryptography.utils import CryptographyDeprecationWarning

from tests.fuzz.readers import READERS, Reader

CORPUS = Path(__file__).parent / "corpus"
LARGEST = 200_000
"""Bytes of an input: enough for whatever grows faster than the input to be seen."""
PATIENCE_S = 10.0
"""Seconds of computing for one input: no reader needs more than a few for so few bytes, however busy the machine."""
ODD = (
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\t",
    b" ",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"\x1b[2J",
    b"\x7f",
    b"\xf4\x8f\xbf\xbf",
    b"-1",
    b"0",
    b"99999999999999999999999",
    b"1e999",
    b"NaN",
    b"%",
    b"%s",
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b"<",
    b">",
    b'"',
    b"'",
    b"\\",
    b"=",
    b"*",
    b"&",
    b";",
    b":",
    b",",
    b"''",
    b"\\ud800",
    b"\\u0000",
    b"=?utf-8?q?=00?=",
    b"*0*=''",
    b"*=utf-8''a",
    b"*=x",
    b"\xd9\xa3",
    b"\xc2\xb2",
)


def corpus(name: str) -> list[bytes]:
    """What is broken, and what once broke: the files of a reader."""
    return [path.read_bytes() for path in sorted((CORPUS / name.replace(" ", "_")).iterdir())]


def broken(seeds: list[bytes], reader: Reader, chance: random.Random) -> bytes:
    """One of the seeds with a few changes."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 10))):
        at = chance.randrange(len(data) + 1)
        to = min(len(data), at + chance.choice((1, 2, 4, 8, 40, 200)))
        match chance.randrange(9):
            case 0:
                del data[at:to]
            case 1 if data:
                data[at % len(data)] ^= 1 << chance.randrange(8)
            case 2 if data:
                data[at % len(data)] = chance.randrange(256)
            case 3:
                data[at:at] = data[at:to]
            case 4:
                other = chance.choice(seeds)
                begin = chance.randrange(len(other) + 1)
                data[at:to] = other[begin : begin + chance.choice((4, 20, 100, 1000))]
            case 5 if chance.random() < 0.05:
                piece = bytes(data[at:to]) or chance.choice(ODD)
                data[at:at] = piece * min(chance.choice((10, 100, 1000, 20_000)), LARGEST // len(piece))
            case 6 | 7:
                data[at:at] = chance.choice(ODD)
            case _:
                data[at:at] = chance.choice(reader.words or ODD)
    return bytes(data[:LARGEST])


def failure(reader: Reader, data: bytes) -> str:
    """How reading fails otherwise than it may; empty if all is well."""
    try:
        with _patience(), warnings.catch_warnings():
            warnings.simplefilter("error")
            # A certificate with a serial number that is none still has something to show.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            reader.read(data)
    except reader.raises as error:
        if not str(error) or "\x1b" in str(error):
            return f"a sentence that is empty or acts on a terminal: {str(error)!r}"
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return "".join(traceback.format_exception(error)[-12:])
    return ""


class TooSlow(BaseException):
    """Reading took longer than anybody waits; nothing that is read may catch it."""


@contextmanager
def _patience() -> Iterator[None]:
    def end(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def fuzz(name: str, seconds: float, seed: int, *, most: int | None = None) -> tuple[int, list[tuple[bytes, str]]]:
    """Read broken inputs for so long; how many there were, and those that failed, one for each way to fail."""
    reader, seeds, chance = READERS[name], corpus(name), random.Random(seed)
    found: dict[str, tuple[bytes, str]] = {}
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until and (most is None or count < most):
        data = broken(seeds, reader, chance)
        count += 1
        if words := failure(reader, data):
            how = "\n".join(line for line in words.splitlines() if "File " in line)[-300:] or words[:100]
            if how not in found or len(data) < len(found[how][0]):
                found[how] = data, words
    return count, list(found.values())


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    name = sys.argv[1]
    tried, failures = fuzz(name, float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{name}: {tried} inputs, {len(failures)} failures, {memory} MB")
    for data, words in failures:
        print(f"--- {len(data)} bytes: {data[:400]!r}\n{words}")
