"""The tree in tiles is the same tree, however it grew."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.merkle import consistency, hash_of, includes, inclusion, only_grew, root_at, root_of
from services.audit.tiles import WIDTH, Place, TiledTree, TileSpoilt, grown, over

LEAVES: Final = [hash_of(number.to_bytes(4)) for number in range(WIDTH * WIDTH + 3 * WIDTH + 7)]


class Shelf:
    """Tiles by place, and how often one was read."""

    def __init__(self) -> None:
        self.tiles: dict[Place, Sequence[bytes]] = {}
        self.reads = 0

    def read(self, level: int, number: int) -> Sequence[bytes]:
        self.reads += 1
        return self.tiles.get((level, number), [])

    def grow(self, size: int, to: int) -> None:
        self.tiles |= grown(size, LEAVES[size:to], self.read)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    found = Shelf()
    found.grow(0, len(LEAVES))
    return found


@settings(max_examples=30)
@given(st.lists(st.integers(0, 1500), min_size=1, max_size=6))
def test_however_it_grows_the_tiles_are_the_same(sizes: list[int]) -> None:
    stops = sorted({0, *sizes})
    bit_by_bit, at_once = Shelf(), Shelf()
    for size, to in pairwise(stops):
        bit_by_bit.grow(size, to)
    at_once.grow(0, stops[-1])
    assert bit_by_bit.tiles == at_once.tiles
    assert root_at(stops[-1], TiledTree(at_once.read).subtree) == root_of(LEAVES[: stops[-1]])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_536, len(LEAVES)])
def test_roots_and_proofs_come_out_of_a_few_tiles(shelf: Shelf, size: int) -> None:
    shelf.reads = 0
    tree = TiledTree(shelf.read)
    root = root_at(size, tree.subtree)
    for index in {0, size // 2, size - 1}:
        assert includes(root, size, index, LEAVES[index], inclusion(index, size, tree.subtree))
    old = max(1, size // 3)
    path = consistency(old, size, tree.subtree)
    assert only_grew(old, root_of(LEAVES[:old]), size, root_of(LEAVES[:size]), path)
    assert root == root_of(LEAVES[:size])
    assert shelf.reads <= 12


def test_tiles_not_yet_written_lie_over_the_others(shelf: Shelf) -> None:
    changed = grown(len(LEAVES), [LEAVES[0]], shelf.read)
    tree = TiledTree(over(changed, shelf.read))
    assert root_at(len(LEAVES) + 1, tree.subtree) == root_of([*LEAVES, LEAVES[0]])


def test_a_tile_that_lacks_something_is_told() -> None:
    short = Shelf()
    short.grow(0, 300)
    short.tiles[0, 1] = short.tiles[0, 1][:-1]
    with pytest.raises(TileSpoilt) as told:
        grown(300, LEAVES[300:301], short.read)
    assert (told.value.level, told.value.number) == (0, 1)
    with pytest.raises(TileSpoilt):
        root_at(300, TiledTree(short.read).subtree)
