"""Counts and digests by interval of log positions: two sides agree where these do, in whatever order read.

A digest of an interval is a sum, so partitions may be read one after the other; there are some thousands of
intervals however long the log is.
"""

from collections import defaultdict
from hashlib import sha256
from typing import Final

MOST: Final = 4096
LEAST: Final = 1000
"""Positions in an interval, at the least: this many are held when one is looked into."""
_MODULUS: Final = 1 << 256


def width_for(head: int) -> int:
    """How many positions an interval has, for a log that ends there."""
    return max(LEAST, -(-head // MOST))


class Sums:
    """What one side says, interval by interval."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._counts: dict[int, int] = defaultdict(int)
        self._digests: dict[int, int] = defaultdict(int)

    def add(self, position: int, digest: bytes) -> None:
        """A fact: its place, and the digest of what is said of it."""
        number = position // self.width
        self._counts[number] += 1
        placed = int.from_bytes(sha256(position.to_bytes(8) + digest).digest())
        self._digests[number] = (self._digests[number] + placed) % _MODULUS

    def differing(self, other: "Sums") -> list[int]:
        """The intervals in which the other side says something else, the first one first."""
        ours, theirs = self.said, other.said
        return sorted(one for one in ours.keys() | theirs.keys() if ours.get(one) != theirs.get(one))

    @property
    def count(self) -> int:
        """How many facts there were."""
        return sum(self._counts.values())

    @property
    def intervals(self) -> int:
        """In how many intervals they lie."""
        return len(self._counts)

    @property
    def said(self) -> dict[int, tuple[int, int]]:
        """Interval → count and digest."""
        return {number: (count, self._digests[number]) for number, count in self._counts.items()}
