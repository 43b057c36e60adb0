"""Which addresses were seen already, and where: a million of them in some forty megabytes."""

import tempfile
from array import array
from types import TracebackType


class KnownKeys:
    """Remembers keys with the line they stand in.

    In memory is a table of hashes and of places in a file that has the keys, so two keys of the same hash are told
    apart by reading back. Python's hash of texts is keyed anew in each process: nobody can make collisions.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self._end = 0
        self._count = 0
        self._mask = (1 << 10) - 1
        self._hashes = array("q", bytes(8 << 10))
        self._places = array("q", bytes(8 << 10))

    def add(self, key: str, line: int) -> int | None:
        """Remember ``key``, unless it is known: then the line it was first seen in is returned."""
        wanted = hash(key)
        hashes, places, mask = self._hashes, self._places, self._mask
        slot = wanted & mask
        # A place is kept plus one: nought is an empty slot.
        while place := places[slot]:
            if hashes[slot] == wanted:
                known, first = self._entry(place - 1)
                if known == key:
                    return first
            slot = (slot + 1) & mask
        hashes[slot], places[slot] = wanted, self._end + 1
        octets = f"{line} {key}\n".encode()
        self._file.write(octets)
        self._end += len(octets)
        self._count += 1
        if self._count * 5 > mask * 3:
            self._grow()
        return None

    def close(self) -> None:
        """Forget all of them."""
        self._file.close()

    def __enter__(self) -> "KnownKeys":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _entry(self, place: int) -> tuple[str, int]:
        self._file.seek(place)
        line, _, key = self._file.readline().decode().rstrip("\n").partition(" ")
        self._file.seek(self._end)
        return key, int(line)

    def _grow(self) -> None:
        hashes, places = self._hashes, self._places
        size = (self._mask + 1) * 2
        self._mask = mask = size - 1
        self._hashes, self._places = array("q", bytes(8 * size)), array("q", bytes(8 * size))
        for wanted, place in zip(hashes, places, strict=True):
            if place:
                slot = wanted & mask
                while self._places[slot]:
                    slot = (slot + 1) & mask
                self._hashes[slot], self._places[slot] = wanted, place
