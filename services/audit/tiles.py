"""The tree in tiles of 256 hashes (C2SP tlog-tiles): few rows, and a proof reads one or two of each level.

Level 0 holds the leaves; level n + 1 the roots of the full tiles of level n.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from services.audit.merkle import whole

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT

Place = tuple[int, int]
"""(level, number)"""
ReadTile = Callable[[int, int], Sequence[bytes]]
"""(level, number) → its hashes, as many as there are; none where there is no such tile."""


class TileSpoilt(ValueError):
    """A tile holds fewer hashes than its tree needs."""

    def __init__(self, level: int, number: int) -> None:
        super().__init__(f"tile {level}/{number}")
        self.level = level
        self.number = number


class TiledTree:
    """The subtrees of a tree that lies in tiles; each tile is read once."""

    def __init__(self, read: ReadTile) -> None:
        self._read = read
        self._seen: dict[Place, Sequence[bytes]] = {}

    def subtree(self, height: int, number: int) -> bytes:
        """The root of a complete subtree. Raises TileSpoilt."""
        level, inner = divmod(height, HEIGHT)
        tile, first = divmod(number << inner, WIDTH)
        hashes = self.tile(level, tile)[first : first + (1 << inner)]
        if len(hashes) < 1 << inner:
            raise TileSpoilt(level, tile)
        return whole(hashes)

    def tile(self, level: int, number: int) -> Sequence[bytes]:
        """The hashes of one tile."""
        place = level, number
        if place not in self._seen:
            self._seen[place] = self._read(level, number)
        return self._seen[place]


def grown(size: int, leaves: Sequence[bytes], read: ReadTile) -> dict[Place, list[bytes]]:
    """The tiles that change when a tree of that size gets more leaves.

    Raises:
        TileSpoilt: what is there does not fit the size.
    """
    changed: dict[Place, list[bytes]] = {}
    level, start, coming = 0, size, list(leaves)
    while coming:
        first, within = divmod(start, WIDTH)
        before = list(read(level, first)) if within else []
        if len(before) != within:
            raise TileSpoilt(level, first)
        hashes = before + coming
        pieces = [hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH)]
        changed |= {(level, first + number): piece for number, piece in enumerate(pieces)}
        coming = [whole(piece) for piece in pieces if len(piece) == WIDTH]
        level, start = level + 1, first
    return changed


def over(changed: Mapping[Place, Sequence[bytes]], read: ReadTile) -> ReadTile:
    """Tiles as they will be when those that have changed are written."""
    return lambda level, number: changed[level, number] if (level, number) in changed else read(level, number)
