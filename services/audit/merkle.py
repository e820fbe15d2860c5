"""The record as one Merkle tree (RFC 6962): whatever is changed in it shows in one hash at its top.

One leaf for each stored event, in order of commit. Its entry is four fields, each as four bytes of length
(big-endian) and then its bytes:

    originator id   16   the UUID's raw bytes
    version          8   unsigned, big-endian
    topic            …   the wire name in UTF-8
    state            …   the stored bytes: meta, newline, data

leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right), no leaves = SHA-256(). The notification
id is no part of it: it has gaps. A checkpoint signs that of its last leaf.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final
from uuid import UUID

EMPTY: Final = sha256().digest()
"""The root of a tree without leaves."""
HASH: Final = 32  # bytes

Subtree = Callable[[int, int], bytes]
"""(height, number) → the root of the leaves from number · 2^height on, 2^height of them, which all exist."""


def leaf_hash(stream: UUID, version: int, topic: str, state: bytes) -> bytes:
    """One stored event's leaf, 32 bytes."""
    hashed = (
        b"\x00\x00\x00\x00\x10",  # that it is a leaf, and the first field's length
        stream.int.to_bytes(16),
        b"\x00\x00\x00\x08",
        version.to_bytes(8),
        _measured(topic),
        len(state).to_bytes(4),
        state,
    )
    return sha256(b"".join(hashed)).digest()


@lru_cache(maxsize=256)  # there are fewer wire names
def _measured(topic: str) -> bytes:
    """A topic's bytes behind their length."""
    name = topic.encode()
    return len(name).to_bytes(4) + name


def hash_of(data: bytes) -> bytes:
    """The leaf of an entry, whatever it says."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Two neighbours' parent."""
    return sha256(b"\x01" + left + right).digest()


def whole(hashes: Sequence[bytes]) -> bytes:
    """The root of a complete subtree: of 1, 2, 4, 8 … neighbours."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


class CompactRange:
    """The first leaves of a tree, kept as the roots of its complete subtrees, the largest first."""

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        """Raises ValueError when these are not as many subtrees as that size has."""
        self.size = size
        self.subtrees = list(subtrees)
        if len(self.subtrees) != size.bit_count():
            raise ValueError(f"{size} leaves have {size.bit_count()} subtrees, not {len(self.subtrees)}")

    def append(self, leaf: bytes, height: int = 0) -> None:
        """One leaf more, or 2^height of them at once, by their root.

        Raises:
            ValueError: a subtree of that height does not begin here.
        """
        grown, size = leaf, self.size >> height
        if size << height != self.size:
            raise ValueError(f"no subtree of height {height} begins at {self.size}")
        while size & 1:
            grown = node_hash(self.subtrees.pop(), grown)
            size >>= 1
        self.subtrees.append(grown)
        self.size += 1 << height

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Some more."""
        for leaf in leaves:
            self.append(leaf)

    @property
    def root(self) -> bytes:
        """The hash at the top."""
        return _joined(self.subtrees)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of all these leaves."""
    tree = CompactRange()
    tree.extend(leaves)
    return tree.root


def peaks(size: int) -> list[tuple[int, int]]:
    """(height, number) of the complete subtrees of the first `size` leaves, the largest first."""
    return _cover(0, size)


def left_of(index: int, subtree: Subtree) -> list[bytes]:
    """The subtrees left of an index: with them a `CompactRange` goes on from there."""
    return [subtree(*peak) for peak in peaks(index)]


def root_at(size: int, subtree: Subtree) -> bytes:
    """What the root was when the tree had that many leaves."""
    return _joined(left_of(size, subtree))


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The audit path of a leaf in the tree of that size (RFC 6962, 2.1.1), the lowest first.

    Raises:
        IndexError: that tree has no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(index)
    begin, end, path = 0, size, list[bytes]()
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(begin, middle, subtree))
            begin = middle
    return path[::-1]


def consistency(old: int, size: int, subtree: Subtree) -> list[bytes]:
    """That a tree only grew (RFC 6962, 2.1.2), the lowest first.

    Raises:
        IndexError: the older one is empty, or not the smaller one.
    """
    if not 0 < old <= size:
        raise IndexError(old)
    begin, end, path = 0, size, list[bytes]()
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(begin, middle, subtree))
            begin = middle
    if begin:  # else the older root is itself what is left
        path.append(_range_root(begin, end, subtree))
    return path[::-1]


def includes(root: bytes, size: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path leads from that leaf to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, found = index, size - 1, leaf
    for step in path:
        if not last:
            return False
        if number & 1 or number == last:
            found = node_hash(step, found)
            number, last = _up_from_right(number, last)
        else:
            found = node_hash(found, step)
        number, last = number >> 1, last >> 1
    return not last and found == root


def only_grew(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path shows the older tree to be the beginning of the newer (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_root == root
    steps = [old_root, *path] if not old & (old - 1) else list(path)
    if not steps:
        return False
    number, last = old - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if number & 1 or number == last:
            before, after = node_hash(step, before), node_hash(step, after)
            number, last = _up_from_right(number, last)
        else:
            after = node_hash(after, step)
        number, last = number >> 1, last >> 1
    return not last and before == old_root and after == root


def _joined(subtrees: Sequence[bytes]) -> bytes:
    if not subtrees:
        return EMPTY
    *larger, found = subtrees
    for one in reversed(larger):
        found = node_hash(one, found)
    return found


def _split(count: int) -> int:
    """The largest power of two below it."""
    return 1 << (count - 1).bit_length() - 1


def _cover(begin: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees that make up a range whose beginning is one's of its size."""
    found: list[tuple[int, int]] = []
    while begin < end:
        height = (end - begin).bit_length() - 1
        found.append((height, begin >> height))
        begin += 1 << height
    return found


def _range_root(begin: int, end: int, subtree: Subtree) -> bytes:
    return _joined([subtree(*one) for one in _cover(begin, end)])


def _up_from_right(number: int, last: int) -> tuple[int, int]:
    """A right edge without a left neighbour goes up unchanged."""
    while number and not number & 1:
        number, last = number >> 1, last >> 1
    return number, last
