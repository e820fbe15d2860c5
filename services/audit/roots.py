"""A tree that grows, and its roots at the sizes that somebody asks for."""

from bisect import bisect_right
from collections.abc import Sequence

from services.audit.merkle import CompactRange, whole
from services.audit.tiles import HEIGHT, WIDTH


class Roots:
    """Takes leaves in order."""

    def __init__(self, sizes: Sequence[int]) -> None:
        """`sizes` in order."""
        self._sizes = sizes
        self._tree = CompactRange()
        self._roots: dict[int, bytes] = {0: self._tree.root}

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self._tree.size

    def copy(self) -> "Roots":
        """The same, to grow otherwise."""
        other = Roots(self._sizes)
        other._tree = CompactRange(self.size, self._tree.subtrees)
        other._roots = dict(self._roots)
        return other

    def take(self, leaves: Sequence[bytes], root: bytes | None = None) -> None:
        """Some more; a whole tile costs less, and least where somebody has its root."""
        start = self.size
        end = start + len(leaves)
        wanted = self._sizes[bisect_right(self._sizes, start) : bisect_right(self._sizes, end)]
        if len(leaves) == WIDTH and start % WIDTH == 0 and wanted in ([], [end]):
            self._tree.append(root or whole(leaves), HEIGHT)
        else:
            done = start
            for size in wanted:
                self._tree.extend(leaves[done - start : size - start])
                self._roots[size] = self._tree.root
                done = size
            self._tree.extend(leaves[done - start :])
        if wanted and wanted[-1] == end:
            self._roots[end] = self._tree.root

    def at(self, size: int) -> bytes | None:
        """The root it had at that size; None where it never had it, or nobody asked."""
        return self._roots.get(size)
